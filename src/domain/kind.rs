//! The kinds of message, and which of them a profile sends by default.

use serde::{Deserialize, Serialize};

use super::channel::Channel::{Email, Inbox, Push, Sms};
use super::channel::Channels;

/// A tenant's line of business; it sets the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// One client, one appointment: salons, clinics.
    Appointments,
    /// Sessions with seats: gyms, studios.
    Classes,
}

/// How soon a message must go; each lane has capacity of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Somebody waits for it: account messages, offers, payment requests.
    Urgent,
    /// What happened to a booking.
    Transactional,
    /// Planned ahead: reminders.
    Scheduled,
    /// To many: notices, reviews.
    Bulk,
}

impl Lane {
    /// Every lane, the most urgent first.
    pub const ALL: [Lane; 4] = [Lane::Urgent, Lane::Transactional, Lane::Scheduled, Lane::Bulk];

    /// The name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Lane::Urgent => "urgent",
            Lane::Transactional => "transactional",
            Lane::Scheduled => "scheduled",
            Lane::Bulk => "bulk",
        }
    }
}

macro_rules! kinds {
    (
        $($variant:ident $name:literal $lane:ident A[$($a:ident)*] C[$($c:ident)*] $doc:literal)*
        ; $($alert:ident $alert_name:literal $alert_doc:literal)*
    ) => {
        /// What a message is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $doc] #[serde(rename = $name)] $variant,)*
            $(#[doc = $alert_doc] #[serde(rename = $alert_name)] $alert,)*
        }

        impl Kind {
            /// Every kind that clients are sent, in the order of the documentation.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// Every alert that staff are sent. No toggle, plan or wish of a client's bears on it.
            pub const STAFF: &'static [Kind] = &[$(Kind::$alert,)*];

            /// The name on the wire, in templates and in metrics.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Kind::$variant => $name,)*
                    $(Kind::$alert => $alert_name,)*
                }
            }

            /// When it is sent, in a sentence, for the reference.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Kind::$variant => $doc,)*
                    $(Kind::$alert => $alert_doc,)*
                }
            }

            /// How soon it must go.
            pub fn lane(self) -> Lane {
                match self {
                    $(Kind::$variant => Lane::$lane,)*
                    $(Kind::$alert => Lane::Transactional,)*
                }
            }

            /// The channels that are on where the tenant says nothing.
            pub fn default_channels(self, profile: Profile) -> Channels {
                match (self, profile) {
                    $((Kind::$variant, Profile::Appointments) => Channels::of(&[$($a),*]),
                    (Kind::$variant, Profile::Classes) => Channels::of(&[$($c),*]),)*
                    $((Kind::$alert, _) => Channels::of(&[Email]),)*
                }
            }
        }
    };
}

