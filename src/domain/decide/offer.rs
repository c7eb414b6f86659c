//! Offers of free seats.
//!
//! A seat that comes free is offered to the first who waits, for a window that ends before the
//! session's cutoff. Where too little time is left for a window, nobody is offered anything, or
//! everybody is at once (`last_call`): such shared offers stand for all seats that are free, and
//! the first acceptances win.

use std::ops::Range;

use jiff::Timestamp;

use super::draft::Draft;
use super::page;
use super::tell::Say;
use crate::domain::decision::{Telling, Verdict};
use crate::domain::id::{EntryId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, QueueFacts, Topic};
use crate::domain::planning::{offer_end, offer_window_end, offers_end, on_the_tick};
use crate::domain::rejection::Rejection;
use crate::domain::roster::{Rank, Tally};
use crate::domain::session::{Entry, EntryState, Session};
use crate::domain::settings::LastCall;
use crate::domain::timer::Timer;
use crate::domain::told;

/// Seats that open bookings and open offers take; never more than there are.
pub fn seats_taken(draft: &Draft<'_>, session: &Session) -> usize {
    let Tally { booked, own, shared, .. } = draft.tally(&session.id);
    let capacity = session.capacity as usize;
    if shared > 0 { capacity.max(booked + own) } else { booked + own }
}

