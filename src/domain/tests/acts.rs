//! What the people of a random tenant do next: whoever has a seat, waits, or is offered one.

use super::witness::Witness;
use super::*;
use crate::domain::id::{EntryId, SessionId};
use crate::domain::session::{Entry, EntryState};

impl Witness {
    pub(super) fn next_session(&self) -> Option<SessionId> {
        let sessions = self.rehearsal.state().sessions_after(None);
        let open = sessions.filter(|session| !session.cancelled && !session.started(self.now));
        let next = open.min_by_key(|session| (session.starts_at, &session.id));
        next.map(|session| session.id.clone())
    }

    /// The queue's places are named `e0` and so on.
    pub(super) fn join(&mut self, client: &ClientId) {
        let Some(session) = self.next_session() else { return };
        let count = self.rehearsal.state().entries_after(None).count();
        let (client, entry) = (client.clone(), entry_id(&format!("e{count}")));
        self.command(0, &Command::JoinQueue { session, client, entry });
    }

    /// Whoever finds none waits.
    pub(super) fn seat(&mut self, client: &ClientId) {
        let Some(session) = self.next_session() else { return };
        let count = self.rehearsal.state().bookings().count();
        let request = RequestBooking {
            client: client.clone(),
            starts_at: None,
            session: Some(session),
            join_queue: true,
            ..booked(&format!("b{count}"), Party::Client)
        };
        self.command(0, &Command::RequestBooking(request));
    }

    pub(super) fn answer(&mut self, which: usize) {
        let state = self.rehearsal.state();
        let offered = |entry: &&Entry| matches!(entry.state, EntryState::Offered { .. });
        let offered = state.entries_after(None).filter(offered).map(|entry| entry.id.clone());
        let mut offered: Vec<EntryId> = offered.collect();
        offered.sort();
        if let Some(entry) = offered.get(which) {
            self.command(0, &accept(entry.as_str()));
        }
    }

    pub(super) fn vacate(&mut self, which: usize) {
        let open = |booking: &&Booking| booking.session.is_some() && booking.state.is_open();
        let seat = self.rehearsal.state().bookings().filter(open).nth(which);
        let seat = seat.map(|seat| seat.id.clone());
        if let Some(seat) = seat {
            self.command(0, &cancel(seat.as_str(), Party::Client));
        }
    }
}
