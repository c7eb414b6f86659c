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
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::{Entry, EntryState, Session};
use crate::domain::settings::LastCall;
use crate::domain::timer::Timer;

/// Seats that open bookings and open offers take; never more than there are.
pub fn seats_taken(draft: &Draft<'_>, session: &Session) -> usize {
    let Tally { booked, own, shared, .. } = draft.tally(&session.id);
    let capacity = session.capacity as usize;
    if shared > 0 { capacity.max(booked + own) } else { booked + own }
}

/// Seats that are neither booked nor on offer to one alone.
fn seats_free(draft: &Draft<'_>, session: &Session) -> usize {
    let Tally { booked, own, .. } = draft.tally(&session.id);
    (session.capacity as usize).saturating_sub(booked + own)
}

/// Whose turn it is for a seat that is free.
enum Turn {
    /// It is too late for anybody's.
    Nobody,
    /// Those who have waited longest, a seat each; no offer stands beyond this instant.
    First(Timestamp),
    /// All who wait, until this instant.
    Everybody(Timestamp),
}

fn turn(draft: &Draft<'_>, session: &Session) -> Turn {
    let rules = &draft.settings.offer;
    let (limit, now) = (offers_end(draft.settings, session), draft.ctx.now);
    let called = draft.tally(&session.id).shared > 0;
    let ample = limit.duration_since(now) >= rules.min;
    match rules.last_call {
        _ if limit <= now => Turn::Nobody,
        _ if ample && !called => Turn::First(limit),
        LastCall::Stop if !called => Turn::Nobody,
        _ => Turn::Everybody(limit),
    }
}

/// Offers what is free to those who wait.
pub fn advance(draft: &mut Draft<'_>, id: &SessionId) {
    let Ok(session) = draft.session(id) else { return };
    if session.cancelled || session.started(draft.ctx.now) {
        return;
    }
    let free = seats_free(draft, &session);
    if free == 0 {
        for entry in draft.line(id, Rank::Shared, usize::MAX) {
            lose(draft, &session, &entry, true);
        }
        return;
    }
    match turn(draft, &session) {
        Turn::Nobody => {}
        Turn::First(limit) => {
            for entry in draft.line(id, Rank::Waiting, free) {
                let Ok(client) = draft.client(&entry.client) else { continue };
                let until = offer_window_end(draft.settings, &client, draft.ctx.now).min(limit);
                offer(draft, &session, &entry, until, false);
            }
        }
        Turn::Everybody(limit) => {
            for entry in draft.line(id, Rank::Waiting, usize::MAX) {
                offer(draft, &session, &entry, limit, true);
            }
        }
    }
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
    let own = draft.line(id, Rank::Own, usize::MAX).into_iter();
    for entry in own.chain(draft.line(id, Rank::Shared, usize::MAX)) {
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
