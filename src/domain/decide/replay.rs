//! A dead letter is to be tried again: the ladder is asked as if it were decided now, and whether
//! what it tells is still so.

use jiff::Timestamp;

use super::draft::{Draft, quiet_until};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::event::Event;
use crate::domain::kind::{Kind, Lane};
use crate::domain::letter::{JobId, Letter, LetterChange, LetterFate};
use crate::domain::message::{BookingFacts, Facts, Message, MessageStatus, QueueFacts, Unsent};
use crate::domain::payment::PaymentState;
use crate::domain::policy::{self, Question, SkipReason};
use crate::domain::session::EntryState;

/// When the letter may go; else the first rule that forbids it.
pub fn may_go(draft: &Draft<'_>, letter: &Letter) -> Result<Timestamp, SkipReason> {
    let (message, now) = (&letter.message, draft.ctx.now);
    let objection = objection(draft, letter);
    if message.kind.is_alert() {
        // No toggle, plan or wish of a client's bears on it.
        return objection.map_or(Ok(now), Err);
    }
    let known = draft.client(&message.client).ok().filter(|_| !letter.forgotten);
    let client = known.ok_or(SkipReason::ClientDeleted)?;
    let counted = counted_apart_from(&client, message);
    let usage = draft.usage.month_of(now, &draft.settings.timezone);
    let quota = draft.settings.sms_quota.unwrap_or(u32::MAX);
    let needed = segments(draft, letter);
    let question = Question {
        settings: draft.settings,
        plans: draft.ctx.plans,
        provided: draft.ctx.provided,
        kind: message.kind,
        channel: message.channel,
        client: &counted,
        now,
        quota_exhausted: &|| usage.segments.saturating_add(needed) > quota,
        veto: objection,
    };
    if let Some(reason) = policy::forbids(&question) {
        return Err(reason);
    }
    let due = loud(draft, &client, message);
    match message.deadline {
        Some(deadline) if deadline <= due => Err(SkipReason::Expired),
        _ => Ok(due),
    }
}

/// Makes a letter a message again, or ends it, and says why.
pub fn replay(draft: &mut Draft<'_>, letter: &Letter, job: Option<JobId>) {
    let message = &letter.message;
    let fate = match may_go(draft, letter) {
        Ok(due) => {
            draft.usage = draft.usage.month_of(draft.ctx.now, &draft.settings.timezone);
            let needed = segments(draft, letter);
            draft.usage.count_again(message.id, needed);
            again(message, due)
        }
        Err(reason) => {
            let (kind, channel, client) = (message.kind, message.channel, message.client.clone());
            let about = message.facts.about();
            draft.event(Event::MessageSkipped { kind, channel, client, about, reason });
            let is_late = matches!(reason, SkipReason::Expired | SkipReason::TooLate);
            let status = if is_late { MessageStatus::Expired } else { MessageStatus::Withdrawn };
            LetterFate::Ends { status, reason: Some(reason) }
        }
    };
    draft.decision.letters.push(LetterChange { message: message.id, job, fate });
}

fn again(message: &Message, due: Timestamp) -> LetterFate {
    let Message { id, kind, channel, segments, .. } = *message;
    let unsent = Unsent { id, kind, channel, client: message.client.clone(), segments };
    LetterFate::Again { due, topic: message.facts.topic(), unsent }
}

/// The segments that are to be counted again: those of what may have arrived still are.
fn segments(draft: &Draft<'_>, letter: &Letter) -> u32 {
    let counts = letter.message.channel == Channel::Sms && draft.settings.sms_quota.is_some();
    if counts && !letter.in_doubt { letter.message.segments } else { 0 }
}

/// Not in the quiet hours what can wait.
fn loud(draft: &Draft<'_>, client: &Client, message: &Message) -> Timestamp {
    let rings = message.channel != Channel::Inbox;
    let can_wait = rings && matches!(message.kind.lane(), Lane::Scheduled | Lane::Bulk);
    let loud = can_wait.then(|| quiet_until(draft, client)).flatten();
    loud.unwrap_or(draft.ctx.now)
}

/// The client without this message: it was counted when it was decided, and is not one more.
fn counted_apart_from(client: &Client, message: &Message) -> Client {
    let mut client = client.clone();
    let decided = message.id.decided_at().map(Timestamp::as_millisecond);
    let is_own = |at: &Timestamp| Some(at.as_millisecond()) == decided;
    match message.kind {
        Kind::NoticeManual => client.noticed_at.retain(|at| !is_own(at)),
        Kind::ReviewRequested => client.reviewed_at = client.reviewed_at.filter(|at| !is_own(at)),
        _ => {}
    }
    client
}

/// What speaks against the letter itself, whoever gets it.
fn objection(draft: &Draft<'_>, letter: &Letter) -> Option<SkipReason> {
    let Message { facts, deadline, .. } = &letter.message;
    let over = deadline.is_some_and(|deadline| deadline <= draft.ctx.now);
    // A secret is forgotten with the last attempt.
    if over || facts.is_secret() {
        return Some(SkipReason::Expired);
    }
    match facts {
        Facts::Booking(told) => booking_objects(draft, &letter.message, told),
        Facts::Queue(told) => queue_objects(draft, letter.message.kind, told),
        Facts::Payment(told) => {
            let standing = draft.payment(&told.payment).ok().filter(|payment| !payment.erased);
            let wanted = match letter.message.kind {
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
            let client = draft.client(&letter.message.client).ok()?;
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
