//! What the pages say by which clients act on something of theirs.

use jiff::Timestamp;

use super::language::Language;
use super::phrases::{ButtonPhrases, Phrase, TitledPhrases};
use crate::domain::client::Client;
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::settings::Settings;

/// How something stands that a client can act on by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A seat waits for an answer.
    Offer,
    OfferAccepted,
    OfferDeclined,
    /// Nobody can answer any more.
    OfferExpired,
    /// They are asked whether they will come.
    Attendance,
    AttendanceConfirmed,
    /// It is too late to cancel for nothing.
    AttendanceLate,
    /// A booking that they can cancel.
    Booking,
    BookingCancelled,
    /// Nothing is left to do, or it is nobody's business any more.
    Over,
}

/// Something of a client's, as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Affair<'a> {
    pub settings: &'a Settings,
    pub standing: Standing,
    /// What, when and where; nothing is told to who is not its client any more.
    pub known: Option<(&'a Client, &'a Facts)>,
    /// When the page is written.
    pub now: Timestamp,
    /// Where the calendar file is, seen from the page.
    pub calendar: Option<&'a str>,
}

/// A button of the page: what its form says, and what is on it.
pub(super) type Button<'l> = (&'static str, &'l Phrase);

impl Standing {
    /// Whether the client is asked something.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::Offer | Standing::Attendance | Standing::Booking)
    }

    /// The kind of message whose colour, details and names it has.
    pub(super) fn kind(self) -> Kind {
        match self {
            Standing::Offer => Kind::QueueOffered,
            Standing::OfferAccepted => Kind::QueueAccepted,
            Standing::OfferDeclined | Standing::Over => Kind::NoticeManual,
            Standing::OfferExpired => Kind::QueueExpired,
            Standing::Attendance | Standing::AttendanceLate => Kind::AttendanceCheck,
            Standing::AttendanceConfirmed | Standing::Booking => Kind::BookingConfirmed,
            Standing::BookingCancelled => Kind::BookingCancelled,
        }
    }

    /// What it says in this language.
    pub(super) fn phrases(self, language: &Language) -> &TitledPhrases<Phrase> {
        let all = &language.acting;
        match self {
            Standing::Offer => &all.offer,
            Standing::OfferAccepted => &all.offer_accepted,
            Standing::OfferDeclined => &all.offer_declined,
            Standing::OfferExpired => &all.offer_expired,
            Standing::Attendance => &all.attendance,
            Standing::AttendanceConfirmed => &all.attendance_confirmed,
            Standing::AttendanceLate => &all.attendance_late,
            Standing::Booking => &all.booking,
            Standing::BookingCancelled => &all.booking_cancelled,
            Standing::Over => &all.over,
        }
    }

    /// The buttons, the likelier first.
    pub(super) fn buttons(self, language: &Language) -> Vec<Button<'_>> {
        let ButtonPhrases { accept, decline, confirm, cancel, .. } = &language.acting.buttons;
        match self {
            Standing::Offer => vec![("accept", accept), ("decline", decline)],
            Standing::Attendance => vec![("confirm", confirm), ("cancel", cancel)],
            Standing::Booking => vec![("cancel", cancel)],
            _ => Vec::new(),
        }
    }
}
