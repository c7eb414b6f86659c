//! Commands about a booking.

use jiff::{SignedDuration, Timestamp};

use super::alert::alert;
use super::draft::{Draft, illegal, step};
use super::moved::{moved, overtake};
use super::wording::{Change, facts, tell, tell_seated};
use super::{queue, reminder, series};
use crate::domain::booking::{Booking, BookingState, Party, Step};
use crate::domain::called::called;
use crate::domain::command::RequestBooking;
use crate::domain::decision::Record;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts, topic};
use crate::domain::policy::SkipReason;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::settings::Approval;

/// A client's booking waits where the tenant approves by hand; a staff's never does.
pub fn request(draft: &mut Draft<'_>, request: &RequestBooking) -> Result<(), Rejection> {
    if draft.state.booking(&request.booking).is_some() {
        let booking = called("booking", request.booking.as_str());
        let detail = format!("booking: {booking} exists already");
        return Err(Rejection::new(RejectionReason::BookingExists, detail));
    }
    let client = draft.living_client(&request.client)?;
    let Some((starts_at, ends_at)) = times_of(draft, request)? else { return Ok(()) };
    let waits = request.by == Party::Client && draft.settings.approval == Approval::Manual;
    let state = if waits { BookingState::Pending } else { BookingState::Confirmed };
    let mut booking = Booking {
        id: request.booking.clone(),
        client: request.client.clone(),
        state,
        starts_at,
        ends_at,
        service: request.service.clone(),
        session: request.session.clone(),
        series: request.series.clone(),
        notes: request.notes.clone(),
        sequence: 0,
        attendance_confirmed: false,
        attendance_asked: false,
        guest: request.guest,
        together: None,
        erased: false,
        early: None,
        waited: false,
    };
    let kind = if waits { Kind::BookingPending } else { Kind::BookingConfirmed };
    let waited = queue::seated(draft, &booking);
    booking.waited = waited && waits;
    // Who waited for it hears of it at once.
    let waits_for_others = !waited && series::gather(draft, &mut booking);
    draft.put_booking(booking.clone());
    if waits_for_others {
        series::plan(draft, booking.series.as_ref(), &client);
    } else {
        tell(draft, kind, &client, &booking, Change::default());
    }
    if waited {
        tell_seated(draft, &client, &booking);
    }
    if !waits {
        reminder::plan(draft, &booking, &client);
    }
    if request.by == Party::Client {
        let facts = Facts::Booking(facts(draft, &booking));
        alert(draft, Kind::StaffBookingRequested, &client, &facts);
    }
    // The seat may have been offered to all who wait.
    pass_seats_on(draft, &booking);
    Ok(())
}

/// When the booking takes place, or `None` if it waits for a seat instead.
fn times_of(
    draft: &mut Draft<'_>,
    request: &RequestBooking,
) -> Result<Option<(Timestamp, Option<Timestamp>)>, Rejection> {
    if let Some(session) = &request.session {
        return queue::seat_or_wait(draft, session, request);
    }
    let starts_at = request.starts_at.ok_or_else(|| {
        Rejection::new(RejectionReason::InvalidTime, "starts_at: only a session can give it")
    })?;
    check_times(starts_at, request.ends_at)?;
    let ends_at = request.ends_at.or_else(|| usual_end(draft, request, starts_at));
    Ok(Some((starts_at, ends_at)))
}

