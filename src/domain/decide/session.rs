//! Commands about a session, and the instants at which it is looked at.

use jiff::Timestamp;

use super::booking::moved;
use super::draft::{Draft, check_open};
use super::wording::{Change, tell};
use super::{queue, reminder, series};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::command::ScheduleSession;
use crate::domain::id::SessionId;
use crate::domain::kind::Kind;
use crate::domain::planning::on_the_tick;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::session::Session;
use crate::domain::timer::Timer;

pub fn schedule(draft: &mut Draft<'_>, asked: &ScheduleSession) -> Result<(), Rejection> {
    let session = Session {
        id: asked.session.clone(),
        activity: asked.activity.clone(),
        starts_at: asked.starts_at,
        ends_at: asked.ends_at,
        capacity: asked.capacity,
        free_cancel_until: asked.free_cancel_until,
        min_attendance: asked.min_attendance,
        location: asked.location.clone(),
        cancelled: false,
        joined: 0,
    };
    check_times(session.starts_at, session.ends_at)?;
    if let Some(known) = draft.state.session(&asked.session) {
        if *known == (Session { joined: known.joined, ..session }) {
            draft.already_done();
            return Ok(());
        }
        let detail = format!("session: there is a session {} already", asked.session);
        return Err(Rejection::new(RejectionReason::SessionExists, detail));
    }
    plan(draft, &session);
    draft.put_session(session);
    Ok(())
}

/// Moves the session with all its bookings. The limit of free cancelling and the count of
/// attendance keep their distance from the start.
pub fn reschedule(
    draft: &mut Draft<'_>,
    id: &SessionId,
    starts_at: Timestamp,
    ends_at: Timestamp,
) -> Result<(), Rejection> {
    let before = draft.session(id)?;
    check_times(starts_at, ends_at)?;
    check_open(draft, &before)?;
    if (before.starts_at, before.ends_at) == (starts_at, ends_at) {
        draft.already_done();
        return Ok(());
    }
    let shift = starts_at.duration_since(before.starts_at);
    let shifted = |at: Timestamp| at.checked_add(shift).unwrap_or(starts_at);
    let mut session = Session { starts_at, ends_at, ..before.clone() };
    session.free_cancel_until = before.free_cancel_until.map(shifted);
    if let Some(rule) = &mut session.min_attendance {
        rule.decide_at = shifted(rule.decide_at);
    }
    plan(draft, &session);
    draft.put_session(session.clone());
    for before in seats(draft, id) {
        let mut booking = before.clone();
        booking.starts_at = starts_at;
        booking.ends_at = Some(ends_at);
        moved(draft, &before, booking)?;
    }
    if session.started(draft.ctx.now) {
        draft.cancel_timer(Timer::SessionStarts { session: id.clone() });
        queue::close(draft, &session, None);
    } else {
        queue::move_offers(draft, id);
        queue::advance(draft, id);
    }
    Ok(())
}

/// More seats go to those who wait. There are never fewer than are taken.
pub fn resize(draft: &mut Draft<'_>, id: &SessionId, capacity: u32) -> Result<(), Rejection> {
    let mut session = draft.session(id)?;
    check_open(draft, &session)?;
    if session.capacity == capacity {
        draft.already_done();
        return Ok(());
    }
    let taken = queue::seats_taken(draft, &session);
    if (capacity as usize) < taken {
        let detail = format!("capacity: {taken} seats of session {id} are taken");
        return Err(Rejection::new(RejectionReason::SeatsTaken, detail));
    }
    session.capacity = capacity;
    draft.put_session(session);
    queue::advance(draft, id);
    Ok(())
}

pub fn cancel(
    draft: &mut Draft<'_>,
    id: &SessionId,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let session = draft.session(id)?;
    if session.cancelled {
        draft.already_done();
        return Ok(());
    }
    call_off(draft, session, reason, false)
}

/// Whether enough come: with fewer confirmed bookings than it takes, the session is called off.
pub fn count_attendance(
    draft: &mut Draft<'_>,
    id: &SessionId,
    due: Timestamp,
) -> Result<(), Rejection> {
    let session = draft.session(id)?;
    let Some(rule) = session.min_attendance else { return Ok(()) };
    let stale = on_the_tick(rule.decide_at) != due;
    if stale || session.cancelled || session.started(draft.ctx.now) {
        return Ok(());
    }
    if draft.tally(id).confirmed < rule.count as usize {
        call_off(draft, session, None, true)?;
    }
    Ok(())
}

/// Nobody waits any more once it has begun.
pub fn starts(draft: &mut Draft<'_>, id: &SessionId, due: Timestamp) -> Result<(), Rejection> {
    let session = draft.session(id)?;
    if on_the_tick(session.starts_at) == due && !session.cancelled {
        queue::close(draft, &session, None);
    }
    Ok(())
}

fn call_off(
    draft: &mut Draft<'_>,
    mut session: Session,
    reason: Option<&str>,
    too_few: bool,
) -> Result<(), Rejection> {
    session.cancelled = true;
    draft.put_session(session.clone());
    draft.cancel_timer(Timer::SessionStarts { session: session.id.clone() });
    if session.min_attendance.is_some() {
        draft.cancel_timer(Timer::CountAttendance { session: session.id.clone() });
    }
    for before in seats(draft, &session.id) {
        let mut booking = before.clone();
        booking.state = BookingState::Cancelled;
        booking.sequence += 1;
        series::withdraw(draft, &mut booking);
        booking.together = None;
        draft.put_booking(booking.clone());
        let client = draft.client(&booking.client)?;
        series::plan(draft, booking.series.as_ref(), &client);
        let change = Change { reason, too_few, ..Change::default() };
        tell(draft, Kind::SessionCancelled, &client, &booking, change);
        reminder::withdraw(draft, &before, &client);
    }
    queue::close(draft, &session, reason);
    Ok(())
}

fn plan(draft: &mut Draft<'_>, session: &Session) {
    let now = draft.ctx.now;
    if session.started(now) {
        return;
    }
    draft.set_timer(session.starts_at, Timer::SessionStarts { session: session.id.clone() });
    if let Some(rule) = session.min_attendance.filter(|rule| rule.decide_at > now) {
        draft.set_timer(rule.decide_at, Timer::CountAttendance { session: session.id.clone() });
    }
}

fn check_times(starts_at: Timestamp, ends_at: Timestamp) -> Result<(), Rejection> {
    if ends_at < starts_at {
        let detail = "ends_at: lies before starts_at";
        return Err(Rejection::new(RejectionReason::InvalidTime, detail));
    }
    Ok(())
}

fn seats(draft: &Draft<'_>, id: &SessionId) -> Vec<Booking> {
    draft.state.seats_after(id, None).cloned().collect()
}
