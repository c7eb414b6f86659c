//! What a text about each kind can name.

use Variable::*;

use crate::domain::kind::Kind;

/// A value that phrases and a tenant's own texts can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// The client's name; may be empty.
    Client,
    /// The tenant's name.
    Tenant,
    /// The service's name, or the session's activity.
    Service,
    Location,
    /// The start: a moment.
    When,
    /// Who cancelled: `client` or `staff`.
    By,
    /// Why, or what for.
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
    /// Money, as the language writes it.
    Amount,
    /// The payment's reference.
    Payment,
    /// Whether it is charged without asking.
    Direct,
    /// What was sold.
    Description,
    /// What the client has left.
    Balance,
    Link,
    Title,
    Body,
    /// A moment.
    LastVisit,
}

/// What a moment can be asked for.
pub(super) const MOMENT_FIELDS: [&str; 6] = ["full", "brief", "short", "date", "time", "weekday"];

impl Variable {
    /// The name in a text.
    pub fn name(self) -> &'static str {
        match self {
            Client => "client",
            Tenant => "tenant",
            Service => "service",
            Location => "location",
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
            Amount => "amount",
            Payment => "payment",
            Direct => "direct",
            Description => "description",
            Balance => "balance",
            Link => "link",
            Title => "title",
            Body => "body",
            LastVisit => "last_visit",
        }
    }

    /// Whether it has the fields of [`MOMENT_FIELDS`].
    pub fn is_moment(self) -> bool {
        matches!(self, When | MovedFrom | Until | LastVisit)
    }
}

/// What a text about this kind can name.
pub(super) fn variables(kind: Kind) -> &'static [Variable] {
    match kind {
        Kind::BookingPending | Kind::BookingConfirmed | Kind::BookingReminder => {
            &[Client, Tenant, Service, Location, When]
        }
        Kind::BookingDeclined => &[Client, Tenant, Service, Location, When, Reason],
        Kind::BookingCancelled => &[Client, Tenant, Service, Location, When, By, Reason],
        Kind::BookingRescheduled => {
            &[Client, Tenant, Service, Location, When, MovedFrom, AwaitsConfirmation]
        }
        Kind::SessionCancelled => &[Client, Tenant, Service, Location, When, By, Reason, TooFew],
        Kind::QueueOffered => &[Client, Tenant, Service, Location, When, Until, Shared],
        Kind::QueueExpired => &[Client, Tenant, Service, Location, When, Until, Shared, PassedOn],
        Kind::QueueAccepted => &[Client, Tenant, Service, Location, When],
        Kind::QueueClosed => &[Client, Tenant, Service, Location, When, Cancelled, Reason],
        Kind::AttendanceCheck => &[Client, Tenant, Service, Location, When, Until],
        Kind::PaymentRequested | Kind::PaymentReceipt => {
            &[Client, Tenant, Amount, Reason, Payment, Direct]
        }
        Kind::SaleRecorded => &[Client, Tenant, Description, Amount, Balance],
        Kind::AccountWelcome => &[Client, Tenant],
        Kind::AccountPasswordReset | Kind::AccountMagicLink | Kind::AccountVerifyEmail => {
            &[Client, Tenant, Link, Until]
        }
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

/// Whether messages of this kind exist for the link in them.
pub(super) fn has_link(kind: Kind) -> bool {
    variables(kind).contains(&Link)
}
