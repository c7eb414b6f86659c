//! What is to happen later.
//!
//! A timer says *look at this again then*; it carries no decision. When it fires, what is to be
//! done follows from the state and the settings as they are by then, so that a timer about
//! something that has meanwhile been moved, cancelled or configured differently does nothing.
//! A timer is its own key: setting it again moves it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::broadcast::BroadcastId;
use super::gained::Gained;
use super::id::{BookingId, CauseId, ClientId, EntryId, SeriesId, SessionId};
use super::lead::LeadRule;
use super::trace::TraceContext;

/// What to look at again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "timer", rename_all = "snake_case")]
pub enum Timer {
    /// What was decided on a session reaches the next of its people. Of timers of one
    /// instant it is the first: what was decided before comes before.
    SessionPage { session: SessionId, page: u64 },
    /// The next rows of somebody who was erased.
    ErasurePage {
        erasure: CauseId,
        /// How many rows are written.
        done: usize,
    },
    /// A booking is near.
    Reminder { booking: BookingId, rule: LeadRule },
    /// Cancelling a seat will soon cost something.
    AttendanceCheck { booking: BookingId },
    /// An offer runs out.
    OfferEnds { entry: EntryId },
    /// Whether enough come.
    CountAttendance { session: SessionId },
    /// A session starts, so that nobody waits any more.
    SessionStarts { session: SessionId },
    /// No more bookings of a series have come for a while: those that wait are told together.
    Series { series: SeriesId, client: ClientId },
    /// A review may be asked for.
    Review { booking: BookingId },
    /// A client has long been away.
    WinBack { client: ClientId },
    /// The next page of a broadcast.
    Broadcast {
        broadcast: BroadcastId,
        /// The last client written to.
        after: Option<ClientId>,
    },
    /// One client of a broadcast, whose quiet hours are over.
    BroadcastTo { broadcast: BroadcastId, client: ClientId },
    /// Nobody waits for a broadcast any more: what it said is forgotten.
    BroadcastEnds { broadcast: BroadcastId },
    /// The settings changed: the next page of bookings whose reminders are planned anew.
    PlanBookings {
        /// The last booking that was.
        after: Option<BookingId>,
        /// The rules that are new.
        #[serde(default, skip_serializing_if = "Gained::is_empty")]
        gained: Gained,
    },
    /// The settings changed: the next page of clients whose win-back is planned anew.
    PlanClients {
        /// The last client that was.
        after: Option<ClientId>,
    },
    /// Rows that have long been over are let go of.
    Retire { shelf: Shelf },
}

/// Where the look through a tenant's rows has come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Shelf {
    /// At the bookings behind this one.
    Bookings { after: Option<BookingId> },
    /// At the places in queues behind this one.
    Entries { after: Option<EntryId> },
    /// At the sessions behind this one.
    Sessions { after: Option<SessionId> },
}

/// A timer and when it fires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueTimer {
    pub due: Timestamp,
    pub timer: Timer,
    /// The trace of what set it, and the span in which that was decided.
    pub trace: Option<TraceContext>,
}

/// A change to what is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerChange {
    /// Fires then, and no more when it did before.
    Set(DueTimer),
    /// Does not fire.
    Cancel(Timer),
}

/// A time in which the daemon did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The last sign of life before.
    pub from: Timestamp,
    /// The first one after.
    pub to: Timestamp,
}

impl Outage {
    /// A silence of so long is one: three signs of life were missed.
    const AT_LEAST: SignedDuration = SignedDuration::from_secs(15);
    /// It is forgotten so long after its end; no offer is open for longer.
    const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

    /// What lies between two signs of life, if it is too long.
    pub fn between(from: Timestamp, to: Timestamp) -> Option<Self> {
        (to.duration_since(from) >= Self::AT_LEAST).then_some(Self { from, to })
    }

    /// Outages that ended before this instant do not matter any more.
    pub fn remembered_since(now: Timestamp) -> Timestamp {
        now.checked_sub(Self::REMEMBERED).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_silence_is_an_outage() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        assert_eq!(Outage::between(at(0), at(14)), None);
        assert_eq!(Outage::between(at(0), at(15)), Some(Outage { from: at(0), to: at(15) }));
        assert_eq!(Outage::between(at(60), at(0)), None, "the clock was set back");
    }
}
