//! Commands about a booking.

use jiff::{SignedDuration, Timestamp};

use super::draft::Draft;
use super::series;
use crate::domain::booking::{Booking, BookingState, Party, Step, Transition, transition};
use crate::domain::client::Client;
use crate::domain::command::RequestBooking;
use crate::domain::decision::Record;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts};
use crate::domain::policy::SkipReason;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::settings::Approval;

/// A client's booking waits where the tenant approves by hand; a staff's never does.
pub fn request(draft: &mut Draft<'_>, request: &RequestBooking) -> Result<(), Rejection> {
    if draft.state.booking(&request.booking).is_some() {
        let detail = format!("booking: there is a booking {} already", request.booking);
        return Err(Rejection::new(RejectionReason::BookingExists, detail));
    }
    let client = draft.client(&request.client)?;
    if client.deleted {
        let detail = format!("client: client {} was deleted", request.client);
        return Err(Rejection::new(RejectionReason::ClientDeleted, detail));
    }
    check_times(request.starts_at, request.ends_at)?;
    let waits = request.by == Party::Client && draft.settings.approval == Approval::Manual;
    let state = if waits { BookingState::Pending } else { BookingState::Confirmed };
    let booking = Booking {
        id: request.booking.clone(),
        client: request.client.clone(),
        state,
        starts_at: request.starts_at,
        ends_at: request.ends_at.or_else(|| usual_end(draft, request)),
        service: request.service.clone(),
        series: request.series.clone(),
        notes: request.notes.clone(),
        sequence: 0,
    };
    let kind = if waits { Kind::BookingPending } else { Kind::BookingConfirmed };
    draft.put_booking(booking.clone());
    if series::is_told(draft, &booking) {
        draft.keep_silent(kind, &client, &booking.id, SkipReason::SeriesTold);
    } else {
        tell(draft, kind, &client, &booking, Change::default());
    }
    Ok(())
}

/// Also reinstates a cancelled booking, before its start.
pub fn confirm(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let was_pending = draft.booking(id)?.state == BookingState::Pending;
    let Some(mut booking) = step(draft, id, Step::Confirm)? else { return Ok(()) };
    draft.supersede(id, &booking.client);
    booking.sequence += 1;
    draft.put_booking(booking.clone());
    let client = draft.client(&booking.client)?;
    // Who was told that it is cancelled must hear that it is not.
    if was_pending && series::is_told(draft, &booking) {
        draft.keep_silent(Kind::BookingConfirmed, &client, id, SkipReason::SeriesTold);
    } else {
        tell(draft, Kind::BookingConfirmed, &client, &booking, Change::default());
    }
    Ok(())
}

/// Refuses a booking that is still pending.
pub fn decline(
    draft: &mut Draft<'_>,
    id: &BookingId,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let Some(booking) = step(draft, id, Step::Decline)? else { return Ok(()) };
    declined(draft, booking, reason)
}

/// On a pending booking: by staff a refusal, by the client silent.
pub fn cancel(
    draft: &mut Draft<'_>,
    id: &BookingId,
    by: Party,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let was_pending = draft.booking(id)?.state == BookingState::Pending;
    let Some(mut booking) = step(draft, id, Step::Cancel(by))? else { return Ok(()) };
    if booking.state == BookingState::Declined {
        return declined(draft, booking, reason);
    }
    let replaced = draft.supersede(id, &booking.client);
    booking.sequence += 1;
    draft.put_booking(booking.clone());
    let client = draft.client(&booking.client)?;
    if was_pending {
        draft.keep_silent(Kind::BookingCancelled, &client, id, SkipReason::NeverConfirmed);
    } else {
        let change = Change { cancelled_by: Some(by), reason, ..Change::default() };
        tell(draft, Kind::BookingCancelled, &client, &booking, change);
    }
    pass_on(draft, &booking, &client, &replaced);
    Ok(())
}

/// To the same instant it is no move. One message goes where the last one has not left yet.
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
    let moved_from = booking.starts_at;
    let length = booking.ends_at.map(|end| end.duration_since(booking.starts_at));
    booking.starts_at = starts_at;
    booking.ends_at = ends_at.or_else(|| after(starts_at, length));
    if booking == draft.booking(id)? {
        draft.already_done();
        return Ok(());
    }
    if moved_from == starts_at {
        draft.put_booking(booking);
        return Ok(());
    }
    booking.sequence += 1;
    let replaced = draft.supersede(id, &booking.client);
    draft.put_booking(booking.clone());
    let client = draft.client(&booking.client)?;
    let first = [Kind::BookingConfirmed, Kind::BookingPending]
        .into_iter()
        .find(|kind| replaced.contains(kind));
    let kind = first.unwrap_or(Kind::BookingRescheduled);
    // Nobody heard of a time whose message was replaced.
    let moved_from = replaced.is_empty().then_some(moved_from);
    tell(draft, kind, &client, &booking, Change { moved_from, ..Change::default() });
    Ok(())
}

