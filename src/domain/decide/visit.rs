//! Whether the client came, and may be asked how it was.

use std::sync::Arc;

use jiff::Timestamp;

use super::draft::{Draft, quiet_until, step};
use super::moved::overtake;
use super::tell::Say;
use super::wording::service_name;
use super::{queue, reminder};
use crate::domain::booking::{Booking, BookingState, Early, Step};
use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, ReviewFacts, WinBackFacts};
use crate::domain::planning;
use crate::domain::policy::SkipReason;
use crate::domain::rejection::Rejection;
use crate::domain::timer::Timer;

/// Sets the last visit, plans the review and begins the wait until the client is missed anew.
pub fn attend(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let before = draft.booking(id)?;
    let Some(mut booking) = step(draft, id, Step::Attend)? else { return Ok(()) };
    overtake(draft, id)?;
    let client = draft.holder(&booking)?;
    reminder::withdraw(draft, &before, &client);
    let early = booking.session.is_some() && !booking.started(draft.ctx.now);
    let (last_visit, visited) = (client.last_visit, client.visited);
    booking.early = early.then_some(Early { last_visit, visited });
    draft.put_booking(booking.clone());
    // It may be noted before they come: the visit is then still to be.
    let came = booking.starts_at.max(draft.ctx.now);
    let visited = client.visited.max(Some(booking.starts_at));
    let last_visit = client.last_visit.max(Some(came));
    let client = Arc::new(Client { last_visit, visited, ..(*client).clone() });
    draft.put(Record::Client(client.clone()));
    if let Some(due) = planning::review(draft.settings, &booking, &client, came) {
        draft.set_timer(due, Timer::Review { booking: id.clone() });
    }
    plan_win_back(draft, &client);
    Ok(())
}

/// Whom it was noted of that they came to a session does not come then after all: it is called off,
/// or at another time. Returns their booking as it was agreed before.
pub fn take_back(draft: &mut Draft<'_>, booking: &Booking) -> Booking {
    draft.cancel_timer(Timer::Review { booking: booking.id.clone() });
    if let (Some(Early { last_visit, visited }), Ok(client)) =
        (booking.early, draft.client(&booking.client))
        && client.visited == Some(booking.starts_at)
    {
        let client = Arc::new(Client { last_visit, visited, ..(*client).clone() });
        draft.put(Record::Client(client.clone()));
        if missed_from(draft, &client).is_some_and(|due| due > draft.ctx.now) {
            plan_win_back(draft, &client);
        } else {
            draft.cancel_timer(Timer::WinBack { client: client.id.clone() });
        }
    }
    Booking { state: BookingState::Confirmed, early: None, ..booking.clone() }
}

/// The client did not come: what was planned ends, and nobody asks for a review.
pub fn miss(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let before = draft.booking(id)?;
    let Some(booking) = step(draft, id, Step::Miss)? else { return Ok(()) };
    overtake(draft, id)?;
    let client = draft.holder(&booking)?;
    reminder::withdraw(draft, &before, &client);
    draft.put_booking(booking.clone());
    if let Some(session) = &booking.session {
        queue::advance(draft, session);
    }
    Ok(())
}

/// The visit is over for a while.
pub fn ask_for_review(draft: &mut Draft<'_>, id: &BookingId) -> Result<(), Rejection> {
    let booking = draft.booking(id)?;
    let client = draft.holder(&booking)?;
    if booking.state != BookingState::Attended {
        return Ok(());
    }
    let Some(rules) = draft.settings.review.as_ref() else {
        let say = review(draft, &booking, &client, String::new());
        draft.say(say.unless(Some(SkipReason::KindOff)));
        return Ok(());
    };
    // It may take longer by now, or have been called off in the middle.
    let session = booking.session.as_ref().and_then(|id| draft.known_session(id));
    if session.is_some_and(|session| session.cancelled) {
        let say = review(draft, &booking, &client, rules.url.clone());
        draft.say(say.unless(Some(SkipReason::Superseded)));
        return Ok(());
    }
    let longer = session.filter(|session| Some(session.ends_at) > booking.ends_at);
    if let Some(due) = longer.map(|session| planning::after(session.ends_at, rules.after))
        && due > draft.ctx.now
    {
        let due = planning::after_quiet(draft.settings, &client, due);
        draft.set_timer(due, Timer::Review { booking: id.clone() });
        return Ok(());
    }
    if let Some(due) = quiet_until(draft, &client) {
        draft.set_timer(due, Timer::Review { booking: id.clone() });
        return Ok(());
    }
    draft.say(review(draft, &booking, &client, rules.url.clone()));
    Ok(())
}

fn review<'c>(draft: &Draft<'_>, booking: &Booking, client: &'c Client, url: String) -> Say<'c> {
    let facts = ReviewFacts {
        booking: booking.id.clone(),
        starts_at: booking.starts_at,
        service: service_name(draft, booking),
        url,
    };
    Say::new(Kind::ReviewRequested, client, Facts::Review(facts))
}

/// Plans to miss a client who does not come again. Whose time has passed when it is planned was
/// missed under other settings, or under none: switching it on writes to nobody of old.
pub fn plan_win_back(draft: &mut Draft<'_>, client: &Client) {
    if let Some(due) = missed_from(draft, client).filter(|due| *due > draft.ctx.now) {
        draft.set_timer(due, Timer::WinBack { client: client.id.clone() });
    }
}

/// A client has long been away. Who has something ahead is looked at again after it.
pub fn win_back(draft: &mut Draft<'_>, id: &ClientId) -> Result<(), Rejection> {
    let client = draft.client(id)?;
    let Some(last_visit) = client.last_visit else { return Ok(()) };
    let now = draft.ctx.now;
    // What the client remembers is the day itself, not when staff noted it.
    let facts = WinBackFacts { last_visit: client.visited.unwrap_or(last_visit) };
    let say = Say::new(Kind::ClientWinBack, &client, Facts::WinBack(facts));
    let Some(missed) = missed_from(draft, &client) else {
        draft.say(say.unless(Some(SkipReason::KindOff)));
        return Ok(());
    };
    // Other settings, or the client's quiet hours, may put it off.
    if let Some(due) = Some(missed).filter(|due| *due > now).or(quiet_until(draft, &client)) {
        draft.set_timer(due, Timer::WinBack { client: id.clone() });
        return Ok(());
    }
    let own = draft.state.open_bookings(id).map(|booking| draft.by_now(booking));
    let ahead = own.filter(|booking| booking.state.is_open() && !booking.started(now));
    match ahead.map(|booking| booking.starts_at).max() {
        Some(next) => {
            draft.say(say.unless(Some(SkipReason::BookedAhead)));
            if let Some(due) = planning::missed(draft.settings, &client, next) {
                draft.set_timer(due, Timer::WinBack { client: id.clone() });
            }
        }
        None => draft.say(say),
    }
    Ok(())
}

fn missed_from(draft: &Draft<'_>, client: &Client) -> Option<Timestamp> {
    planning::missed(draft.settings, client, client.last_visit?)
}
