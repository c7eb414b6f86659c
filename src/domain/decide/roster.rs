//! A session's seats and queue as they stand in a decision: the stored ones, and over them what
//! the decision changed so far.

use super::draft::Draft;
use crate::domain::booking::Booking;
use crate::domain::id::{ClientId, SessionId};
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::Entry;

impl Draft<'_> {
    /// How many have a seat of the session, or wait for one.
    pub fn tally(&self, session: &SessionId) -> Tally {
        let changed = self.tallies.get(session).copied();
        changed.unwrap_or_else(|| self.state.tally(session))
    }

    /// The first who have this rank in the session's queue, at most so many, in the order of
    /// joining.
    pub fn line(&self, session: &SessionId, rank: Rank, most: usize) -> Vec<Entry> {
        let has_rank = |entry: &&Entry| Rank::of(entry.state) == Some(rank);
        let stored = self.state.line(session, rank).filter(|e| !self.entries.contains_key(&e.id));
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

    /// The client's open booking of the session for themselves, if there is one.
    pub fn seat_of(&self, session: &SessionId, client: &ClientId) -> Option<&Booking> {
        let stored =
            self.state.open_bookings(client).filter(|b| !self.bookings.contains_key(&b.id));
        let changed = self.bookings.values().filter(|b| b.client == *client && b.state.is_open());
        let mut open = changed.chain(stored).filter(|booking| !booking.guest);
        open.find(|booking| booking.session.as_ref() == Some(session))
    }

    /// The client's place in the session's queue, as long as a seat may come of it.
    pub fn place_of(&self, session: &SessionId, client: &ClientId) -> Option<&Entry> {
        let stored = self.state.places(client).filter(|e| !self.entries.contains_key(&e.id));
        let changed = self.entries.values().filter(|e| e.client == *client && e.state.is_open());
        changed.chain(stored).find(|entry| entry.session == *session)
    }
}
