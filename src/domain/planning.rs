//! When things are to happen: pure arithmetic over rules, settings and what they are about.
//!
//! Nothing here is remembered. A timer that fires compares itself with what these functions say
//! by then, so that a rule, a booking or a zone that changed needs nobody to chase old timers.

use jiff::{SignedDuration, Timestamp};

use super::booking::Booking;
use super::client::Client;
use super::lead::LeadRule;
use super::session::{Entry, EntryState, Session};
use super::settings::{LateReminder, Settings};
use super::timer::Outage;
use super::zone::Zone;

/// The attendance check goes so long before cancelling begins to cost.
pub const CHECK_BEFORE_LIMIT: SignedDuration = SignedDuration::from_mins(90);
/// A timer that fires later than this after its time was woken late.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How long a booking of a series waits for the next.
pub const GATHER: SignedDuration = SignedDuration::from_mins(2);
/// How long the first waits at most.
pub const GATHER_MAX: SignedDuration = SignedDuration::from_mins(10);

/// One reminder of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub rule: LeadRule,
    /// When: before the quiet hours, where the rule's own time lies in them.
    pub due: Timestamp,
    /// When by the rule alone.
    pub by_rule: Timestamp,
}

/// When a reminder goes of a booking that is agreed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Going {
    /// Then.
    Later(Timestamp),
    /// At once: its time has passed, and the tenant wants it all the same.
    Now,
    /// Not at all: its time has passed.
    Never,
}

/// The client's zone where known, else the venue's.
pub fn zone_of<'a>(settings: &'a Settings, client: &'a Client) -> &'a Zone {
    client.timezone.as_ref().unwrap_or(&settings.timezone)
}

/// A booking's reminders, in the order of the rules; each before the start and, where the client
/// sleeps, before the quiet hours.
pub fn reminders(settings: &Settings, booking: &Booking, client: &Client) -> Vec<Planned> {
    let plan = |rule: &LeadRule| {
        let by_rule = rule.before(booking.starts_at, &settings.timezone);
        let due = match &settings.quiet_hours {
            Some(quiet) => quiet.earlier(by_rule, zone_of(settings, client)),
            None => by_rule,
        };
        Planned { rule: rule.clone(), due: on_the_tick(due), by_rule }
    };
    settings.reminders_of(booking.service.as_ref()).iter().map(plan).collect()
}

/// When this reminder goes of a booking that is agreed now. One whose own time lies ahead, and
/// which the quiet hours would move before now, goes when they end; so does one that is to go at
/// once while they last. Both only where enough time is left before the start.
pub fn going(
    settings: &Settings,
    booking: &Booking,
    client: &Client,
    planned: &Planned,
    now: Timestamp,
) -> Going {
    if planned.due > now {
        return Going::Later(planned.due);
    }
    if planned.by_rule <= now && settings.late_reminder == LateReminder::Skip {
        return Going::Never;
    }
    let loud = on_the_tick(after_quiet(settings, client, planned.by_rule.max(now)));
    if loud <= now {
        return Going::Now;
    }
    if leaves_time(settings, booking, loud) { Going::Later(loud) } else { Going::Never }
}

/// Whether a reminder that goes then is still of use.
pub fn leaves_time(settings: &Settings, booking: &Booking, at: Timestamp) -> bool {
    booking.starts_at.duration_since(at) >= settings.late_grace
}

/// When a seat's holder is asked whether they will come.
pub fn attendance_check(session: &Session) -> Option<Timestamp> {
    session.free_cancel_until?.checked_sub(CHECK_BEFORE_LIMIT).ok().map(on_the_tick)
}

/// When what waits of a series is told, the first of it since then.
pub fn gathered(now: Timestamp, first: Timestamp) -> Timestamp {
    after(now, GATHER).min(after(first, GATHER_MAX))
}

/// When a client may be asked how a visit was that they came to then; `None` if the tenant asks
/// nobody.
pub fn review(
    settings: &Settings,
    booking: &Booking,
    client: &Client,
    came: Timestamp,
) -> Option<Timestamp> {
    let rules = settings.review.as_ref()?;
    let over = booking.ends_at.map_or(came, |end| end.max(came));
    Some(on_the_tick(after_quiet(settings, client, after(over, rules.after))))
}

/// When a client is missed whom the tenant last saw then; `None` if the tenant misses nobody.
pub fn missed(settings: &Settings, client: &Client, last: Timestamp) -> Option<Timestamp> {
    let due = after(last, settings.win_back_after?);
    Some(on_the_tick(after_quiet(settings, client, due)))
}

/// When something that can wait may go: not in the client's quiet hours.
pub fn after_quiet(settings: &Settings, client: &Client, at: Timestamp) -> Timestamp {
    match &settings.quiet_hours {
        Some(quiet) => quiet.later(at, zone_of(settings, client)),
        None => at,
    }
}

/// The last instant of any offer for a session.
pub fn offers_end(settings: &Settings, session: &Session) -> Timestamp {
    session.starts_at.checked_sub(settings.offer.cutoff).unwrap_or(Timestamp::MIN)
}

/// Until when an offer made now stands, whatever the session allows.
pub fn offer_window_end(settings: &Settings, client: &Client, now: Timestamp) -> Timestamp {
    let from =
        if settings.offer.respects_quiet_hours { after_quiet(settings, client, now) } else { now };
    from.checked_add(settings.offer.window).unwrap_or(Timestamp::MAX)
}

/// Until when an open offer really stands: nobody forfeits a turn for the daemon's downtime.
/// `None` if nothing is offered.
pub fn offer_end(entry: &Entry, outages: &[Outage]) -> Option<Timestamp> {
    let EntryState::Offered { from, until, .. } = entry.state else { return None };
    let mut end = until;
    for outage in outages {
        if outage.from < end && outage.to > from {
            let missed = outage.to.duration_since(outage.from.max(from));
            end = end.checked_add(missed).unwrap_or(Timestamp::MAX);
        }
    }
    Some(end)
}

/// The first whole millisecond not before this: timers are kept in milliseconds, and one that
/// fires must not be early.
pub fn on_the_tick(at: Timestamp) -> Timestamp {
    let floor = at.as_millisecond();
    let whole = at.subsec_nanosecond() % 1_000_000 == 0;
    let ticks = if whole { floor } else { at.as_nanosecond().div_euclid(1_000_000) as i64 + 1 };
    Timestamp::from_millisecond(ticks).unwrap_or(at)
}

/// An instant after another, as far as the calendar goes.
pub fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
