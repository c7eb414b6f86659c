//! Reminders of a booking: planned when it is agreed, looked at again when their time has come.

use jiff::Timestamp;

use super::attendance;
use super::draft::Draft;
use super::tell::Say;
use super::wording::facts;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::client::Client;
use crate::domain::id::BookingId;
use crate::domain::kind::Kind;
use crate::domain::lead::LeadRule;
use crate::domain::message::Facts;
use crate::domain::planning::{self, LATE_AFTER, Planned};
use crate::domain::policy::SkipReason;
use crate::domain::rejection::Rejection;
use crate::domain::settings::LateReminder;
use crate::domain::timer::Timer;

/// Plans what is to be said of an agreed booking before it starts. A reminder whose time has
/// passed is left out, and that is recorded once.
pub fn plan(draft: &mut Draft<'_>, booking: &Booking, client: &Client) {
    let now = draft.ctx.now;
    if booking.started(now) {
        return;
    }
    let (ahead, passed) = split(draft, booking, client);
    for planned in ahead {
        draft.set_timer(planned.due, timer(booking, planned.rule));
    }
    if !passed.is_empty() {
        let late = draft.settings.late_reminder;
        let veto = (late == LateReminder::Skip).then_some(SkipReason::BookedInsideLead);
        draft.say(reminder(draft, booking, client).unless(veto));
    }
    attendance::plan_check(draft, booking, client);
}

/// The settings changed: plans what lies ahead anew. What has passed was due under other rules.
pub fn plan_again(draft: &mut Draft<'_>, booking: &Booking, client: &Client) {
    for planned in split(draft, booking, client).0 {
        draft.set_timer(planned.due, timer(booking, planned.rule));
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
    let (ahead, _) = split(draft, booking, client);
    let any = !ahead.is_empty();
    for planned in ahead {
        draft.cancel_timer(timer(booking, planned.rule));
    }
    attendance::withdraw_check(draft, booking);
    any
}

/// A reminder's time has come. Of several that were slept through only the latest goes.
pub fn is_due(
    draft: &mut Draft<'_>,
    id: &BookingId,
    rule: &LeadRule,
    due: Timestamp,
) -> Result<(), Rejection> {
    let booking = draft.booking(id)?;
    if booking.state != BookingState::Confirmed {
        return Ok(());
    }
    let client = draft.client(&booking.client)?;
    let planned = planning::reminders(draft.settings, &booking, &client);
    if !planned.iter().any(|planned| planned.rule == *rule && planned.due == due) {
        return Ok(());
    }
    let now = draft.ctx.now;
    let by_now = planned.iter().filter(|planned| planned.due <= now);
    // Of equals the last is the maximum.
    let latest = by_now.max_by_key(|planned| planned.due);
    let replaced = latest.is_some_and(|latest| latest.rule != *rule);
    let late = now.duration_since(due) > LATE_AFTER;
    let left = booking.starts_at.duration_since(now);
    let veto = match (replaced, late && left < draft.settings.late_grace) {
        (true, _) => Some(SkipReason::Superseded),
        (_, true) => Some(SkipReason::TooLate),
        _ => None,
    };
    draft.say(reminder(draft, &booking, &client).unless(veto));
    Ok(())
}

/// What lies ahead, and what has passed.
fn split(draft: &Draft<'_>, booking: &Booking, client: &Client) -> (Vec<Planned>, Vec<Planned>) {
    let planned = planning::reminders(draft.settings, booking, client);
    planned.into_iter().partition(|planned| planned.due > draft.ctx.now)
}

fn timer(booking: &Booking, rule: LeadRule) -> Timer {
    Timer::Reminder { booking: booking.id.clone(), rule }
}

fn reminder<'c>(draft: &Draft<'_>, booking: &Booking, client: &'c Client) -> Say<'c> {
    let facts = Facts::Booking(facts(draft, booking));
    Say::new(Kind::BookingReminder, client, facts).until(booking.starts_at)
}
