//! Offers of free seats.
//!
//! A seat that comes free is offered to the first who waits, for a window that ends before the
//! session's cutoff. Where too little time is left for a window, nobody is offered anything, or
//! everybody is at once (`last_call`): such shared offers stand for all seats that are free, and
//! the first acceptances win.

use jiff::Timestamp;

use super::draft::Draft;
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

/// Offers what is free to those who wait; says to how many.
pub fn advance(draft: &mut Draft<'_>, id: &SessionId) -> usize {
    let Ok(session) = draft.session(id) else { return 0 };
    if session.cancelled || session.started(draft.ctx.now) {
        return 0;
    }
    if seats_free(draft, &session) == 0 {
        for entry in draft.line(id, Rank::Shared, usize::MAX) {
            lose(draft, &session, &entry, Lost::Taken);
        }
        return 0;
    }
    match turn(draft, &session) {
        Turn::Nobody => 0,
        Turn::First(limit) => offer_to_the_first(draft, &session, limit),
        Turn::Everybody(limit) => {
            let all = draft.line(id, Rank::Waiting, usize::MAX).into_iter();
            all.filter(|entry| offer(draft, &session, entry, limit, true)).count()
        }
    }
}

fn offer_to_the_first(draft: &mut Draft<'_>, session: &Session, limit: Timestamp) -> usize {
    let mut offered = 0;
    loop {
        let first = draft.line(&session.id, Rank::Waiting, seats_free(draft, session));
        if first.is_empty() {
            return offered;
        }
        for entry in first {
            let window = draft
                .client(&entry.client)
                .map_or(limit, |client| offer_window_end(draft.settings, &client, draft.ctx.now));
            offered += usize::from(offer(draft, session, &entry, window.min(limit), false));
        }
    }
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
    let facts = QueueFacts { until: Some(until), shared, ..facts(session, &entry.id) };
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
    let facts = QueueFacts { shared, passed_on, ..facts(session, &entry.id) };
    let say = Say::new(Kind::QueueExpired, &client, Facts::Queue(facts));
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
            lose(draft, &session, &entry, Lost::Unanswered { passed_on: false });
            continue;
        }
        if until > limit {
            let state = EntryState::Offered { from, until: limit, shared };
            draft.set_timer(limit, Timer::OfferEnds { entry: entry.id.clone() });
            draft.put_entry(Entry { state, ..entry.clone() });
        }
        let unheard = draft.supersede(&Topic::Entry(entry.id.clone()), &entry.client);
        let untold = unheard.contains(&Kind::QueueOffered)
            && !reaches(draft, &session, &entry, until.min(limit), shared);
        if untold {
            give_up(draft, &entry, EntryState::Expired);
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
        passed_on: false,
        reason: None,
        cancelled: false,
    }
}
