//! What has long been over is let go of, so that a tenant does not grow for ever.
//!
//! A timer stands while a tenant has bookings or sessions. It looks through the rows, some at a
//! time: first bookings, then places in queues, then sessions, which nothing points to by then.
//!
//! ```text
//!   the first row ──kept──▶ Bookings ─▶ Entries ─▶ Sessions ──▶ no row is left: nothing planned
//!                              ▲                       └── EVERY ──┐
//!                              └─── or when the next row is over ──┘
//! ```
//!
//! Nobody is told, upstream neither: whoever needs the row for longer has it there. What is still
//! to be sent, or decided, about a row keeps it.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::draft::Draft;
use crate::domain::booking::{Booking, Together};
use crate::domain::decision::RecordKey;
use crate::domain::id::{BookingId, EntryId, SessionId};
use crate::domain::message::{Topic, topic};
use crate::domain::session::{Entry, Session};
use crate::domain::timer::{Shelf, Timer};

/// So many rows are looked at in one decision.
pub const LOOKED_AT: usize = 500;
/// So long it is, at the least, until a tenant's rows are looked through again.
const EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The next try where somebody is being erased: their rows are written then.
const AFTER_ERASURE: SignedDuration = SignedDuration::from_hours(1);

/// Looks through the next rows.
pub fn look_through(draft: &mut Draft<'_>, shelf: &Shelf) {
    let Some(before) = plus(draft.ctx.now, -draft.ctx.plans.kept()) else { return };
    if draft.state.erasures().next().is_some() {
        return plan(draft, AFTER_ERASURE, shelf.clone());
    }
    let next = match shelf {
        Shelf::Bookings { after } => bookings(draft, after.as_ref(), before),
        Shelf::Entries { after } => entries(draft, after.as_ref(), before),
        Shelf::Sessions { after } => sessions(draft, after.as_ref(), before),
    };
    match next {
        Some(shelf) => plan(draft, SignedDuration::ZERO, shelf),
        None if draft.keeps_rows() => {
            plan(draft, until_next(draft), Shelf::Bookings { after: None })
        }
        None => {}
    }
}

/// Until the first row may have been over for so long, and [`EVERY`] at the least.
fn until_next(draft: &Draft<'_>) -> SignedDuration {
    let sessions = draft.state.sessions_after(None).map(|session| session.ends_at);
    let first = draft.state.bookings().map(ended).chain(sessions).min();
    let next = first.and_then(|ends| plus(ends, draft.ctx.plans.kept()));
    next.map_or(EVERY, |next| next.duration_since(draft.ctx.now).max(EVERY))
}

fn ended(booking: &Booking) -> Timestamp {
    booking.ends_at.unwrap_or(booking.starts_at)
}

fn plan(draft: &mut Draft<'_>, pause: SignedDuration, shelf: Shelf) {
    let due = plus(draft.ctx.now, pause).unwrap_or(Timestamp::MAX);
    draft.set_timer(due, Timer::Retire { shelf });
}

fn plus(at: Timestamp, span: SignedDuration) -> Option<Timestamp> {
    at.checked_add(span).ok()
}

fn bookings(draft: &mut Draft<'_>, after: Option<&BookingId>, before: Timestamp) -> Option<Shelf> {
    let mut rows = draft.state.bookings_after(after);
    let page: Vec<&Booking> = rows.by_ref().take(LOOKED_AT).collect();
    let more = rows.next().is_some();
    let over = page.iter().filter(|booking| booking_is_over(draft, booking, before));
    let over: Vec<BookingId> = over.map(|booking| booking.id.clone()).collect();
    over.into_iter().for_each(|id| draft.drop_record(RecordKey::Booking(id)));
    match page.last() {
        Some(last) if more => Some(Shelf::Bookings { after: Some(last.id.clone()) }),
        _ => Some(Shelf::Entries { after: None }),
    }
}

fn booking_is_over(draft: &Draft<'_>, booking: &Booking, before: Timestamp) -> bool {
    let session = booking.session.as_ref().and_then(|id| draft.state.session(id));
    ended(booking) < before
        && session.is_none_or(|session| session_is_over(session, before))
        && !matches!(booking.together, Some(Together::Waits(_)))
        && draft.state.unsent(&topic(booking)).is_empty()
}

/// It is past, and all was done for its people.
fn session_is_over(session: &Session, before: Timestamp) -> bool {
    session.ends_at < before && session.rest.is_none()
}

fn entries(draft: &mut Draft<'_>, after: Option<&EntryId>, before: Timestamp) -> Option<Shelf> {
    let mut rows = draft.state.entries_after(after);
    let page: Vec<&Entry> = rows.by_ref().take(LOOKED_AT).collect();
    let more = rows.next().is_some();
    let over = |entry: &&&Entry| {
        let session = draft.state.session(&entry.session);
        !entry.state.is_open()
            && session.is_none_or(|session| session_is_over(session, before))
            && draft.state.unsent(&Topic::Entry(entry.id.clone())).is_empty()
    };
    let over: Vec<EntryId> = page.iter().filter(over).map(|entry| entry.id.clone()).collect();
    over.into_iter().for_each(|id| draft.drop_record(RecordKey::Entry(id)));
    match page.last() {
        Some(last) if more => Some(Shelf::Entries { after: Some(last.id.clone()) }),
        _ => Some(Shelf::Sessions { after: None }),
    }
}

fn sessions(draft: &mut Draft<'_>, after: Option<&SessionId>, before: Timestamp) -> Option<Shelf> {
    let mut rows = draft.state.sessions_after(after);
    let page: Vec<&Session> = rows.by_ref().take(LOOKED_AT).collect();
    let more = rows.next().is_some();
    let mut over: Vec<&Session> =
        page.iter().copied().filter(|session| session_is_over(session, before)).collect();
    if !over.is_empty() {
        let needed = needed(draft);
        over.retain(|session| !needed.contains(&session.id));
    }
    let over: Vec<SessionId> = over.into_iter().map(|session| session.id.clone()).collect();
    over.into_iter().for_each(|id| draft.drop_record(RecordKey::Session(id)));
    let last = page.last().filter(|_| more)?;
    Some(Shelf::Sessions { after: Some(last.id.clone()) })
}

/// Sessions that another row points to.
fn needed<'a>(draft: &Draft<'a>) -> HashSet<&'a SessionId> {
    let state = draft.state;
    let seats = state.bookings().filter_map(|booking| booking.session.as_ref());
    seats.chain(state.entries_after(None).map(|entry| &entry.session)).collect()
}
