//! The queue before a session's door: first in, first out, one offer a seat.

use jiff::Timestamp;

use super::alert::alert;
use super::draft::{Draft, check_open};
use super::tell::Say;
use super::wording::{Change, facts, tell};
use super::{offer, reminder};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::called::called;
use crate::domain::command::RequestBooking;
use crate::domain::decision::Record;
use crate::domain::id::{BookingId, ClientId, EntryId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::planning::offer_end;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::session::{Entry, EntryState, QUEUE_MAX, Session};
use crate::domain::told;

pub use offer::{advance, ends as offer_ends, seats_taken};

type Times = (Timestamp, Option<Timestamp>);

/// The times of the seat that a request gets, or `None` if it waits in the queue instead.
///
/// # Errors
/// If no seat is free and it is not to wait.
pub fn seat_or_wait(
    draft: &mut Draft<'_>,
    id: &SessionId,
    request: &RequestBooking,
) -> Result<Option<Times>, Rejection> {
    let session = draft.session(id)?;
    check_open(draft, &session)?;
    let starts = request.starts_at.unwrap_or(session.starts_at);
    let ends = request.ends_at.unwrap_or(session.ends_at);
    if (starts, ends) != (session.starts_at, session.ends_at) {
        let session = called("session", id.as_str());
        let detail = format!("starts_at, ends_at: {session} has other times; leave them out");
        return Err(Rejection::new(RejectionReason::InvalidTime, detail));
    }
    check_one_seat(draft, id, &request.client, request.guest)?;
    let times = Some((session.starts_at, Some(session.ends_at)));
    if !request.guest
        && let Some(entry) = own_offer(draft, &session, &request.client)
    {
        if entry.id.as_str() == request.booking.as_str() {
            // The request that joined the queue, once more.
            draft.already_done();
            return Ok(None);
        }
        return Ok(times);
    }
    if !offer::is_full(draft, &session) {
        return Ok(times);
    }
    // A place in the queue is a client's own.
    if !request.join_queue || request.guest {
        let detail = format!("session: no seat of {} is free", called("session", id.as_str()));
        return Err(Rejection::new(RejectionReason::SessionFull, detail));
    }
    let entry = EntryId::parse(request.booking.as_str())
        .map_err(|error| Rejection::new(RejectionReason::UnknownEntry, error.to_string()))?;
    join(draft, id, &request.client, &entry)?;
    Ok(None)
}

/// A client has one seat of a session; what more they take is for guests, and said to be.
///
/// # Errors
/// If they would have another for themselves.
pub fn check_one_seat(
    draft: &Draft<'_>,
    session: &SessionId,
    client: &ClientId,
    guest: bool,
) -> Result<(), Rejection> {
    if guest || draft.seat_of(session, client).is_none() {
        return Ok(());
    }
    let detail = format!(
        "client: has a seat of {} already; one for somebody else is asked for with guest",
        called("session", session.as_str()),
    );
    Err(Rejection::new(RejectionReason::AlreadyBooked, detail))
}

/// An open offer is as good as a seat to whom it was made.
fn own_offer(draft: &Draft<'_>, session: &Session, client: &ClientId) -> Option<Entry> {
    let entry = draft.entry_by_now(draft.place_of(&session.id, client)?);
    let end = offer_end(&entry, draft.ctx.outages)?;
    (draft.ctx.now < end).then_some(entry)
}

/// The client is about to have a seat, however it comes: their place in the queue, and an open
/// offer, end with it. Says whether there was one. Who calls this also calls [`advance`] in the
/// end, because the seat that they had on offer may be free now.
pub fn seated(draft: &mut Draft<'_>, booking: &Booking) -> bool {
    let Some(session) = booking.session.as_ref().filter(|_| !booking.guest) else { return false };
    let Some(entry) = draft.place_of(session, &booking.client).cloned() else { return false };
    let taken = Entry { booking: Some(booking.id.clone()), ..entry };
    offer::give_up(draft, &taken, EntryState::Accepted);
    true
}

/// The session, with a seat for a booking that was called off.
///
/// # Errors
/// If no seat is free.
pub fn free_seat(
    draft: &Draft<'_>,
    id: &SessionId,
    booking: &Booking,
) -> Result<Session, Rejection> {
    let session = draft.session(id)?;
    check_open(draft, &session)?;
    // An offer is the client's own, and no guest's.
    let offered = !booking.guest && own_offer(draft, &session, &booking.client).is_some();
    if offer::is_full(draft, &session) && !offered {
        let detail = format!("no seat of {} is free", called("session", id.as_str()));
        return Err(Rejection::new(RejectionReason::SessionFull, detail));
    }
    Ok(session)
}

/// The last in the queue, who is offered a seat at once where one is free.
pub fn join(
    draft: &mut Draft<'_>,
    id: &SessionId,
    client: &ClientId,
    entry: &EntryId,
) -> Result<(), Rejection> {
    let client = draft.living_client(client)?;
    let mut session = draft.session(id)?;
    if let Ok(known) = draft.entry(entry) {
        if known.session == *id && known.client == client.id && known.state.is_open() {
            draft.already_done();
            return Ok(());
        }
        let detail = format!("entry: {} is taken already", called("place", entry.as_str()));
        return Err(Rejection::new(RejectionReason::EntryExists, detail));
    }
    check_open(draft, &session)?;
    let refuse = |reason, detail: &str| Err(Rejection::new(reason, detail));
    if draft.place_of(id, &client.id).is_some() {
        return refuse(RejectionReason::AlreadyQueued, "client: waits for this session already");
    }
    check_one_seat(draft, id, &client.id, false)?;
    if draft.tally(id).places() >= QUEUE_MAX {
        return refuse(RejectionReason::QueueFull, "session: too many wait already");
    }
    session.joined += 1;
    let place = session.joined;
    let facts = Facts::Queue(told::of_place(&session, entry));
    draft.put(Record::Session(session));
    draft.put_entry(Entry {
        id: entry.clone(),
        session: id.clone(),
        client: client.id.clone(),
        place,
        state: EntryState::Waiting,
        booking: None,
    });
    alert(draft, Kind::StaffQueueJoined, &client, &facts);
    advance(draft, id);
    Ok(())
}

/// Takes the offered seat, in time.
pub fn accept(
    draft: &mut Draft<'_>,
    id: &EntryId,
    booking: Option<&BookingId>,
) -> Result<(), Rejection> {
    let entry = draft.entry(id)?;
    let session = draft.session(&entry.session)?;
    match entry.state {
        EntryState::Accepted => {
            draft.already_done();
            return Ok(());
        }
        EntryState::Offered { .. } | EntryState::Expired => check_offer(draft, &entry, &session)?,
        _ => return Err(illegal(&entry, "accepted")),
    }
    check_one_seat(draft, &session.id, &entry.client, false)?;
    let booking_id = match booking {
        Some(booking) => booking.clone(),
        None => BookingId::parse(id.as_str())
            .map_err(|error| Rejection::new(RejectionReason::UnknownBooking, error.to_string()))?,
    };
    if draft.booking(&booking_id).is_ok() {
        let booking = called("booking", booking_id.as_str());
        let detail = format!("booking: {booking} exists already");
        return Err(Rejection::new(RejectionReason::BookingExists, detail));
    }
    let client = draft.living_client(&entry.client)?;
    let seat = seat_of(&session, booking_id, &client.id);
    seated(draft, &seat);
    draft.put_booking(seat.clone());
    let change = Change { accepted: true, ..Change::default() };
    tell(draft, Kind::QueueAccepted, &client, &seat, change);
    reminder::plan(draft, &seat, &client);
    let facts = Facts::Booking(facts(draft, &seat));
    alert(draft, Kind::StaffQueueAccepted, &client, &facts);
    advance(draft, &session.id);
    Ok(())
}

/// The offer can still be answered.
fn check_offer(draft: &Draft<'_>, entry: &Entry, session: &Session) -> Result<(), Rejection> {
    let now = draft.ctx.now;
    let open = offer_end(entry, draft.ctx.outages).is_some_and(|end| now < end);
    if open && !session.started(now) {
        return Ok(());
    }
    let detail = format!("the offer to {} is over", called("place", entry.id.as_str()));
    Err(Rejection::new(RejectionReason::OfferExpired, detail))
}

fn seat_of(session: &Session, id: BookingId, client: &ClientId) -> Booking {
    Booking {
        id,
        client: client.clone(),
        state: BookingState::Confirmed,
        starts_at: session.starts_at,
        ends_at: Some(session.ends_at),
        service: None,
        session: Some(session.id.clone()),
        series: None,
        notes: None,
        sequence: 0,
        attendance_confirmed: false,
        attendance_asked: false,
        guest: false,
        together: None,
        erased: false,
        early: None,
        waited: false,
    }
}

/// Leaves the offered seat to the next.
pub fn decline(draft: &mut Draft<'_>, id: &EntryId) -> Result<(), Rejection> {
    let entry = draft.entry(id)?;
    match entry.state {
        EntryState::Declined => {
            draft.already_done();
            Ok(())
        }
        EntryState::Offered { .. } | EntryState::Expired => {
            let session = draft.session(&entry.session)?;
            check_offer(draft, &entry, &session)?;
            leave_as(draft, &entry, EntryState::Declined);
            Ok(())
        }
        _ => Err(illegal(&entry, "declined")),
    }
}

/// Gives up a place in a queue; an offer that was open is the next one's.
pub fn leave(draft: &mut Draft<'_>, id: &EntryId) -> Result<(), Rejection> {
    let entry = draft.entry(id)?;
    match entry.state {
        EntryState::Left => {
            draft.already_done();
            Ok(())
        }
        EntryState::Waiting | EntryState::Offered { .. } => {
            leave_as(draft, &entry, EntryState::Left);
            Ok(())
        }
        _ => Err(illegal(&entry, "left")),
    }
}

/// A client who is deleted waits for nothing any more.
pub fn leave_all(draft: &mut Draft<'_>, client: &ClientId) {
    let open: Vec<Entry> = draft.state.places(client).cloned().collect();
    for entry in open {
        leave_as(draft, &entry, EntryState::Left);
    }
}

fn leave_as(draft: &mut Draft<'_>, entry: &Entry, state: EntryState) {
    offer::give_up(draft, entry, state);
    advance(draft, &entry.session);
}

/// The session begins, or is called off for this reason: nobody waits any more, as far as this
/// decision reaches.
pub fn close(draft: &mut Draft<'_>, session: &Session, reason: Option<&str>) {
    for entry in draft.queue(&session.id, draft.room) {
        draft.room -= 1;
        offer::give_up(draft, &entry, EntryState::Closed);
        let Ok(client) = draft.client(&entry.client) else { continue };
        let mut facts = told::of_place(session, &entry.id);
        facts.reason = reason.map(str::to_owned);
        facts.cancelled = session.cancelled;
        draft.say(Say::new(Kind::QueueClosed, &client, Facts::Queue(facts)));
    }
}

fn illegal(entry: &Entry, participle: &str) -> Rejection {
    let (place, state) = (called("place", entry.id.as_str()), entry.state.as_str());
    let detail = format!("{place} is {state} and cannot be {participle}");
    Rejection::new(RejectionReason::IllegalTransition, detail)
}
