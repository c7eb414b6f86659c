//! Commands about a session, and the instants at which it is looked at.

use jiff::Timestamp;

use super::draft::{Draft, check_open};
use super::{page, queue, sweep};
use crate::domain::called::called;
use crate::domain::command::ScheduleSession;
use crate::domain::id::SessionId;
use crate::domain::planning::on_the_tick;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::{Rest, Session};
use crate::domain::timer::Timer;

/// A session that can be booked from now on; the same one again changes nothing.
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
        rest: None,
        pages: 0,
    };
    check_times(session.starts_at, session.ends_at)?;
    if let Some(known) = draft.state.session(&asked.session) {
        let (joined, rest, pages) = (known.joined, known.rest.clone(), known.pages);
        if *known == (Session { joined, rest, pages, ..session }) {
            draft.already_done();
            return Ok(());
        }
        let session = called("session", asked.session.as_str());
        let detail = format!("session: {session} exists already");
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
    page::take_up(draft, &mut session);
    plan(draft, &session);
    draft.put_session(session.clone());
    if session.started(draft.ctx.now) {
        draft.cancel_timer(Timer::SessionStarts { session: id.clone() });
    }
    // Offers are made in order: who waits first divides those of before from those to come.
    let first = draft.line(id, Rank::Waiting, 1).first().map_or(u64::MAX, |entry| entry.place);
    sweep::run(draft, &session, Rest::Move { seats_after: None, offers: 0..first });
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
        let session = called("session", id.as_str());
        let detail = format!("capacity: {taken} seats of {session} are taken");
        return Err(Rejection::new(RejectionReason::SeatsTaken, detail));
    }
    session.capacity = capacity;
    draft.put_session(session);
    queue::advance(draft, id);
    Ok(())
}

/// Calls a session off for everybody who has a seat or waits for one.
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
    call_off(draft, session, reason, false);
    Ok(())
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
    let Tally { booked, open, confirmed, .. } = draft.tally(id);
    let came_early = booked - open;
    if confirmed + came_early < rule.count as usize {
        call_off(draft, session, None, true);
    }
    Ok(())
}

/// Nobody waits any more once it has begun.
pub fn starts(draft: &mut Draft<'_>, id: &SessionId, due: Timestamp) -> Result<(), Rejection> {
    let session = draft.session(id)?;
    if on_the_tick(session.starts_at) == due && !session.cancelled {
        sweep::run(draft, &session, Rest::Places);
    }
    Ok(())
}

fn call_off(draft: &mut Draft<'_>, mut session: Session, reason: Option<&str>, too_few: bool) {
    session.cancelled = true;
    page::take_up(draft, &mut session);
    draft.put_session(session.clone());
    draft.cancel_timer(Timer::SessionStarts { session: session.id.clone() });
    if session.min_attendance.is_some() {
        draft.cancel_timer(Timer::CountAttendance { session: session.id.clone() });
    }
    let reason = reason.map(str::to_owned);
    sweep::run(draft, &session, Rest::CallOff { reason, too_few });
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
