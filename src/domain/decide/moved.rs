//! A booking has other times than before, by its own move or by its session's.

use super::draft::Draft;
use super::wording::{Change, tell, tell_seated};
use super::{reminder, series};
use crate::domain::booking::{Booking, BookingState, Together};
use crate::domain::id::BookingId;
use crate::domain::kind::Kind;
use crate::domain::message::topic;
use crate::domain::policy::SkipReason;
use crate::domain::rejection::Rejection;

/// A booking has other times now. One message goes where the last one has not left yet.
pub fn moved(
    draft: &mut Draft<'_>,
    before: &Booking,
    mut booking: Booking,
) -> Result<(), Rejection> {
    if before.starts_at == booking.starts_at {
        draft.put_booking(booking);
        return Ok(());
    }
    booking.sequence += 1;
    // They said so of the old date.
    booking.attendance_confirmed = false;
    booking.attendance_asked = false;
    let replaced = series::withdraw(draft, &mut booking);
    draft.put_booking(booking.clone());
    let client = draft.holder(&booking)?;
    let first = [Kind::BookingConfirmed, Kind::QueueAccepted, Kind::BookingPending]
        .into_iter()
        .find(|kind| replaced.contains(kind));
    let kind = first.unwrap_or(Kind::BookingRescheduled);
    // Nobody heard of a time whose message was replaced.
    let moved_from = replaced.is_empty().then_some(before.starts_at);
    if matches!(booking.together, Some(Together::Waits(_))) {
        // What is still to be told has the new time.
        series::plan(draft, booking.series.as_ref(), &client);
    } else {
        tell(draft, kind, &client, &booking, Change { moved_from, ..Change::default() });
        if kind == Kind::BookingConfirmed && replaced.contains(&Kind::QueueAccepted) {
            tell_seated(draft, &client, &booking);
        }
    }
    reminder::withdraw(draft, before, &client);
    if booking.state == BookingState::Confirmed {
        reminder::plan(draft, &booking, &client);
    }
    Ok(())
}

/// The client is told now, and not only on their page, that the session of their booking moved.
pub fn catch_up(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    match draft.behind(id) {
        Some(behind) if behind.state.is_open() => {
            let booking = draft.booking(id)?;
            if booking.state.is_open() { moved(draft, &behind, booking) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// Something else becomes of a booking whose client was still to be told that its session moved:
/// what they hear instead has the new time, so that the move is not told any more.
pub fn overtake(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let Some(behind) = draft.behind(id) else { return Ok(()) };
    let (booking, client) = (draft.booking(id)?, draft.holder(&behind)?);
    draft.supersede(&topic(&behind), &client.id);
    if behind.state == BookingState::Confirmed {
        reminder::cancel(draft, &behind, &client);
    }
    let untold = matches!(behind.together, Some(Together::Waits(_)));
    if behind.starts_at != booking.starts_at && !untold {
        let (moved_from, veto) = (Some(behind.starts_at), Some(SkipReason::Superseded));
        let change = Change { moved_from, veto, ..Change::default() };
        tell(draft, Kind::BookingRescheduled, &client, &booking, change);
    }
    Ok(())
}
