//! What becomes of a session becomes of all who have a seat or wait: page by page.
//!
//! The session itself changes at once, and whoever looks at a booking or a place from then on sees
//! it changed too ([`Draft::booking`], [`Draft::entry`]); their rows, and what their clients are
//! told, come on their page. Nobody is told twice: who was is not as before any more.

use std::ops::Range;

use super::draft::Draft;
use super::moved::moved;
use super::wording::{Change, tell};
use super::{offer, page, queue, reminder, series, visit};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::decision::Record;
use crate::domain::id::{BookingId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::rejection::Rejection;
use crate::domain::roster::Tally;
use crate::domain::session::{Rest, Session};

/// The next page.
///
/// # Errors
/// If there is no such session.
pub fn go_on(draft: &mut Draft<'_>, id: &SessionId, page: u64) -> Result<(), Rejection> {
    let mut session = draft.session(id)?;
    // Taken up by a change that came in between.
    if session.pages != page {
        return Ok(());
    }
    if let Some(rest) = session.rest.take() {
        draft.put(Record::Session(session.clone()));
        run(draft, &session, rest);
    }
    Ok(())
}

/// Does what the session's change means for everybody, as far as this decision reaches. The change
/// itself is written already.
pub fn run(draft: &mut Draft<'_>, session: &Session, rest: Rest) {
    let id = &session.id;
    let left = match rest {
        Rest::CallOff { reason, too_few } => {
            call_off(draft, session, reason.as_deref(), too_few);
            queue::close(draft, session, reason.as_deref());
            let Tally { open, waiting, own, shared, .. } = draft.tally(id);
            let came = !draft.came_in_vain(session, 1).is_empty();
            let more = came || open + waiting + own + shared > 0;
            more.then_some(Rest::CallOff { reason, too_few })
        }
        Rest::Move { seats_after, offers } => move_along(draft, session, seats_after, offers),
        Rest::Places => None,
    };
    match left {
        Some(rest) => page::leave(draft, id, rest),
        None if session.cancelled => {}
        None if session.started(draft.ctx.now) => {
            queue::close(draft, session, None);
            if draft.tally(id).places() > 0 {
                page::leave_places(draft, id);
            }
        }
        None => {
            queue::advance(draft, id);
        }
    }
}

fn call_off(draft: &mut Draft<'_>, session: &Session, reason: Option<&str>, too_few: bool) {
    let state = draft.state;
    for seat in state.seats_after(&session.id, None) {
        if !draft.has_room() {
            return;
        }
        let before = draft.stored_booking(&seat.id).unwrap_or(seat).clone();
        let change = Change { reason, too_few, ..Change::default() };
        cancel(draft, &before, before.clone(), change);
    }
    for came in draft.came_in_vain(session, draft.room) {
        draft.room -= 1;
        let booking = visit::take_back(draft, &came);
        let change = Change { reason, too_few, ..Change::default() };
        cancel(draft, &came, booking, change);
    }
}

fn cancel(draft: &mut Draft<'_>, before: &Booking, mut booking: Booking, change: Change<'_>) {
    booking.state = BookingState::Cancelled;
    booking.sequence += 1;
    series::withdraw(draft, &mut booking);
    booking.together = None;
    draft.put_booking(booking.clone());
    let Ok(client) = draft.holder(&booking) else { return };
    series::plan(draft, booking.series.as_ref(), &client);
    tell(draft, Kind::SessionCancelled, &client, &booking, change);
    reminder::withdraw(draft, before, &client);
}

/// What is left of it.
fn move_along(
    draft: &mut Draft<'_>,
    session: &Session,
    mut seats_after: Option<BookingId>,
    offers: Range<u64>,
) -> Option<Rest> {
    let (state, from) = (draft.state, seats_after.clone());
    let mut seats = state.seats_after(&session.id, from.as_ref()).peekable();
    while let Some(seat) = seats.next_if(|_| draft.has_room()) {
        seats_after = Some(seat.id.clone());
        let before = draft.stored_booking(&seat.id).unwrap_or(seat).clone();
        if let Some(booking) = session.carries(&before)
            && moved(draft, &before, booking).is_err()
        {
            // Nobody is left to be told.
            continue;
        }
    }
    for came in draft.came_in_vain(session, draft.room) {
        draft.room -= 1;
        let (starts_at, ends_at) = (session.starts_at, Some(session.ends_at));
        let booking = Booking { starts_at, ends_at, ..visit::take_back(draft, &came) };
        if moved(draft, &came, booking).is_err() {
            // Nobody is left to be told.
            continue;
        }
    }
    let begun = session.started(draft.ctx.now);
    let offers = if begun { 0..0 } else { offer::moved(draft, session, offers) };
    let came = !draft.came_in_vain(session, 1).is_empty();
    let more = seats.peek().is_some() || came || !offers.is_empty();
    more.then_some(Rest::Move { seats_after, offers })
}
