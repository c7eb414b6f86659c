//! A session's seats and queue as they stand in a decision: the stored ones, over them what the
//! decision changed so far, and over both what their session made of them, though their page has
//! not come yet.

use std::ops::Range;

use jiff::Timestamp;

use super::draft::Draft;
use crate::domain::booking::Booking;
use crate::domain::id::{BookingId, ClientId, SessionId};
use crate::domain::planning::{offers_end, on_the_tick};
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::{Entry, EntryState, Rest, Session};

/// Places are counted from one.
const EVERY_PLACE: Range<u64> = 0..u64::MAX;

impl Draft<'_> {
    /// How many have a seat of the session, or wait for one.
    pub fn tally(&self, session: &SessionId) -> Tally {
        let changed = self.tallies.get(session).copied();
        changed.unwrap_or_else(|| self.state.tally(session))
    }

    /// The first who have this rank in the session's queue, at most so many, in the order of
    /// joining.
    pub fn line(&self, session: &SessionId, rank: Rank, most: usize) -> Vec<Entry> {
        self.line_at(session, rank, EVERY_PLACE, most)
    }

    /// At most so many of those with an offer at these places, in the order of joining.
    pub fn offers_at(&self, session: &SessionId, places: Range<u64>, most: usize) -> Vec<Entry> {
        let line = |rank| self.line_at(session, rank, places.clone(), most);
        let mut offers = [line(Rank::Own), line(Rank::Shared)].concat();
        offers.sort_unstable_by_key(|entry| entry.place);
        offers.truncate(most);
        offers
    }

    fn line_at(
        &self,
        session: &SessionId,
        rank: Rank,
        places: Range<u64>,
        most: usize,
    ) -> Vec<Entry> {
        let has_rank = |e: &&Entry| Rank::of(e.state) == Some(rank) && places.contains(&e.place);
        let stored = self.state.line(session, rank, places.clone());
        let stored = stored.filter(|entry| !self.entries.contains_key(&entry.id));
        let changed = self.entries.values().filter(|e| e.session == *session);
        let mut line: Vec<Entry> =
            changed.filter(has_rank).chain(stored.take(most)).cloned().collect();
        line.sort_unstable_by_key(|entry| entry.place);
        line.truncate(most);
        line
    }

    /// At most so many of those in the session's queue, first those with an offer.
    pub fn queue(&self, session: &SessionId, most: usize) -> Vec<Entry> {
        let ranks = [Rank::Own, Rank::Shared, Rank::Waiting].into_iter();
        ranks.flat_map(|rank| self.line(session, rank, most)).take(most).collect()
    }

    /// The client's seat of the session for themselves, if they have one.
    pub fn seat_of(&self, session: &SessionId, client: &ClientId) -> Option<&Booking> {
        let stored =
            self.state.standing_bookings(client).filter(|b| !self.bookings.contains_key(&b.id));
        let changed = self.bookings.values().filter(|b| b.client == *client && b.stands());
        let mut own = changed.chain(stored).filter(|booking| !booking.guest);
        own.find(|booking| {
            booking.session.as_ref() == Some(session) && self.by_now(booking).stands()
        })
    }

    /// At most so many of those who were noted as having come to the session, which is called off
    /// or moved before it began; without those that this decision has seen to.
    pub fn came_in_vain(&self, session: &Session, most: usize) -> Vec<Booking> {
        if session.started(self.ctx.now) {
            return Vec::new();
        }
        let early = self.state.early(&session.id);
        let unseen = early.filter(|booking| !self.bookings.contains_key(&booking.id));
        let in_vain = |b: &&Booking| session.cancelled || b.starts_at != session.starts_at;
        unseen.filter(in_vain).take(most).cloned().collect()
    }

    /// The client's place in the session's queue, as long as a seat may come of it.
    pub fn place_of(&self, session: &SessionId, client: &ClientId) -> Option<&Entry> {
        let stored = self.state.places(client).filter(|e| !self.entries.contains_key(&e.id));
        let changed = self.entries.values().filter(|e| e.client == *client && e.state.is_open());
        changed.chain(stored).find(|entry| entry.session == *session)
    }

    /// Takes a place of this decision's room, if there is one.
    pub fn has_room(&mut self) -> bool {
        let room = self.room > 0;
        self.room = self.room.saturating_sub(1);
        room
    }

    /// The booking as its row is, or will be.
    pub fn stored_booking(&self, id: &BookingId) -> Option<&Booking> {
        self.bookings.get(id).or_else(|| self.state.booking(id))
    }

    /// The booking as its row is, if its session moved or was called off since.
    pub fn behind(&self, id: &BookingId) -> Option<Booking> {
        let stored = self.stored_booking(id)?;
        self.carried(stored).map(|_| stored.clone())
    }

    /// Whether the booking's session is at another time, and its client still to be told.
    pub fn is_moving(&self, id: &BookingId) -> bool {
        let carried = |stored: &Booking| {
            let by_now = self.carried(stored);
            by_now.filter(|by_now| by_now.starts_at != stored.starts_at)
        };
        self.stored_booking(id).and_then(carried).is_some()
    }

    pub fn by_now(&self, stored: &Booking) -> Booking {
        self.carried(stored).unwrap_or_else(|| stored.clone())
    }

    fn carried(&self, stored: &Booking) -> Option<Booking> {
        self.known_session(stored.session.as_ref()?)?.carries(stored)
    }

    /// The place as it is by now: closed with its session, offered no longer than its session
    /// allows, and over where others took all that was offered to everybody.
    pub fn entry_by_now(&self, stored: &Entry) -> Entry {
        let Some(session) = self.known_session(&stored.session) else { return stored.clone() };
        let state = match stored.state {
            state if !state.is_open() => state,
            _ if session.cancelled => EntryState::Closed,
            EntryState::Offered { shared: true, .. } if self.seats_free(session) == 0 => {
                EntryState::Expired
            }
            EntryState::Offered { from, until, shared } => {
                let until = self.cut_short(session, stored.place, until);
                EntryState::Offered { from, until, shared }
            }
            state => state,
        };
        Entry { state, ..stored.clone() }
    }

    fn cut_short(&self, session: &Session, place: u64, until: Timestamp) -> Timestamp {
        match &session.rest {
            Some(Rest::Move { offers, .. }) if offers.contains(&place) => {
                until.min(on_the_tick(offers_end(self.settings, session)))
            }
            _ => until,
        }
    }

    /// Seats that are neither booked nor on offer to one alone.
    pub fn seats_free(&self, session: &Session) -> usize {
        let Tally { booked, own, .. } = self.tally(&session.id);
        (session.capacity as usize).saturating_sub(booked + own)
    }
}