/// The old client is told that it is cancelled, the new one that it is theirs.
pub fn reassign(draft: &mut Draft<'_>, id: &BookingId, client: &ClientId) -> Result<(), Rejection> {
    let mut booking = draft.booking(id)?;
    let new = draft.client(client)?;
    if new.deleted {
        let detail = format!("client: client {client} was deleted");
        return Err(Rejection::new(RejectionReason::ClientDeleted, detail));
    }
    if !booking.state.is_open() {
        return Err(illegal(&booking, "reassigned"));
    }
    if booking.client == *client {
        draft.already_done();
        return Ok(());
    }
    let old = draft.client(&booking.client)?;
    let replaced = draft.supersede(id, &old.id);
    draft.supersede(id, client);
    let before = booking.clone();
    booking.client = client.clone();
    booking.sequence += 1;
    draft.put_booking(booking.clone());
    if booking.state == BookingState::Pending {
        draft.keep_silent(Kind::BookingCancelled, &old, id, SkipReason::NeverConfirmed);
        tell(draft, Kind::BookingPending, &new, &booking, Change::default());
    } else {
        let change = Change { cancelled_by: Some(Party::Staff), ..Change::default() };
        tell(draft, Kind::BookingCancelled, &old, &booking, change);
        tell(draft, Kind::BookingConfirmed, &new, &booking, Change::default());
    }
    pass_on(draft, &before, &old, &replaced);
    Ok(())
}

/// The tenant's own note: nobody is told.
pub fn annotate(draft: &mut Draft<'_>, id: &BookingId, notes: &str) -> Result<(), Rejection> {
    let mut booking = draft.booking(id)?;
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
    booking: Booking,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let replaced = draft.supersede(&booking.id, &booking.client);
    let client = draft.client(&booking.client)?;
    draft.put_booking(booking.clone());
    let change = Change { reason, ..Change::default() };
    tell(draft, Kind::BookingDeclined, &client, &booking, change);
    pass_on(draft, &booking, &client, &replaced);
    Ok(())
}

/// The booking in its next state, or `None` if it already is as asked.
fn step(draft: &mut Draft<'_>, id: &BookingId, step: Step) -> Result<Option<Booking>, Rejection> {
    let mut booking = draft.booking(id)?;
    match transition(booking.state, step, booking.started(draft.ctx.now)) {
        Transition::To(state) => {
            booking.state = state;
            Ok(Some(booking))
        }
        Transition::AlreadyDone => {
            draft.already_done();
            Ok(None)
        }
        Transition::Illegal => Err(illegal(&booking, step.participle())),
    }
}

fn illegal(booking: &Booking, participle: &str) -> Rejection {
    let (id, state) = (&booking.id, booking.state.as_str());
    let detail = format!("booking {id} is {state} and cannot be {participle}");
    Rejection::new(RejectionReason::IllegalTransition, detail)
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

fn usual_end(draft: &Draft<'_>, request: &RequestBooking) -> Option<Timestamp> {
    let service = draft.settings.services.get(request.service.as_ref()?)?;
    after(request.starts_at, service.duration)
}

fn after(start: Timestamp, length: Option<SignedDuration>) -> Option<Timestamp> {
    start.checked_add(length?).ok()
}

/// What is to be told beyond the booking as it now stands.
#[derive(Default)]
struct Change<'a> {
    moved_from: Option<Timestamp>,
    cancelled_by: Option<Party>,
    reason: Option<&'a str>,
}

/// Lets the next booking of the series say what the withdrawn message was to say for all of them.
fn pass_on(draft: &mut Draft<'_>, gone: &Booking, client: &Client, replaced: &[Kind]) {
    if let Some((kind, heir)) = series::heir(draft, gone, replaced) {
        tell(draft, kind, client, &heir, Change::default());
    }
}

fn tell(draft: &mut Draft<'_>, kind: Kind, client: &Client, booking: &Booking, change: Change<'_>) {
    let service = booking.service.as_ref();
    let known = service.and_then(|id| draft.settings.services.get(id));
    let facts = Facts::Booking(BookingFacts {
        booking: booking.id.clone(),
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        service: known.map(|known| known.name.clone()).or(service.map(ToString::to_string)),
        location: known.and_then(|known| known.location.clone()),
        moved_from: change.moved_from,
        cancelled_by: change.cancelled_by,
        reason: change.reason.map(str::to_owned),
        sequence: booking.sequence,
        awaits_confirmation: booking.state == BookingState::Pending,
    });
    draft.tell(kind, client, facts, Some(booking.starts_at));
}