/// Also reinstates a cancelled booking, before its start.
pub fn confirm(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let was_pending = draft.booking(id)?.state == BookingState::Pending;
    let Some(mut booking) = step(draft, id, Step::Confirm)? else { return Ok(()) };
    let client = draft.holder(&booking)?;
    overtake(draft, id)?;
    if !was_pending && let Some(session) = &booking.session {
        queue::check_one_seat(draft, session, &booking.client, booking.guest)?;
        let session = queue::free_seat(draft, session, &booking)?;
        // It may have moved while this was no seat of it.
        (booking.starts_at, booking.ends_at) = (session.starts_at, Some(session.ends_at));
    }
    series::withdraw(draft, &mut booking);
    booking.sequence += 1;
    // They said so before it was called off.
    booking.attendance_confirmed = false;
    booking.attendance_asked = false;
    let waited = std::mem::take(&mut booking.waited) | queue::seated(draft, &booking);
    // Who was told that it is cancelled must hear that it is not.
    let waits_for_others = was_pending && !waited && series::gather(draft, &mut booking);
    if !waits_for_others {
        booking.together = None;
    }
    draft.put_booking(booking.clone());
    if !waits_for_others {
        tell(draft, Kind::BookingConfirmed, &client, &booking, Change::default());
    }
    if waited {
        tell_seated(draft, &client, &booking);
    }
    series::plan(draft, booking.series.as_ref(), &client);
    reminder::plan(draft, &booking, &client);
    pass_seats_on(draft, &booking);
    Ok(())
}

/// Refuses a booking that is still pending.
pub fn decline(
    draft: &mut Draft<'_>,
    id: &BookingId,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let Some(mut booking) = step(draft, id, Step::Decline)? else { return Ok(()) };
    overtake(draft, id)?;
    declined(draft, &mut booking, reason)
}

/// On a pending booking: by staff a refusal, by the client silent.
pub fn cancel(
    draft: &mut Draft<'_>,
    id: &BookingId,
    by: Party,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let before = draft.booking(id)?;
    let Some(mut booking) = step(draft, id, Step::Cancel(by))? else { return Ok(()) };
    overtake(draft, id)?;
    if booking.state == BookingState::Declined {
        return declined(draft, &mut booking, reason);
    }
    series::withdraw(draft, &mut booking);
    booking.together = None;
    booking.sequence += 1;
    draft.put_booking(booking.clone());
    let client = draft.holder(&booking)?;
    let never = before.state == BookingState::Pending;
    let veto = never.then_some(SkipReason::NeverConfirmed);
    let change = Change { cancelled_by: Some(by), reason, veto, ..Change::default() };
    tell(draft, Kind::BookingCancelled, &client, &booking, change);
    reminder::withdraw(draft, &before, &client);
    series::plan(draft, booking.series.as_ref(), &client);
    if by == Party::Client {
        let reason = reason.map(str::to_owned);
        let facts = BookingFacts { cancelled_by: Some(by), reason, ..facts(draft, &booking) };
        alert(draft, Kind::StaffBookingCancelled, &client, &Facts::Booking(facts));
    }
    pass_seats_on(draft, &booking);
    Ok(())
}

/// To the same instant it is no move. A seat of a session moves with its session only.
pub fn reschedule(
    draft: &mut Draft<'_>,
    id: &BookingId,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
) -> Result<(), Rejection> {
    let mut booking = draft.booking(id)?;
    check_times(starts_at, ends_at)?;
    if !booking.state.is_open() {
        return Err(illegal(&booking, "rescheduled"));
    }
    let length = booking.ends_at.map(|end| end.duration_since(booking.starts_at));
    booking.starts_at = starts_at;
    booking.ends_at = ends_at.or_else(|| after(starts_at, length));
    let before = draft.booking(id)?;
    if booking == before {
        draft.already_done();
        return Ok(());
    }
    if let Some(session) = &booking.session {
        let (booking, session) =
            (called("booking", id.as_str()), called("session", session.as_str()));
        let detail = format!("{booking} is a seat of {session}; reschedule the session");
        return Err(Rejection::new(RejectionReason::IllegalTransition, detail));
    }
    moved(draft, &before, booking)
}

