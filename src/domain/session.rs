//! A session with seats, and the queue before its door.
//!
//! ```text
//! session   scheduled ──cancel, or too few──▶ cancelled
//!
//! entry     waiting ──a seat came free──▶ offered ──accept──▶ accepted
//!              │ │                         │ │ │
//!              │ │          leave, decline ◀─┘ │ └─in time unanswered──▶ expired
//!              │ └──leave──▶ left              │
//!              └──session starts or is called off──▶ closed ◀──┘
//! ```
//!
//! What becomes of a session reaches its people page by page ([`Rest`]).
//!
//! Seats taken are open bookings and open offers; they never exceed the capacity.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::booking::{Booking, BookingState};
use super::id::{BookingId, ClientId, EntryId, SessionId};

/// The most seats of one session.
pub const CAPACITY_MAX: u32 = 10_000;
/// The most clients who wait for one session.
pub const QUEUE_MAX: usize = 10_000;

/// How many of those who have a seat of a session, or wait for one, a decision reaches. The others
/// come page by page, each an input of its own, so that ten thousand block neither their tenant
/// nor anybody else's.
pub const PAGE_PEOPLE: usize = 100;

/// With fewer than so many, the session is called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinAttendance {
    /// Confirmed bookings that it takes.
    pub count: u32,
    /// When it is decided.
    pub decide_at: Timestamp,
}

/// An hour with seats, such as Tuesday's yoga class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Chosen by the upstream app.
    pub id: SessionId,
    pub activity: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub capacity: u32,
    /// Until when cancelling costs nothing.
    pub free_cancel_until: Option<Timestamp>,
    /// With fewer it is called off.
    pub min_attendance: Option<MinAttendance>,
    /// Where it takes place.
    pub location: Option<String>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// How many have ever joined its queue: gives each entry its place.
    pub joined: u64,
    /// What was decided and has not reached everybody yet.
    #[serde(default)]
    pub rest: Option<Rest>,
    /// How many pages were ever planned: gives each its own timer.
    #[serde(default)]
    pub pages: u64,
}

/// What is left to do, page by page, for those who have a seat of a session or wait for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// It was called off: bookings that are open still are to be cancelled, and places closed.
    CallOff {
        /// Why, in the tenant's words.
        reason: Option<String>,
        /// Whether it was because too few came.
        too_few: bool,
    },
    /// It moved.
    Move {
        /// Bookings behind this one are still to move.
        seats_after: Option<BookingId>,
        /// Offers at these places in the queue are still those of before.
        offers: Range<u64>,
    },
    /// Seats are to be offered, offers that were lost to end, or places to be closed.
    Places,
}

impl Session {
    /// One of its bookings as it is by now, if its row is not like that yet: a session that moved
    /// or was called off takes its bookings along.
    pub fn carries(&self, booking: &Booking) -> Option<Booking> {
        if !booking.state.is_open() {
            return None;
        }
        if self.cancelled {
            return Some(Booking { state: BookingState::Cancelled, ..booking.clone() });
        }
        let (starts_at, ends_at) = (self.starts_at, Some(self.ends_at));
        let stays = starts_at == booking.starts_at;
        (!stays || ends_at != booking.ends_at).then(|| Booking {
            starts_at,
            ends_at,
            attendance_confirmed: stays && booking.attendance_confirmed,
            attendance_asked: stays && booking.attendance_asked,
            ..booking.clone()
        })
    }

    /// Whether it has begun.
    pub fn started(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }
}

/// Where a place in the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Waits for a seat.
    Waiting,
    /// Has been offered a seat.
    Offered {
        from: Timestamp,
        until: Timestamp,
        /// Whether others were offered the same seats: the first acceptance wins.
        shared: bool,
    },
    /// Took the seat.
    Accepted,
    /// Left the seat to the next.
    Declined,
    /// Did not answer in time.
    Expired,
    /// Left the queue.
    Left,
    /// The session began or was called off.
    Closed,
}

impl EntryState {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryState::Waiting => "waiting",
            EntryState::Offered { .. } => "offered",
            EntryState::Accepted => "accepted",
            EntryState::Declined => "declined",
            EntryState::Expired => "expired",
            EntryState::Left => "left",
            EntryState::Closed => "closed",
        }
    }

    /// Whether a seat may still come of it.
    pub fn is_open(self) -> bool {
        matches!(self, EntryState::Waiting | EntryState::Offered { .. })
    }
}

/// One client's place in a session's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Chosen by the upstream app.
    pub id: EntryId,
    pub session: SessionId,
    pub client: ClientId,
    /// The order of joining: first in, first out.
    pub place: u64,
    pub state: EntryState,
    pub booking: Option<BookingId>,
}
