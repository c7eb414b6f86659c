//! One booking and its life.
//!
//! ```text
//!              confirm                attend
//!   pending ───────────▶ confirmed ───────────▶ attended
//!      │  │                ▲   │  └───────────▶ no_show
//!      │  │ decline        │   │ cancel    no_show
//!      │  └──────▶ declined│   ▼
//!      └───cancel────────▶ cancelled
//!        (client)    confirm, before the start
//! ```
//!
//! A terminal state absorbs the command that led to it; anything else is `illegal_transition`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{BookingId, ClientId, SeriesId, ServiceId, SessionId};

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    Client,
    /// Somebody of the tenant's.
    Staff,
}

/// The steps of a booking, from the request to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// Saved, waits for the tenant's approval.
    Pending,
    /// Agreed.
    Confirmed,
    /// Refused while pending.
    Declined,
    /// Called off.
    Cancelled,
    /// The client came.
    Attended,
    /// The client did not come.
    NoShow,
}

impl BookingState {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BookingState::Pending => "pending",
            BookingState::Confirmed => "confirmed",
            BookingState::Declined => "declined",
            BookingState::Cancelled => "cancelled",
            BookingState::Attended => "attended",
            BookingState::NoShow => "no_show",
        }
    }

    /// Whether it may still take place.
    pub fn is_open(self) -> bool {
        matches!(self, BookingState::Pending | BookingState::Confirmed)
    }

    /// Whether its seat is not to be had: who came early sits on it.
    pub fn holds_seat(self) -> bool {
        self.is_open() || self == BookingState::Attended
    }
}

/// What is asked of a booking's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Agree to it, or reinstate it.
    Confirm,
    /// Refuse it.
    Decline,
    /// Call it off.
    Cancel(Party),
    /// The client came.
    Attend,
    /// The client did not come.
    Miss,
}

impl Step {
    /// The word for a sentence: "cannot be …".
    pub fn participle(self) -> &'static str {
        match self {
            Step::Confirm => "confirmed",
            Step::Decline => "declined",
            Step::Cancel(_) => "cancelled",
            Step::Attend => "attended",
            Step::Miss => "missed",
        }
    }
}

/// What becomes of a booking's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// It moves to this state.
    To(BookingState),
    /// It already is as asked.
    AlreadyDone,
    /// It cannot.
    Illegal,
}

/// The state machine, apart from what it causes.
pub fn transition(state: BookingState, step: Step, started: bool) -> Transition {
    use BookingState::{Attended, Cancelled, Confirmed, Declined, NoShow, Pending};
    use Transition::{AlreadyDone, Illegal, To};
    match (state, step) {
        (Pending, Step::Confirm) => To(Confirmed),
        (Confirmed, Step::Confirm) => AlreadyDone,
        (Cancelled, Step::Confirm) if !started => To(Confirmed),
        (Pending, Step::Decline | Step::Cancel(Party::Staff)) => To(Declined),
        (Declined, Step::Decline | Step::Cancel(_)) => AlreadyDone,
        (Pending | Confirmed, Step::Cancel(_)) => To(Cancelled),
        (Cancelled, Step::Cancel(_)) => AlreadyDone,
        (Confirmed, Step::Attend) => To(Attended),
        (Confirmed, Step::Miss) => To(NoShow),
        (Attended, Step::Attend) | (NoShow, Step::Miss) => AlreadyDone,
        _ => Illegal,
    }
}

/// How a booking of a series is told together with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Together {
    /// It waits for them since then.
    Waits(Timestamp),
    /// It was told by the message about this booking, which may be itself.
    By(BookingId),
}

/// When a client had come before a visit that was noted before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// When it had last been noted that they came.
    pub last_visit: Option<Timestamp>,
    /// When the latest of those visits had begun.
    pub visited: Option<Timestamp>,
}

/// One booking of one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// Chosen by the upstream app.
    pub id: BookingId,
    pub client: ClientId,
    pub state: BookingState,
    pub starts_at: Timestamp,
    /// When it ends, if known.
    pub ends_at: Option<Timestamp>,
    pub service: Option<ServiceId>,
    /// The session that it has a seat of.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The series it belongs to.
    pub series: Option<SeriesId>,
    /// The tenant's own note; no client sees it.
    pub notes: Option<String>,
    /// iCalendar SEQUENCE (RFC 5545 §3.8.7.4): rises with each change that the client is told.
    pub sequence: u32,
    /// Whether the client said that they will come.
    #[serde(default)]
    pub attendance_confirmed: bool,
    /// Whether they were asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attendance_asked: bool,
    /// Whether the seat is for somebody whom the client brings along.
    #[serde(default)]
    pub guest: bool,
    /// How it is told, where that is not alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
    /// Whether its client was erased: whoever has their id by now is somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    /// Where it was noted that the client came before their session began: what was known of them
    /// until then. Such a booking still follows its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<Early>,
    /// Whether its client waited for it, and has not heard that the wait is over: it waits for
    /// approval.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waited: bool,
}

impl Booking {
    /// Whether it has begun; nothing but receipts and reviews is sent about it from then on.
    pub fn started(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }

    /// What is left of it once its client is erased: nobody comes any more, and nobody is left to
    /// be told.
    pub fn forgotten(&self) -> Self {
        let state = if self.state.is_open() { BookingState::Cancelled } else { self.state };
        let nothing =
            Self { notes: None, together: None, early: None, waited: false, ..self.clone() };
        Self { state, erased: true, ..nothing }
    }

    /// Whether something may still become of it: it is open, or its client came early.
    pub fn stands(&self) -> bool {
        self.state.is_open() || self.early.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        use BookingState::*;
        use Transition::{AlreadyDone, Illegal, To};
        let staff = Step::Cancel(Party::Staff);
        let client = Step::Cancel(Party::Client);
        let table = [
            (Pending, [To(Confirmed), To(Declined), To(Declined), To(Cancelled), Illegal, Illegal]),
            (
                Confirmed,
                [AlreadyDone, Illegal, To(Cancelled), To(Cancelled), To(Attended), To(NoShow)],
            ),
            (Declined, [Illegal, AlreadyDone, AlreadyDone, AlreadyDone, Illegal, Illegal]),
            (Cancelled, [To(Confirmed), Illegal, AlreadyDone, AlreadyDone, Illegal, Illegal]),
            (Attended, [Illegal, Illegal, Illegal, Illegal, AlreadyDone, Illegal]),
            (NoShow, [Illegal, Illegal, Illegal, Illegal, Illegal, AlreadyDone]),
        ];
        for (state, expected) in table {
            let steps = [Step::Confirm, Step::Decline, staff, client, Step::Attend, Step::Miss];
            for (step, expected) in steps.into_iter().zip(expected) {
                assert_eq!(transition(state, step, false), expected, "{state:?} {step:?}");
            }
        }
        assert_eq!(transition(Cancelled, Step::Confirm, true), Illegal);
    }
}
