//! A recurring series is told of once: one message has the dates of all.
//!
//! ```text
//!   request, confirm ─▶ waits ─the series has been quiet for a while─▶ told by the first's message
//!                         ▲                                              │
//!                         └──one of them changed before it left──────────┘
//! ```
//!
//! The bookings of a series come one by one, and none says that it is the last. Each waits for the
//! next, and when no more come, or the first has waited long enough ([`gathered`]), one message
//! about the first of them by date tells of all; one for each service and place, where they differ.
//! Those that come later are told in the same way.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::tell::Say;
use super::wording::{Change, facts, occasion, tell};
use crate::domain::booking::{Booking, BookingState, Together};
use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, SeriesId};
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts, Topic, topic};
use crate::domain::planning::gathered;
use crate::domain::policy::SkipReason;
use crate::domain::rejection::Rejection;
use crate::domain::timer::Timer;

/// The most bookings that one message tells of: more than a year of days.
pub const TOGETHER_MAX: usize = 400;

/// What is told of several at once.
const SPOKEN: [(Kind, BookingState); 2] = [
    (Kind::BookingConfirmed, BookingState::Confirmed),
    (Kind::BookingPending, BookingState::Pending),
];

/// Lets a booking of a series wait to be told with the others; says whether it is one.
pub fn gather(draft: &Draft<'_>, booking: &mut Booking) -> bool {
    let waits = booking.series.is_some();
    booking.together = waits.then_some(Together::Waits(draft.ctx.now));
    waits
}

/// Withdraws what the client has not been sent about the booking yet, and returns the kinds. Where
/// that told of others too, they wait anew, and so does this one: whoever calls it writes the
/// booking, and then [`plan`]s what waits.
pub fn withdraw(draft: &mut Draft<'_>, booking: &mut Booking) -> Vec<Kind> {
    let mut kinds = draft.supersede(&topic(booking), &booking.client);
    let Some(Together::By(speaker)) = booking.together.clone() else { return kinds };
    let spoken = |kind: Kind| SPOKEN.iter().any(|(spoken, _)| *spoken == kind);
    if speaker != booking.id {
        let told = Topic::Booking(speaker.clone());
        kinds.extend(draft.supersede_only(&told, &booking.client, spoken));
    }
    if !kinds.iter().any(|kind| spoken(*kind)) {
        return kinds;
    }
    let waits = Some(Together::Waits(draft.ctx.now));
    for mut other in with_its_series(draft, booking) {
        if other.id != booking.id && other.together == booking.together {
            other.together.clone_from(&waits);
            draft.put(Record::Booking(other));
        }
    }
    booking.together = waits;
    kinds
}

/// Plans when what waits of the series is told: at once where one of them would begin before, or
/// as many wait as one message tells of. So no decision tells of more than it and those that one
/// message had told of before.
pub fn plan(draft: &mut Draft<'_>, series: Option<&SeriesId>, client: &Client) {
    let Some(series) = series else { return };
    let waiting = waiting_of(draft, series, &client.id);
    let since = waiting.iter().filter_map(|booking| match booking.together {
        Some(Together::Waits(since)) => Some(since),
        _ => None,
    });
    let Some(first) = since.min() else { return };
    let now = draft.ctx.now;
    let due = gathered(now, first);
    let timer = Timer::Series { series: series.clone(), client: client.id.clone() };
    let is_full = waiting.len() >= TOGETHER_MAX;
    if due > now && !is_full && waiting.iter().all(|booking| !booking.started(due)) {
        draft.set_timer(due, timer);
    } else {
        draft.cancel_timer(timer);
        speak(draft, waiting, client);
    }
}

/// No more have come.
///
/// # Errors
/// If the client is not known any more.
pub fn is_quiet(
    draft: &mut Draft<'_>,
    series: &SeriesId,
    client: &ClientId,
) -> Result<(), Rejection> {
    let client = draft.client(client)?;
    let waiting = waiting_of(draft, series, &client.id);
    speak(draft, waiting, &client);
    Ok(())
}

/// Those that wait; one whose session moved or was called off comes with its page.
fn waiting_of(draft: &Draft<'_>, series: &SeriesId, client: &ClientId) -> Vec<Booking> {
    let waits = |booking: &Booking| matches!(booking.together, Some(Together::Waits(_)));
    let here = |booking: &Booking| draft.behind(&booking.id).is_none();
    draft.series(series, client, |booking| waits(booking) && here(booking))
}

fn with_its_series(draft: &Draft<'_>, booking: &Booking) -> Vec<Booking> {
    let series = booking.series.as_ref();
    series.map_or_else(Vec::new, |series| draft.series(series, &booking.client, |_| true))
}

fn speak(draft: &mut Draft<'_>, mut waiting: Vec<Booking>, client: &Client) {
    waiting.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
    let now = draft.ctx.now;
    let (open, over): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|booking| booking.state.is_open() && !booking.started(now));
    for booking in over {
        let veto = Some(SkipReason::TooLate);
        tell(draft, Kind::BookingConfirmed, client, &booking, Change { veto, ..Change::default() });
        draft.put(Record::Booking(Booking { together: None, ..booking }));
    }
    for (kind, state) in SPOKEN {
        let told = open.iter().filter(|booking| booking.state == state);
        for alike in alike(draft, told) {
            for together in alike.chunks(TOGETHER_MAX) {
                tell_together(draft, kind, client, together);
            }
        }
    }
}

/// Those of which the same is to be said but for the date: the same service, place and things to
/// bring. In the order of their first dates.
fn alike<'b>(
    draft: &Draft<'_>,
    bookings: impl Iterator<Item = &'b Booking>,
) -> Vec<Vec<&'b Booking>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<&Booking>> = Vec::new();
    for booking in bookings {
        let BookingFacts { service, location, bring, .. } = facts(draft, booking);
        let place = *places.entry((service, location, bring)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(booking),
            None => groups.push(vec![booking]),
        }
    }
    groups
}

/// One message about the first, which has the dates of the others; it is of use as long as one of
/// them lies ahead.
fn tell_together(draft: &mut Draft<'_>, kind: Kind, client: &Client, told: &[&Booking]) {
    let [first, others @ ..] = told else { return };
    let last = others.last().unwrap_or(first).starts_at;
    let others_told = others.iter().map(|other| occasion(draft, other)).collect();
    let facts = BookingFacts { others: others_told, ..facts(draft, first) };
    draft.say(Say::new(kind, client, Facts::Booking(facts)).until(last));
    let veto = Some(SkipReason::SeriesTold);
    for other in others {
        tell(draft, kind, client, other, Change { veto, ..Change::default() });
    }
    for booking in told {
        let together = Some(Together::By(first.id.clone()));
        draft.put(Record::Booking(Booking { together, ..(*booking).clone() }));
    }
}