kinds! {
    BookingPending "booking.pending" Transactional A[Email Sms] C[] "A client's booking is saved and waits for the tenant's approval."
    BookingConfirmed "booking.confirmed" Transactional A[Email Sms] C[] "A booking is agreed."
    BookingDeclined "booking.declined" Transactional A[Email Sms] C[] "Staff refused a booking that was still pending."
    BookingCancelled "booking.cancelled" Transactional A[Email Sms] C[Email Push] "An agreed booking is cancelled, by staff or by the client."
    BookingRescheduled "booking.rescheduled" Transactional A[Email Sms] C[Email Push] "Only the date or time of a booking changed."
    BookingReminder "booking.reminder" Scheduled A[Email Sms] C[] "A booking is near."
    SessionCancelled "session.cancelled" Transactional A[Email Sms] C[Email Push] "A whole session is cancelled."
    QueueOffered "queue.offered" Urgent A[Sms] C[Email Push] "A seat came free, and it is this client's turn."
    QueueExpired "queue.expired" Transactional A[Sms] C[Email Push] "The offer ran out unanswered."
    QueueAccepted "queue.accepted" Transactional A[Email Sms] C[Email Push] "The client has the seat that came free."
    QueueClosed "queue.closed" Transactional A[] C[] "The client still waits when the session is cancelled or starts."
    AttendanceCheck "attendance.check" Transactional A[] C[Email Push] "The client is asked whether they will come, while cancelling is still free."
    PaymentRequested "payment.requested" Urgent A[] C[Email Push] "The tenant asks for an in-app payment."
    PaymentReceipt "payment.receipt" Transactional A[Email] C[Email] "A payment went through."
    SaleRecorded "sale.recorded" Transactional A[] C[Push] "The tenant put a sale on the client's profile."
    AccountWelcome "account.welcome" Urgent A[] C[Email] "A client was registered."
    AccountPasswordReset "account.password_reset" Urgent A[Email] C[Email] "A client asked for a link to set a new password."
    AccountMagicLink "account.magic_link" Urgent A[Email] C[Email] "A client asked for a link to sign in."
    AccountVerifyEmail "account.verify_email" Urgent A[Email] C[Email] "A client is asked to prove their email address."
    ReviewRequested "review.requested" Bulk A[] C[Email] "A visit is over, and a review is asked for."
    NoticeManual "notice.manual" Bulk A[Email Sms] C[Email Push] "The tenant writes to an audience."
    InboxMessage "inbox.message" Bulk A[Inbox] C[Inbox] "The tenant posts to a client's mailbox in the app."
    InboxBoard "inbox.board" Bulk A[Inbox] C[Inbox] "The tenant posts on the notice board in the app."
    ClientWinBack "client.win_back" Bulk A[] C[] "The last visit was long ago."
    ;
    StaffBookingRequested "staff.booking_requested" "A client booked."
    StaffBookingCancelled "staff.booking_cancelled" "A client called a booking off."
    StaffQueueJoined "staff.queue_joined" "A client waits for a seat."
    StaffQueueAccepted "staff.queue_accepted" "A client took a seat that came free."
    StaffPaymentAccepted "staff.payment_accepted" "A client approved a payment."
    StaffPaymentDeclined "staff.payment_declined" "A client refused a payment."
}

impl Kind {
    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut kinds = Self::ALL.iter().chain(Self::STAFF).copied();
        kinds.find(|kind| kind.as_str() == name)
    }

    /// Whether a client can stop it by a link in the message itself (RFC 8058): what is sent to
    /// many. What somebody waits for, and what happened to a booking, is not to be lost by a click.
    pub fn has_unsubscribe(self) -> bool {
        self.lane() == Lane::Bulk
    }

    /// Whether it goes to staff.
    pub fn is_alert(self) -> bool {
        Self::STAFF.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        for kind in Kind::ALL.iter().chain(Kind::STAFF) {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Kind::parse("booking.unheard_of"), None);
    }

    #[test]
    fn only_what_goes_to_many_can_be_stopped_by_a_link() {
        let stoppable: Vec<Kind> = Kind::ALL
            .iter()
            .chain(Kind::STAFF)
            .copied()
            .filter(|it| it.has_unsubscribe())
            .collect();
        let inbox = [Kind::InboxMessage, Kind::InboxBoard];
        let mut expected = vec![Kind::ReviewRequested, Kind::NoticeManual];
        expected.extend(inbox);
        expected.push(Kind::ClientWinBack);
        assert_eq!(stoppable, expected);
    }

    #[test]
    fn profiles_differ_where_the_products_do() {
        let on = |kind: Kind, profile| kind.default_channels(profile);
        assert!(on(Kind::BookingConfirmed, Profile::Appointments).contains(Sms));
        assert_eq!(on(Kind::BookingConfirmed, Profile::Classes), Channels::NONE);
        assert!(on(Kind::AccountWelcome, Profile::Classes).contains(Email));
        assert_eq!(on(Kind::AccountWelcome, Profile::Appointments), Channels::NONE);
    }
}
