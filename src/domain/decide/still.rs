//! Whether what a message tells is still so: asked before it is decided once more, to be tried
//! again or to go another way.

use jiff::Timestamp;

use super::draft::{Draft, quiet_until};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::kind::{Kind, Lane};
use crate::domain::message::{BookingFacts, Facts, Message, QueueFacts};
use crate::domain::payment::PaymentState;
use crate::domain::policy::SkipReason;
use crate::domain::session::EntryState;

/// Not in the quiet hours what can wait.
pub fn loud(draft: &Draft<'_>, client: &Client, channel: Channel, kind: Kind) -> Timestamp {
    let rings = channel != Channel::Inbox;
    let can_wait = rings && matches!(kind.lane(), Lane::Scheduled | Lane::Bulk);
    let loud = can_wait.then(|| quiet_until(draft, client)).flatten();
    loud.unwrap_or(draft.ctx.now)
}

/// The client without this message: it was counted when it was decided, and is not one more.
pub fn counted_apart_from(client: &Client, message: &Message) -> Client {
    let mut client = client.clone();
    let decided = message.id.decided_at().map(Timestamp::as_millisecond);
    let is_own = |at: &Timestamp| Some(at.as_millisecond()) == decided;
    match message.kind {
        // By email alone they are counted.
        Kind::NoticeManual if message.channel == Channel::Email => {
            client.noticed_at.retain(|at| !is_own(at));
        }
        Kind::ReviewRequested => client.reviewed_at = client.reviewed_at.filter(|at| !is_own(at)),
        _ => {}
    }
    let texted = message.id.decided_at().filter(|_| message.channel == Channel::Sms);
    if let Some(at) = texted {
        client.was_not_texted(at);
    }
    client
}

/// What speaks against the message itself, whoever gets it.
pub fn objection(draft: &Draft<'_>, message: &Message) -> Option<SkipReason> {
    let Message { facts, deadline, .. } = message;
    if deadline.is_some_and(|deadline| deadline <= draft.ctx.now) {
        return Some(SkipReason::Expired);
    }
    match facts {
        Facts::Booking(told) => booking_objects(draft, message, told),
        Facts::Queue(told) => queue_objects(draft, message.kind, told),
        Facts::Payment(told) => {
            let standing = draft.payment(&told.payment).ok().filter(|payment| !payment.erased);
            let wanted = match message.kind {
                Kind::PaymentRequested if told.direct => None,
                Kind::PaymentRequested => Some(PaymentState::Requested),
                _ => Some(PaymentState::Paid),
            };
            let still =
                standing.is_some_and(|payment| wanted.is_none_or(|wanted| payment.state == wanted));
            (!still).then_some(SkipReason::Superseded)
        }
        Facts::Review(told) => {
            let booking = draft.booking(&told.booking).ok();
            let came = booking.is_some_and(|it| it.state == BookingState::Attended && !it.erased);
            (!came).then_some(SkipReason::Superseded)
        }
        Facts::WinBack(told) => {
            let client = draft.client(&message.client).ok()?;
            let last = client.visited.or(client.last_visit);
            let mut ahead = draft.state.open_bookings(&client.id).map(|it| draft.by_now(it));
            if ahead.any(|it| it.state.is_open() && !it.started(draft.ctx.now)) {
                return Some(SkipReason::BookedAhead);
            }
            (last != Some(told.last_visit)).then_some(SkipReason::Superseded)
        }
        Facts::Sale(_) | Facts::Account | Facts::Notice(_) | Facts::Staff(_) | Facts::Link(_) => {
            None
        }
    }
}

/// A booking is told of as it stood; it must stand so still, and must not have begun.
fn booking_objects(
    draft: &Draft<'_>,
    message: &Message,
    told: &BookingFacts,
) -> Option<SkipReason> {
    let Some(booking) = draft.booking(&told.booking).ok().filter(|booking| !booking.erased) else {
        return Some(SkipReason::Superseded);
    };
    if booking.started(draft.ctx.now) {
        return Some(SkipReason::Expired);
    }
    if booking.client != message.client {
        // It is no longer theirs, which is all that they may still be told.
        let is_so = message.kind == Kind::BookingCancelled;
        return (!is_so).then_some(SkipReason::Superseded);
    }
    if booking.attendance_confirmed && message.kind == Kind::AttendanceCheck {
        return Some(SkipReason::AttendanceConfirmed);
    }
    let others = told.others.iter().all(|other| {
        let known = draft.booking(&other.booking);
        known.is_ok_and(|known| known.sequence == other.sequence && known.state.is_open())
    });
    let still = tells_of(message.kind, &booking) && booking.sequence == told.sequence && others;
    (!still).then_some(SkipReason::Superseded)
}

/// Whether a message of this kind tells how the booking stands now.
fn tells_of(kind: Kind, booking: &Booking) -> bool {
    match kind {
        Kind::BookingPending => booking.state == BookingState::Pending,
        Kind::BookingDeclined => booking.state == BookingState::Declined,
        Kind::BookingCancelled | Kind::SessionCancelled => booking.state == BookingState::Cancelled,
        Kind::BookingRescheduled => booking.state.is_open(),
        _ => booking.state == BookingState::Confirmed,
    }
}

fn queue_objects(draft: &Draft<'_>, kind: Kind, told: &QueueFacts) -> Option<SkipReason> {
    if told.starts_at <= draft.ctx.now {
        return Some(SkipReason::Expired);
    }
    let state = draft.entry(&told.entry).ok().map(|entry| entry.state);
    let still = match (kind, state) {
        (Kind::QueueOffered, Some(EntryState::Offered { until, .. })) => {
            if until <= draft.ctx.now {
                return Some(SkipReason::Expired);
            }
            Some(until) == told.until
        }
        (Kind::QueueExpired, Some(EntryState::Expired))
        | (Kind::QueueClosed, Some(EntryState::Closed)) => true,
        _ => false,
    };
    (!still).then_some(SkipReason::Superseded)
}
