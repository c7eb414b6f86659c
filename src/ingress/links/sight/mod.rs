//! How something stands that a client can act on, by what the store has of it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::content::Standing;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::client::Client;
use crate::domain::locale::Locale;
use crate::domain::message::{BookingFacts, Facts, QueueFacts};
use crate::domain::planning::offer_end;
use crate::domain::session::{Entry, EntryState, Session};
use crate::domain::settings::Settings;
use crate::domain::timer::Outage;
use crate::domain::told;
use crate::links::{Act, Object};
use crate::store::{Concern, Correspondents};

/// How it stands, and what there is to tell of it.
pub(super) struct Sight {
    pub settings: Arc<Settings>,
    pub standing: Standing,
    /// To whom what is told.
    pub known: Option<(Arc<Client>, Facts)>,
    /// Whether it can be put into a calendar.
    pub has_calendar: bool,
}

impl Sight {
    /// As it stands now. The client is missing where they are not the link's any more.
    pub fn of(act: &Act, concern: Concern, outages: &[Outage], now: Timestamp) -> Self {
        let Concern { who: Correspondents { settings, client }, entry, booking, session } = concern;
        let session = session.as_ref();
        let booking = booking.filter(|it| it.client == act.client && !it.erased);
        let booking = booking.map(|it| session.and_then(|s| s.carries(&it)).unwrap_or(it));
        let entry = entry.filter(|it| it.client == act.client);
        let stranger = client.is_none();
        let (standing, facts) = match &act.on {
            _ if stranger => (Standing::Over, None),
            Object::Offer(_) => match &entry {
                Some(entry) => {
                    let standing = of_offer(entry, booking.as_ref(), session, outages, now);
                    (standing, session.map(|session| place(entry, session, outages)))
                }
                None => (forgotten(act, now), None),
            },
            Object::Attendance(_) | Object::Booking(_) => match &booking {
                Some(booking) => {
                    let asked = matches!(act.on, Object::Attendance(_));
                    let standing = of_booking(booking, session, asked, now);
                    (standing, Some(seat(&settings, booking, session, asked)))
                }
                None => (Standing::Over, None),
            },
        };
        let is_agreed = booking.is_some_and(|it| it.state == BookingState::Confirmed);
        let has_calendar = standing == Standing::Booking && is_agreed;
        Self { settings, standing, known: client.zip(facts), has_calendar }
    }

    /// The client's language, where they have one of their own.
    pub fn client_locale(&self) -> Option<&Locale> {
        self.known.as_ref().and_then(|(client, _)| client.locale.as_ref())
    }

    /// The language in which they are written to.
    pub fn reader(&self) -> &Locale {
        self.client_locale().unwrap_or(&self.settings.locale)
    }
}

/// An offer of which nothing is kept any more.
fn forgotten(act: &Act, now: Timestamp) -> Standing {
    match act.until {
        Some(until) if until <= now => Standing::OfferExpired,
        _ => Standing::Over,
    }
}

fn of_offer(
    entry: &Entry,
    booking: Option<&Booking>,
    session: Option<&Session>,
    outages: &[Outage],
    now: Timestamp,
) -> Standing {
    let is_off = |session: &Session| session.cancelled || session.started(now);
    let goes_on = session.is_some_and(|session| !is_off(session));
    match entry.state {
        EntryState::Accepted => match booking.map(|booking| booking.state) {
            Some(BookingState::Cancelled | BookingState::Declined) => Standing::BookingCancelled,
            _ if goes_on => Standing::OfferAccepted,
            _ => Standing::Over,
        },
        EntryState::Declined => Standing::OfferDeclined,
        EntryState::Expired => Standing::OfferExpired,
        EntryState::Offered { .. } if goes_on => {
            let is_open = offer_end(entry, outages).is_some_and(|end| now < end);
            if is_open { Standing::Offer } else { Standing::OfferExpired }
        }
        EntryState::Offered { .. }
        | EntryState::Waiting
        | EntryState::Left
        | EntryState::Closed => Standing::Over,
    }
}

/// `asked` whether the client will come, or what they want with it.
fn of_booking(
    booking: &Booking,
    session: Option<&Session>,
    asked: bool,
    now: Timestamp,
) -> Standing {
    let free_until = session.and_then(|session| session.free_cancel_until);
    let is_late = free_until.is_some_and(|until| until <= now);
    match booking.state {
        BookingState::Cancelled => Standing::BookingCancelled,
        _ if booking.started(now) => Standing::Over,
        BookingState::Pending | BookingState::Confirmed if !asked => Standing::Booking,
        BookingState::Confirmed if booking.attendance_confirmed => Standing::AttendanceConfirmed,
        BookingState::Confirmed if is_late => Standing::AttendanceLate,
        BookingState::Confirmed => Standing::Attendance,
        BookingState::Pending
        | BookingState::Declined
        | BookingState::Attended
        | BookingState::NoShow => Standing::Over,
    }
}

fn place(entry: &Entry, session: &Session, outages: &[Outage]) -> Facts {
    let shared = matches!(entry.state, EntryState::Offered { shared: true, .. });
    let until = offer_end(entry, outages);
    Facts::Queue(QueueFacts { until, shared, ..told::of_place(session, &entry.id) })
}

fn seat(settings: &Settings, booking: &Booking, session: Option<&Session>, asked: bool) -> Facts {
    let free_until = session.and_then(|session| session.free_cancel_until).filter(|_| asked);
    Facts::Booking(BookingFacts { free_until, ..told::of_booking(settings, booking, session) })
}

#[cfg(test)]
mod tests;
