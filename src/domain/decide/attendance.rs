//! Whether the client will come: asked while cancelling is still free.

use jiff::Timestamp;

use super::draft::Draft;
use super::tell::Say;
use super::wording::facts;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::called::called;
use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::BookingId;
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts};
use crate::domain::planning;
use crate::domain::policy::SkipReason;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::session::Session;
use crate::domain::timer::Timer;

/// The client said that they will come: they need not be asked.
pub fn confirm_attendance(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let mut booking = draft.booking(id)?;
    if booking.state != BookingState::Confirmed {
        let (called, state) = (called("booking", id.as_str()), booking.state.as_str());
        let detail = format!("{called} is {state}, so nobody is expected");
        return Err(Rejection::new(RejectionReason::IllegalTransition, detail));
    }
    if booking.attendance_confirmed {
        draft.already_done();
        return Ok(());
    }
    booking.attendance_confirmed = true;
    draft.put_booking(booking);
    Ok(())
}

/// Plans to ask whether the client will come, while cancelling is still free.
pub fn plan_check(draft: &mut Draft<'_>, booking: &Booking, client: &Client) {
    let Some((session, due)) = check_of(draft, booking) else { return };
    if due > draft.ctx.now {
        draft.set_timer(due, Timer::AttendanceCheck { booking: booking.id.clone() });
    } else {
        let say = check(draft, booking, client, &session);
        draft.say(say.unless(Some(SkipReason::BookedInsideLead)));
    }
}

/// Plans no more to ask, unless the time for it has come already.
pub fn withdraw_check(draft: &mut Draft<'_>, booking: &Booking) {
    if check_of(draft, booking).is_some_and(|(_, due)| due > draft.ctx.now) {
        draft.cancel_timer(Timer::AttendanceCheck { booking: booking.id.clone() });
    }
}

/// Cancelling will soon cost something.
pub fn check_attendance(
    draft: &mut Draft<'_>,
    id: &BookingId,
    due: Timestamp,
) -> Result<(), Rejection> {
    let booking = draft.booking(id)?;
    let client = draft.holder(&booking)?;
    let Some((session, planned)) = check_of(draft, &booking) else { return Ok(()) };
    if booking.state != BookingState::Confirmed || planned != due {
        return Ok(());
    }
    let known = booking.attendance_confirmed.then_some(SkipReason::AttendanceConfirmed);
    let say = check(draft, &booking, &client, &session);
    draft.say(say.unless(known));
    // No news for an app.
    draft.put(Record::Booking(Booking { attendance_asked: known.is_none(), ..booking }));
    Ok(())
}

/// Whether the client was asked, and may still answer.
pub fn is_asked(draft: &Draft<'_>, booking: &Booking) -> bool {
    let waits = booking.attendance_asked && !booking.attendance_confirmed;
    let session = booking.session.as_ref().filter(|_| waits);
    let session = session.and_then(|session| draft.session(session).ok());
    session.is_some_and(|session| {
        booking.state == BookingState::Confirmed
            && draft.ctx.now < session.free_cancel_until.unwrap_or(session.starts_at)
    })
}

fn check_of(draft: &Draft<'_>, booking: &Booking) -> Option<(Session, Timestamp)> {
    let session = draft.session(booking.session.as_ref()?).ok()?;
    let due = planning::attendance_check(&session)?;
    Some((session, due))
}

fn check<'c>(
    draft: &Draft<'_>,
    booking: &Booking,
    client: &'c Client,
    session: &Session,
) -> Say<'c> {
    let free_until = session.free_cancel_until;
    let facts = BookingFacts { free_until, ..facts(draft, booking) };
    let say = Say::new(Kind::AttendanceCheck, client, Facts::Booking(facts));
    say.until(free_until.unwrap_or(session.starts_at))
}