/// Whether no seat is to be had for who comes now: those who wait and are about to be offered one
/// come before.
pub fn is_full(draft: &Draft<'_>, session: &Session) -> bool {
    let free = (session.capacity as usize).saturating_sub(seats_taken(draft, session));
    let waiting = draft.tally(&session.id).waiting;
    let owed = match turn(draft, session) {
        _ if session.rest.is_none() => 0,
        Turn::Nobody => 0,
        Turn::First(_) => waiting,
        Turn::Everybody(_) => waiting.saturating_mul(free),
    };
    free <= owed
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

/// Offers what is free to those who wait, as far as this decision reaches; says to how many.
pub fn advance(draft: &mut Draft<'_>, id: &SessionId) -> usize {
    let Ok(session) = draft.session(id) else { return 0 };
    if session.cancelled || session.started(draft.ctx.now) {
        return 0;
    }
    if draft.seats_free(&session) == 0 {
        end_the_last_call(draft, &session);
        return 0;
    }
    match turn(draft, &session) {
        Turn::Nobody => 0,
        Turn::First(limit) => offer_to_the_first(draft, &session, limit),
        Turn::Everybody(limit) => offer_to_everybody(draft, &session, limit),
    }
}

fn end_the_last_call(draft: &mut Draft<'_>, session: &Session) {
    for entry in draft.line(&session.id, Rank::Shared, draft.room) {
        draft.room -= 1;
        lose(draft, session, &entry, Lost::Taken);
    }
    if draft.tally(&session.id).shared > 0 {
        page::leave_places(draft, &session.id);
    }
}

fn offer_to_the_first(draft: &mut Draft<'_>, session: &Session, limit: Timestamp) -> usize {
    let mut offered = 0;
    loop {
        let free = draft.seats_free(session);
        let first = draft.line(&session.id, Rank::Waiting, free.min(draft.room));
        if first.is_empty() {
            if free > 0 && draft.tally(&session.id).waiting > 0 {
                page::leave_places(draft, &session.id);
            }
            return offered;
        }
        for entry in first {
            draft.room -= 1;
            let window = draft
                .client(&entry.client)
                .map_or(limit, |client| offer_window_end(draft.settings, &client, draft.ctx.now));
            offered += usize::from(offer(draft, session, &entry, window.min(limit), false));
        }
    }
}

fn offer_to_everybody(draft: &mut Draft<'_>, session: &Session, limit: Timestamp) -> usize {
    let mut offered = 0;
    for entry in draft.line(&session.id, Rank::Waiting, draft.room) {
        draft.room -= 1;
        offered += usize::from(offer(draft, session, &entry, limit, true));
    }
    if draft.tally(&session.id).waiting > 0 {
        page::leave_places(draft, &session.id);
    }
    offered
}

/// Says whether the offer stands: of one that reaches nobody the turn is over at once.
fn offer(
    draft: &mut Draft<'_>,
    session: &Session,
    entry: &Entry,
    until: Timestamp,
    shared: bool,
) -> bool {
    let until = on_the_tick(until);
    if !reaches(draft, session, entry, until, shared) {
        draft.put_entry(Entry { state: EntryState::Expired, ..entry.clone() });
        return false;
    }
    let state = EntryState::Offered { from: draft.ctx.now, until, shared };
    draft.put_entry(Entry { state, ..entry.clone() });
    draft.set_timer(until, Timer::OfferEnds { entry: entry.id.clone() });
    true
}

/// Tells the offer; says whether it is worth keeping. It is not where nothing goes to this client,
/// for a reason of their own. Where the tenant or the installation tells nobody, the next in line
/// would hear as little: then the app may do it, which knows of the offer too.
fn reaches(
    draft: &mut Draft<'_>,
    session: &Session,
    entry: &Entry,
    until: Timestamp,
    shared: bool,
) -> bool {
    let Ok(client) = draft.client(&entry.client) else { return false };
    let facts = QueueFacts { until: Some(until), shared, ..told::of_place(session, &entry.id) };
    draft.say(Say::new(Kind::QueueOffered, &client, Facts::Queue(facts)).until(until));
    draft.decision.tellings.last().is_none_or(|telling| !is_in_vain(telling))
}

fn is_in_vain(telling: &Telling) -> bool {
    let goes = |verdict: &Verdict| matches!(verdict, Verdict::Goes(_));
    let personal =
        |verdict: &Verdict| matches!(verdict, Verdict::Skipped(reason) if reason.is_personal());
    let mut verdicts = telling.channels.iter().map(|(_, verdict)| verdict);
    !verdicts.clone().any(goes) && verdicts.any(personal)
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
    give_up(draft, &entry, EntryState::Expired);
    let passed_on = advance(draft, &session.id) > 0;
    tell_lost(draft, &session, &entry, Lost::Unanswered { passed_on });
    Ok(())
}

/// The place is not open any more: what was planned and not yet told of it is taken back.
pub fn give_up(draft: &mut Draft<'_>, entry: &Entry, state: EntryState) {
    draft.cancel_timer(Timer::OfferEnds { entry: entry.id.clone() });
    draft.supersede(&Topic::Entry(entry.id.clone()), &entry.client);
    draft.put_entry(Entry { state, ..entry.clone() });
}

/// How an offer was lost.
#[derive(Clone, Copy)]
enum Lost {
    /// Somebody else was faster.
    Taken,
    /// Nobody answered in time.
    Unanswered {
        /// Whether the next in line has the seat on offer now.
        passed_on: bool,
    },
}

fn lose(draft: &mut Draft<'_>, session: &Session, entry: &Entry, lost: Lost) {
    give_up(draft, entry, EntryState::Expired);
    tell_lost(draft, session, entry, lost);
}

fn tell_lost(draft: &mut Draft<'_>, session: &Session, entry: &Entry, lost: Lost) {
    let Ok(client) = draft.client(&entry.client) else { return };
    let (shared, passed_on) = match lost {
        Lost::Taken => (true, true),
        Lost::Unanswered { passed_on } => (false, passed_on),
    };
    let facts = QueueFacts { shared, passed_on, ..told::of_place(session, &entry.id) };
    let say = Say::new(Kind::QueueExpired, &client, Facts::Queue(facts));
    draft.say(say.until(session.starts_at));
}

/// The session moved: of these offers none stands beyond its new cutoff, and one of which nobody
/// has heard yet is told with the new date. Returns those that this decision does not reach.
pub fn moved(draft: &mut Draft<'_>, session: &Session, places: Range<u64>) -> Range<u64> {
    let limit = on_the_tick(offers_end(draft.settings, session));
    let mut left = places.clone();
    for entry in draft.offers_at(&session.id, places, draft.room) {
        draft.room -= 1;
        left.start = entry.place + 1;
        move_offer(draft, session, &entry, limit);
    }
    if draft.offers_at(&session.id, left.clone(), 1).is_empty() { 0..0 } else { left }
}

fn move_offer(draft: &mut Draft<'_>, session: &Session, entry: &Entry, limit: Timestamp) {
    let EntryState::Offered { from, until, shared } = entry.state else { return };
    if limit <= draft.ctx.now {
        return lose(draft, session, entry, Lost::Unanswered { passed_on: false });
    }
    if until > limit {
        let state = EntryState::Offered { from, until: limit, shared };
        draft.set_timer(limit, Timer::OfferEnds { entry: entry.id.clone() });
        draft.put_entry(Entry { state, ..entry.clone() });
    }
    let unheard = draft.supersede(&Topic::Entry(entry.id.clone()), &entry.client);
    let untold = unheard.contains(&Kind::QueueOffered)
        && !reaches(draft, session, entry, until.min(limit), shared);
    if untold {
        give_up(draft, entry, EntryState::Expired);
    }
}