/// The old client is told that it is cancelled, the new one that it is theirs.
pub fn reassign(
    draft: &mut Draft<'_>,
    id: &BookingId,
    client: &ClientId,
    guest: bool,
) -> Result<(), Rejection> {
    let mut booking = draft.booking(id)?;
    let new = draft.living_client(client)?;
    if !booking.state.is_open() {
        return Err(illegal(&booking, "reassigned"));
    }
    if booking.client == *client {
        draft.already_done();
        return Ok(());
    }
    if let Some(session) = &booking.session {
        queue::check_one_seat(draft, session, client, guest)?;
    }
    overtake(draft, id)?;
    let old = draft.holder(&booking)?;
    let before = booking.clone();
    series::withdraw(draft, &mut booking);
    draft.supersede(&topic(&booking), client);
    booking.client = client.clone();
    booking.guest = guest;
    booking.sequence += 1;
    booking.attendance_confirmed = false;
    booking.attendance_asked = false;
    let waited = queue::seated(draft, &booking);
    booking.waited = waited && booking.state == BookingState::Pending;
    let waits_for_others = !waited && series::gather(draft, &mut booking);
    if !waits_for_others {
        booking.together = None;
    }
    draft.put_booking(booking.clone());
    let pending = booking.state == BookingState::Pending;
    let change = Change {
        cancelled_by: Some(Party::Staff),
        veto: pending.then_some(SkipReason::NeverConfirmed),
        ..Change::default()
    };
    tell(draft, Kind::BookingCancelled, &old, &booking, change);
    let kind = if pending { Kind::BookingPending } else { Kind::BookingConfirmed };
    if waits_for_others {
        series::plan(draft, booking.series.as_ref(), &new);
    } else {
        tell(draft, kind, &new, &booking, Change::default());
    }
    if waited {
        tell_seated(draft, &new, &booking);
    }
    reminder::withdraw(draft, &before, &old);
    if !pending {
        reminder::plan(draft, &booking, &new);
    }
    series::plan(draft, booking.series.as_ref(), &old);
    pass_seats_on(draft, &booking);
    Ok(())
}

/// The tenant's own note: nobody is told.
pub fn annotate(draft: &mut Draft<'_>, id: &BookingId, notes: &str) -> Result<(), Rejection> {
    draft.booking(id)?;
    // The row as it is: what its session made of it is still to be told.
    let Some(mut booking) = draft.stored_booking(id).cloned() else { return Ok(()) };
    if booking.notes.as_deref() == Some(notes) {
        draft.already_done();
        return Ok(());
    }
    booking.notes = Some(notes.to_owned());
    draft.put(Record::Booking(booking));
    Ok(())
}

fn declined(
    draft: &mut Draft<'_>,
    booking: &mut Booking,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    series::withdraw(draft, booking);
    booking.together = None;
    let client = draft.holder(booking)?;
    draft.put_booking(booking.clone());
    let change = Change { reason, ..Change::default() };
    tell(draft, Kind::BookingDeclined, &client, booking, change);
    series::plan(draft, booking.series.as_ref(), &client);
    pass_seats_on(draft, booking);
    Ok(())
}

/// What is free of the booking's session is offered to those who wait.
fn pass_seats_on(draft: &mut Draft<'_>, booking: &Booking) {
    if let Some(session) = &booking.session {
        queue::advance(draft, session);
    }
}

fn check_times(starts_at: Timestamp, ends_at: Option<Timestamp>) -> Result<(), Rejection> {
    match ends_at {
        Some(end) if end < starts_at => {
            let detail = "ends_at: lies before starts_at";
            Err(Rejection::new(RejectionReason::InvalidTime, detail))
        }
        _ => Ok(()),
    }
}

fn usual_end(
    draft: &Draft<'_>,
    request: &RequestBooking,
    starts_at: Timestamp,
) -> Option<Timestamp> {
    let service = draft.settings.services.get(request.service.as_ref()?)?;
    after(starts_at, service.duration)
}

fn after(start: Timestamp, length: Option<SignedDuration>) -> Option<Timestamp> {
    start.checked_add(length?).ok()
}
