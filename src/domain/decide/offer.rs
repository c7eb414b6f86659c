//! Offers of free seats.
//!
//! A seat that comes free is offered to the first who waits, for a window that ends before the
//! session's cutoff. Where too little time is left for a window, nobody is offered anything, or
//! everybody is at once (`last_call`): such shared offers stand for all seats that are free, and
//! the first acceptances win.

use jiff::Timestamp;

use super::draft::Draft;
use super::tell::Say;
use crate::domain::client::Client;
use crate::domain::id::{EntryId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, QueueFacts, Topic};
use crate::domain::planning::{offer_end, offer_window_end, offers_end, on_the_tick};
use crate::domain::rejection::Rejection;
use crate::domain::session::{Entry, EntryState, Session};
use crate::domain::settings::LastCall;
use crate::domain::timer::Timer;

/// Seats that open bookings and open offers take; never more than there are.
pub fn seats_taken(draft: &Draft<'_>, session: &Session) -> usize {
    let taken = draft.seats_booked(&session.id);
    let (mut exclusive, mut shared) = (0, false);
    for entry in draft.queue(&session.id) {
        match entry.state {
            EntryState::Offered { shared: true, .. } => shared = true,
            EntryState::Offered { shared: false, .. } => exclusive += 1,
            _ => {}
        }
    }
    let capacity = session.capacity as usize;
    if shared { capacity.max(taken + exclusive) } else { taken + exclusive }
}

/// Offers what is free to those who wait.
pub fn advance(draft: &mut Draft<'_>, id: &SessionId) {
    while offer_next(draft, id) {}
}

/// Makes one step; says whether there may be another.
fn offer_next(draft: &mut Draft<'_>, id: &SessionId) -> bool {
    let Ok(session) = draft.session(id) else { return false };
    let now = draft.ctx.now;
    if session.cancelled || session.started(now) {
        return false;
    }
    let queue = draft.queue(id);
    let is_shared =
        |entry: &&Entry| matches!(entry.state, EntryState::Offered { shared: true, .. });
    let offered = queue.iter().filter(|e| matches!(e.state, EntryState::Offered { .. })).count();
    let shared = queue.iter().filter(is_shared).count();
    let free = (session.capacity as usize)
        .saturating_sub(draft.seats_booked(id))
        .saturating_sub(offered - shared);
    if free == 0 {
        for entry in queue.iter().filter(is_shared) {
            lose(draft, &session, entry, true);
        }
        return false;
    }
    let Some(first) = queue.iter().find(|entry| entry.state == EntryState::Waiting) else {
        return false;
    };
    let limit = offers_end(draft.settings, &session);
    if limit <= now {
        return false;
    }
    let left = limit.duration_since(now);
    if shared > 0 || left < draft.settings.offer.min {
        if draft.settings.offer.last_call == LastCall::Stop && shared == 0 {
            return false;
        }
        let waiting = queue.iter().filter(|entry| entry.state == EntryState::Waiting);
        for entry in waiting {
            offer(draft, &session, entry, limit, true);
        }
        return false;
    }
    let Ok(client) = draft.client(&first.client) else { return false };
    let until = offer_window_end(draft.settings, &client, now).min(limit);
    offer(draft, &session, first, until, false);
    true
}

fn offer(draft: &mut Draft<'_>, session: &Session, entry: &Entry, until: Timestamp, shared: bool) {
    let until = on_the_tick(until);
    let state = EntryState::Offered { from: draft.ctx.now, until, shared };
    draft.put_entry(Entry { state, ..entry.clone() });
    draft.set_timer(until, Timer::OfferEnds { entry: entry.id.clone() });
    tell_offer(draft, session, entry, until, shared);
}

fn tell_offer(
    draft: &mut Draft<'_>,
    session: &Session,
    entry: &Entry,
    until: Timestamp,
    shared: bool,
) {
    let Ok(client) = draft.client(&entry.client) else { return };
    let facts = QueueFacts { until: Some(until), shared, ..facts(session, &entry.id) };
    draft.say(Say::new(Kind::QueueOffered, &client, Facts::Queue(facts)).until(until));
}

/// An offer's time is over, unless the daemon slept through some of it.
pub fn ends(draft: &mut Draft<'_>, id: &EntryId) -> Result<(), Rejection> {
    let entry = draft.entry(id)?;
    let Some(end) = offer_end(&entry, draft.ctx.outages) else { return Ok(()) };
    let session = draft.session(&entry.session)?;
    if draft.ctx.now < end && !session.started(draft.ctx.now) {
        draft.set_timer(end, Timer::OfferEnds { entry: id.clone() });
        return Ok(());
    }
    lose(draft, &session, &entry, false);
    advance(draft, &session.id);
    Ok(())
}

/// The opportunity is gone: nobody answered, or somebody else was faster.
fn lose(draft: &mut Draft<'_>, session: &Session, entry: &Entry, faster: bool) {
    draft.cancel_timer(Timer::OfferEnds { entry: entry.id.clone() });
    draft.supersede(&Topic::Entry(entry.id.clone()), &entry.client);
    draft.put_entry(Entry { state: EntryState::Expired, ..entry.clone() });
    let Ok(client) = draft.client(&entry.client) else { return };
    tell_lost(draft, session, entry, &client, faster);
}

fn tell_lost(
    draft: &mut Draft<'_>,
    session: &Session,
    entry: &Entry,
    client: &Client,
    faster: bool,
) {
    let facts = QueueFacts { shared: faster, ..facts(session, &entry.id) };
    let say = Say::new(Kind::QueueExpired, client, Facts::Queue(facts));
    draft.say(say.until(session.starts_at));
}

/// The session moved: no offer stands beyond its new cutoff, and one of which nobody has heard yet
/// is told with the new date.
pub fn moved(draft: &mut Draft<'_>, id: &SessionId) {
    let Ok(session) = draft.session(id) else { return };
    let limit = on_the_tick(offers_end(draft.settings, &session));
    for entry in draft.queue(id) {
        let EntryState::Offered { from, until, shared } = entry.state else { continue };
        if limit <= draft.ctx.now {
            lose(draft, &session, &entry, false);
            continue;
        }
        if until > limit {
            let state = EntryState::Offered { from, until: limit, shared };
            draft.set_timer(limit, Timer::OfferEnds { entry: entry.id.clone() });
            draft.put_entry(Entry { state, ..entry.clone() });
        }
        let unheard = draft.supersede(&Topic::Entry(entry.id.clone()), &entry.client);
        if unheard.contains(&Kind::QueueOffered) {
            tell_offer(draft, &session, &entry, until.min(limit), shared);
        }
    }
}

/// The session as it stands, for somebody who waits for it.
pub fn facts(session: &Session, entry: &EntryId) -> QueueFacts {
    QueueFacts {
        entry: entry.clone(),
        session: session.id.clone(),
        activity: session.activity.clone(),
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        location: session.location.clone(),
        until: None,
        shared: false,
        reason: None,
        cancelled: false,
    }
}
