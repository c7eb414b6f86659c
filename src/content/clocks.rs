//! Whose clock a message's times are read on.

use jiff::Timestamp;

use super::dates::{Dates, InZone};
use super::matter::Matter;
use super::years::Year;
use crate::domain::client::Client;
use crate::domain::message::Facts;
use crate::domain::settings::Settings;

/// An instant in words.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// For a sentence.
    pub full: String,
    /// For a subject line.
    pub brief: String,
    /// For an SMS.
    pub short: String,
    /// Only the day.
    pub date: String,
    /// Only the time.
    pub time: String,
    /// Only the day of the week.
    pub weekday: String,
}

impl Moment {
    /// The instant in this language, on this clock.
    pub fn of(at: Timestamp, dates: &Dates, year: Year, place: InZone<'_>) -> Self {
        Self {
            full: dates.full(at, place),
            brief: dates.brief(at, place),
            short: dates.short(at, year, place),
            date: dates.date(at, place),
            time: dates.time(at, place),
            weekday: dates.weekday(at, place),
        }
    }
}

/// The venue's clock for a place, the client's for what happens online or to their account. A
/// reader who lives by another clock than the venue is told which one it is.
pub(super) fn place<'a>(matter: &Matter<'a>) -> InZone<'a> {
    let Client { timezone, .. } = matter.client;
    let Settings { timezone: venue, .. } = matter.settings;
    // Staff are at the venue, wherever the client is.
    let own = timezone.as_ref().filter(|_| !matter.kind.is_alert());
    let abroad = own.filter(|own| *own != venue);
    let zone = match abroad {
        Some(own) if is_anywhere(matter.facts) => own,
        _ => venue,
    };
    InZone { zone, named: abroad.is_some() }
}

fn is_anywhere(facts: &Facts) -> bool {
    match facts {
        Facts::Booking(facts) => facts.location.as_deref().is_some_and(is_online),
        Facts::Queue(facts) => facts.location.as_deref().is_some_and(is_online),
        Facts::Link(_) => true,
        _ => false,
    }
}

/// Whether a location is a link to where one meets.
fn is_online(location: &str) -> bool {
    is_web(location.trim_start())
}

/// Whether a link is one that a mail program may open.
pub(super) fn is_web(link: &str) -> bool {
    let starts = |scheme: &str| {
        link.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts("https://") || starts("http://")
}
