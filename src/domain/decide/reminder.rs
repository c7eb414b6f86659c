//! Reminders of a booking: planned when it is agreed, looked at again when their time has come.

use jiff::Timestamp;

use super::attendance;
use super::draft::{Draft, quiet_until};
use super::tell::Say;
use super::wording::facts;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::client::Client;
use crate::domain::gained::Gained;
use crate::domain::id::BookingId;
use crate::domain::kind::Kind;
use crate::domain::lead::LeadRule;
use crate::domain::message::Facts;
use crate::domain::planning::{self, Going, LATE_AFTER, Planned};
use crate::domain::policy::SkipReason;
use crate::domain::rejection::Rejection;
use crate::domain::timer::Timer;

/// Plans what is to be said of an agreed booking before it starts. A reminder whose time has
/// passed is left out, and that is recorded once.
pub fn plan(draft: &mut Draft<'_>, booking: &Booking, client: &Client) {
    let now = draft.ctx.now;
    if booking.started(now) {
        return;
    }
    let (mut goes, mut left_out) = (false, false);
    for planned in planning::reminders(draft.settings, booking, client) {
        let going = planning::going(draft.settings, booking, client, &planned, now);
        let timer = timer(booking, planned.rule);
        match going {
            Going::Later(due) => draft.set_timer(due, timer),
            // One of its old shape may still wait.
            _ if booking.sequence > 0 => draft.cancel_timer(timer),
            _ => {}
        }
        goes |= going == Going::Now;
        left_out |= going == Going::Never;
    }
    if goes || left_out {
        let veto = (!goes).then_some(SkipReason::BookedInsideLead);
        draft.say(reminder(draft, booking, client).unless(veto));
    }
    attendance::plan_check(draft, booking, client);
}

/// The settings changed: plans what lies ahead anew. What has passed was due under other rules. A
/// rule that is new, and whose time only the quiet hours moved into the past, is kept as when a
/// booking is agreed in them.
pub fn plan_again(draft: &mut Draft<'_>, booking: &Booking, client: &Client, gained: &Gained) {
    let now = draft.ctx.now;
    let mut left_out = false;
    for planned in planning::reminders(draft.settings, booking, client) {
        let is_new = gained.includes(booking.service.as_ref(), &planned.rule);
        if planned.due <= now && !(is_new && planned.by_rule > now) {
            continue;
        }
        match planning::going(draft.settings, booking, client, &planned, now) {
            Going::Later(due) => draft.set_timer(due, timer(booking, planned.rule)),
            Going::Now | Going::Never => left_out = true,
        }
    }
    if left_out {
        draft.say(reminder(draft, booking, client).unless(Some(SkipReason::BookedInsideLead)));
    }
}

/// Takes back what was planned for a booking that was agreed: it has another shape now, or none.
pub fn withdraw(draft: &mut Draft<'_>, booking: &Booking, client: &Client) {
    if booking.state != BookingState::Confirmed {
        return;
    }
    if cancel(draft, booking, client) {
        draft.say(reminder(draft, booking, client).unless(Some(SkipReason::Superseded)));
    }
}

/// Takes back what was planned; says whether a reminder was.
pub fn cancel(draft: &mut Draft<'_>, booking: &Booking, client: &Client) -> bool {
    let ahead = ahead(draft, booking, client);
    let any = !ahead.is_empty();
    for planned in ahead {
        draft.cancel_timer(timer(booking, planned.rule));
    }
    attendance::withdraw_check(draft, booking);
    any
}

/// Takes back what was planned where nobody is left to be reminded.
pub fn forget(draft: &mut Draft<'_>, booking: &Booking) {
    let settings = draft.settings;
    for rule in settings.reminders_of(booking.service.as_ref()) {
        if rule.before(booking.starts_at, &settings.timezone) > draft.ctx.now {
            draft.cancel_timer(timer(booking, rule.clone()));
        }
    }
    attendance::withdraw_check(draft, booking);
}

/// A reminder's time has come. Of several that were slept through only the latest goes.
pub fn is_due(draft: &mut Draft<'_>, id: &BookingId, rule: &LeadRule) -> Result<(), Rejection> {
    let booking = draft.booking(id)?;
    let client = draft.holder(&booking)?;
    let planned = planning::reminders(draft.settings, &booking, &client);
    let veto = match planned.iter().find(|planned| planned.rule == *rule) {
        // One that waited for the end of the quiet hours is not taken back before.
        _ if booking.state != BookingState::Confirmed => Some(SkipReason::Superseded),
        None if planned.is_empty() => Some(SkipReason::KindOff),
        None => Some(SkipReason::Superseded),
        // Planned anew, and that is still to come.
        Some(own) if own.due > draft.ctx.now => return Ok(()),
        Some(own) => match late(draft, &booking, &client, own, &planned) {
            Late::Wait(loud) => {
                draft.set_timer(loud, timer(&booking, rule.clone()));
                return Ok(());
            }
            Late::Skip(reason) => Some(reason),
            Late::Go => None,
        },
    };
    draft.say(reminder(draft, &booking, &client).unless(veto));
    Ok(())
}

/// What becomes of a reminder that may be late.
enum Late {
    Go,
    /// Until the quiet hours are over.
    Wait(Timestamp),
    Skip(SkipReason),
}

fn late(
    draft: &Draft<'_>,
    booking: &Booking,
    client: &Client,
    own: &Planned,
    all: &[Planned],
) -> Late {
    let (settings, now) = (draft.settings, draft.ctx.now);
    let by_now = all.iter().filter(|planned| planned.due <= now);
    // Of equals the last is the maximum.
    let latest = by_now.max_by_key(|planned| (planned.due, planned.by_rule));
    if latest.is_some_and(|latest| latest.rule != own.rule) {
        return Late::Skip(SkipReason::Superseded);
    }
    let quiet = quiet_until(draft, client);
    if let Some(loud) = quiet.filter(|loud| planning::leaves_time(settings, booking, *loud)) {
        return Late::Wait(loud);
    }
    let late = now.duration_since(own.due) > LATE_AFTER;
    let useless = quiet.is_some() || !planning::leaves_time(settings, booking, now);
    if late && useless { Late::Skip(SkipReason::TooLate) } else { Late::Go }
}

fn ahead(draft: &Draft<'_>, booking: &Booking, client: &Client) -> Vec<Planned> {
    let mut planned = planning::reminders(draft.settings, booking, client);
    planned.retain(|planned| planned.due > draft.ctx.now);
    planned
}

fn timer(booking: &Booking, rule: LeadRule) -> Timer {
    Timer::Reminder { booking: booking.id.clone(), rule }
}

fn reminder<'c>(draft: &Draft<'_>, booking: &Booking, client: &'c Client) -> Say<'c> {
    let facts = Facts::Booking(facts(draft, booking));
    Say::new(Kind::BookingReminder, client, facts).until(booking.starts_at)
}
