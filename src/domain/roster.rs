//! Who has a seat of a session and who waits for one: counted, and in order, so that a decision
//! about one of them need not look at the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::booking::{Booking, BookingState};
use super::id::{BookingId, EntryId, SessionId};
use super::session::{Entry, EntryState};

/// How a place in a queue stands for a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Waits for one.
    Waiting,
    /// Has one of its own on offer.
    Own,
    /// Was offered what others were offered too.
    Shared,
}

impl Rank {
    /// The rank of a place in this state; none, once nothing more can come of it.
    pub fn of(state: EntryState) -> Option<Self> {
        match state {
            EntryState::Waiting => Some(Rank::Waiting),
            EntryState::Offered { shared: false, .. } => Some(Rank::Own),
            EntryState::Offered { shared: true, .. } => Some(Rank::Shared),
            _ => None,
        }
    }
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seats that are not to be had, because a booking holds them.
    pub booked: usize,
    /// Those among them that are open.
    pub open: usize,
    /// Those among them that are confirmed.
    pub confirmed: usize,
    /// Places that wait.
    pub waiting: usize,
    /// Offers of a seat of one's own.
    pub own: usize,
    /// Offers of what others were offered too.
    pub shared: usize,
}

impl Tally {
    /// Counts a booking in.
    pub fn add_booking(&mut self, booking: &Booking) {
        self.booked += usize::from(booking.state.holds_seat());
        self.open += usize::from(booking.state.is_open());
        self.confirmed += usize::from(booking.state == BookingState::Confirmed);
    }

    /// Takes back that a booking was counted.
    pub fn drop_booking(&mut self, booking: &Booking) {
        self.booked -= usize::from(booking.state.holds_seat());
        self.open -= usize::from(booking.state.is_open());
        self.confirmed -= usize::from(booking.state == BookingState::Confirmed);
    }

    /// Counts a place in.
    pub fn add_entry(&mut self, entry: &Entry) {
        if let Some(rank) = Rank::of(entry.state) {
            *self.count_of(rank) += 1;
        }
    }

    /// Takes back that a place was counted.
    pub fn drop_entry(&mut self, entry: &Entry) {
        if let Some(rank) = Rank::of(entry.state) {
            *self.count_of(rank) -= 1;
        }
    }

    /// Places of which a seat may still come.
    pub fn places(&self) -> usize {
        self.waiting + self.own + self.shared
    }

    fn count_of(&mut self, rank: Rank) -> &mut usize {
        match rank {
            Rank::Waiting => &mut self.waiting,
            Rank::Own => &mut self.own,
            Rank::Shared => &mut self.shared,
        }
    }
}

/// One session's bookings and queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roster {
    tally: Tally,
    seats: BTreeSet<BookingId>,
    early: BTreeSet<BookingId>,
    waiting: BTreeMap<u64, EntryId>,
    own: BTreeMap<u64, EntryId>,
    shared: BTreeMap<u64, EntryId>,
}

impl Roster {
    /// How many there are of each.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Its open bookings, in the order of their ids.
    pub fn seats(&self) -> &BTreeSet<BookingId> {
        &self.seats
    }

    /// Its bookings whose clients were noted as having come before it began.
    pub fn early(&self) -> &BTreeSet<BookingId> {
        &self.early
    }

    /// Its places of this rank, in the order of joining.
    pub fn line(&self, rank: Rank) -> &BTreeMap<u64, EntryId> {
        match rank {
            Rank::Waiting => &self.waiting,
            Rank::Own => &self.own,
            Rank::Shared => &self.shared,
        }
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.tally == Tally::default()
    }

    /// A booking of it is like this from now on.
    pub fn add_booking(&mut self, booking: &Booking) {
        self.tally.add_booking(booking);
        if booking.state.is_open() {
            self.seats.insert(booking.id.clone());
        }
        if booking.early.is_some() {
            self.early.insert(booking.id.clone());
        }
    }

    /// A booking of it is not like this any more.
    pub fn drop_booking(&mut self, booking: &Booking) {
        self.tally.drop_booking(booking);
        self.seats.remove(&booking.id);
        self.early.remove(&booking.id);
    }

    /// A place in its queue is like this from now on.
    pub fn add_entry(&mut self, entry: &Entry) {
        self.tally.add_entry(entry);
        if let Some(rank) = Rank::of(entry.state) {
            self.line_mut(rank).insert(entry.place, entry.id.clone());
        }
    }

    /// A place in its queue is not like this any more.
    pub fn drop_entry(&mut self, entry: &Entry) {
        self.tally.drop_entry(entry);
        if let Some(rank) = Rank::of(entry.state) {
            self.line_mut(rank).remove(&entry.place);
        }
    }

    fn line_mut(&mut self, rank: Rank) -> &mut BTreeMap<u64, EntryId> {
        match rank {
            Rank::Waiting => &mut self.waiting,
            Rank::Own => &mut self.own,
            Rank::Shared => &mut self.shared,
        }
    }
}

/// Changes a session's roster. One with nobody on it is dropped, so that the same bookings are the
/// same state whatever came before.
pub fn enrol(
    rosters: &mut HashMap<SessionId, Roster>,
    session: &SessionId,
    change: impl FnOnce(&mut Roster),
) {
    let roster = rosters.entry(session.clone()).or_default();
    change(roster);
    if roster.is_empty() {
        rosters.remove(session);
    }
}
