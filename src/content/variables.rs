//! What a text about each kind can name.

use Variable::*;

use crate::domain::kind::Kind;

/// A value that phrases and a tenant's own texts can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// Who gets it; the name may be empty.
    Client,
    Tenant,
    /// The service's name, or the session's activity.
    Service,
    Location,
    Bring,
    /// The start: a moment.
    When,
    /// Who cancelled: `client` or `staff`.
    By,
    Reason,
    /// The start before it was moved: a moment.
    MovedFrom,
    /// Whether the tenant has still to agree to the booking.
    AwaitsConfirmation,
    /// Whether the session was called off because too few registered.
    TooFew,
    /// Whether the session was called off; it began otherwise.
    Cancelled,
    /// Until when one can answer, cancel freely or use the link: a moment.
    Until,
    /// Whether several were offered the seat.
    Shared,
    /// Whether the seat has gone to somebody else.
    PassedOn,
    /// Whether the client accepted an offer.
    Accepted,
    /// Money, as the language writes it.
    Amount,
    /// The payment's reference.
    Payment,
    /// Whether it is charged without asking.
    Direct,
    Description,
    /// What the client has left.
    Balance,
    Link,
    /// Whether no email goes to an address that is not proved.
    Required,
    Title,
    Body,
    /// A moment.
    LastVisit,
}

/// What a moment can be asked for.
pub(super) const MOMENT_FIELDS: [&str; 6] = ["full", "brief", "short", "date", "time", "weekday"];
/// What a client can be asked for.
pub(super) const CLIENT_FIELDS: [&str; 2] = ["name", "first_name"];
/// What a tenant can be asked for.
pub(super) const TENANT_FIELDS: [&str; 1] = ["name"];

impl Variable {
    /// Every variable, in the order of the documentation.
    pub const ALL: [Variable; 26] = [
        Client,
        Tenant,
        Service,
        Location,
        Bring,
        When,
        MovedFrom,
        Until,
        By,
        Reason,
        AwaitsConfirmation,
        TooFew,
        Cancelled,
        Shared,
        PassedOn,
        Accepted,
        Amount,
        Payment,
        Direct,
        Description,
        Balance,
        Link,
        Required,
        Title,
        Body,
        LastVisit,
    ];

    /// The name in a text.
    pub fn name(self) -> &'static str {
        match self {
            Client => "client",
            Tenant => "tenant",
            Service => "service",
            Location => "location",
            Bring => "bring",
            When => "when",
            By => "by",
            Reason => "reason",
            MovedFrom => "moved_from",
            AwaitsConfirmation => "awaits_confirmation",
            TooFew => "too_few",
            Cancelled => "cancelled",
            Until => "until",
            Shared => "shared",
            PassedOn => "passed_on",
            Accepted => "accepted",
            Amount => "amount",
            Payment => "payment",
            Direct => "direct",
            Description => "description",
            Balance => "balance",
            Link => "link",
            Required => "required",
            Title => "title",
            Body => "body",
            LastVisit => "last_visit",
        }
    }

    /// What can stand behind its name and a point.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Client => &CLIENT_FIELDS,
            Tenant => &TENANT_FIELDS,
            When | MovedFrom | Until | LastVisit => &MOMENT_FIELDS,
            _ => &[],
        }
    }

    /// The field that is meant where the name stands alone: `client` is `client.name`.
    pub fn alone(self) -> Option<&'static str> {
        matches!(self, Client | Tenant).then_some("name")
    }

    /// Whether it is an instant, of which one must say how it is to be written.
    pub fn is_moment(self) -> bool {
        matches!(self, When | MovedFrom | Until | LastVisit)
    }

    /// Whether it is only to be asked, not to be printed.
    pub fn is_condition(self) -> bool {
        matches!(
            self,
            AwaitsConfirmation
                | TooFew
                | Cancelled
                | Shared
                | PassedOn
                | Accepted
                | Direct
                | Required
        )
    }
}

/// What a text about this kind can name.
pub(super) fn variables(kind: Kind) -> &'static [Variable] {
    match kind {
        Kind::BookingPending => &[Client, Tenant, Service, Location, When, Link],
        Kind::BookingConfirmed | Kind::BookingReminder => {
            &[Client, Tenant, Service, Location, Bring, When, Link]
        }
        Kind::BookingDeclined => &[Client, Tenant, Service, Location, When, Reason],
        Kind::BookingCancelled => &[Client, Tenant, Service, Location, When, By, Reason],
        Kind::BookingRescheduled => {
            &[Client, Tenant, Service, Location, When, MovedFrom, AwaitsConfirmation, Link]
        }
        Kind::SessionCancelled => &[Client, Tenant, Service, Location, When, By, Reason, TooFew],
        Kind::QueueOffered => &[Client, Tenant, Service, Location, When, Until, Shared, Link],
        Kind::QueueExpired => &[Client, Tenant, Service, Location, When, Until, Shared, PassedOn],
        Kind::QueueAccepted => &[Client, Tenant, Service, Location, When, Accepted],
        Kind::QueueClosed => &[Client, Tenant, Service, Location, When, Cancelled, Reason],
        Kind::AttendanceCheck => &[Client, Tenant, Service, Location, When, Until, Link],
        Kind::PaymentRequested => &[Client, Tenant, Amount, Reason, Payment, Direct, Link],
        Kind::PaymentReceipt => &[Client, Tenant, Amount, Reason, Payment, Direct],
        Kind::SaleRecorded => &[Client, Tenant, Description, Amount, Balance],
        Kind::AccountWelcome => &[Client, Tenant],
        Kind::AccountPasswordReset | Kind::AccountMagicLink => &[Client, Tenant, Link, Until],
        Kind::AccountVerifyEmail => &[Client, Tenant, Link, Until, Required],
        Kind::ReviewRequested => &[Client, Tenant, Service, Location, When, Link],
        Kind::NoticeManual | Kind::InboxMessage | Kind::InboxBoard => {
            &[Client, Tenant, Title, Body]
        }
        Kind::ClientWinBack => &[Client, Tenant, LastVisit],
        Kind::StaffBookingRequested => {
            &[Client, Tenant, Service, Location, When, AwaitsConfirmation]
        }
        Kind::StaffBookingCancelled => &[Client, Tenant, Service, Location, When, Reason],
        Kind::StaffQueueJoined | Kind::StaffQueueAccepted => {
            &[Client, Tenant, Service, Location, When]
        }
        Kind::StaffPaymentAccepted | Kind::StaffPaymentDeclined => {
            &[Client, Tenant, Amount, Reason, Payment]
        }
    }
}

/// Whether messages of this kind can have a link.
pub(super) fn has_link(kind: Kind) -> bool {
    variables(kind).contains(&Link)
}

/// Whether messages of this kind exist for the link in them. In others it is there only where the
/// client can act by one, of ours or of the app's.
pub(super) fn needs_link(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AccountPasswordReset
            | Kind::AccountMagicLink
            | Kind::AccountVerifyEmail
            | Kind::ReviewRequested
    )
}
