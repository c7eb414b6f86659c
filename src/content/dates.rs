//! Dates and times in words, from a language's own tables and patterns.

use std::fmt::Write;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;

use super::passage::{Passage, passage};
use super::pattern::{Field, Pattern, Piece};
use super::spelling;
use super::years::Year;
use super::zones::{ZoneNames, offset};
use crate::domain::zone::Zone;

/// How a language writes dates: the `[dates]` table of its `language.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dates {
    /// From Monday.
    weekdays: [String; 7],
    weekdays_short: [String; 7],
    /// From January.
    months: [String; 12],
    months_short: [String; 12],
    /// How the first of a month is written, where not as a number: `1er`.
    first_day: Option<String>,
    /// What stands before the hour, where that depends on the hour.
    at: Option<At>,
    date: Pattern,
    time: Pattern,
    full: Pattern,
    brief: Pattern,
    /// Without the year, for an SMS.
    short: Pattern,
    /// The same with the year.
    short_with_year: Pattern,
    /// An hour that comes twice: the first time, by the clock of summer.
    summer: String,
    /// The second time.
    winter: String,
    /// What the zones are called.
    #[serde(skip)]
    zones: Arc<ZoneNames>,
}

/// What stands before the hour: `a la 1:00`, `a las 2:00`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    one: String,
    other: String,
}

/// What a region writes otherwise than its language: a table below `[regions]` of
/// `language.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionalDates {
    date: Pattern,
    time: Pattern,
    full: Pattern,
    brief: Pattern,
    short: Pattern,
    short_with_year: Pattern,
    summer: String,
    winter: String,
}

/// Where on the clock a message's times are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct InZone<'a> {
    /// The zone that times are shown in.
    pub zone: &'a Zone,
    /// Whether the reader may expect another zone, so that this one must be named.
    pub named: bool,
}

impl Dates {
    /// The same with these names of zones.
    pub fn with(self, zones: ZoneNames) -> Self {
        Self { zones: Arc::new(zones), ..self }
    }

    /// The same names of days and months, as a region writes dates.
    pub fn as_in(&self, region: RegionalDates) -> Self {
        let RegionalDates { date, time, full, brief, short, short_with_year, summer, winter } =
            region;
        let own = self.clone();
        Self { date, time, full, brief, short, short_with_year, summer, winter, ..own }
    }

    /// The day: `Thursday, 3 December 2026`.
    pub fn date(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.write(&self.date, at, place)
    }

    /// The day of the week: `Thursday`.
    pub fn weekday(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.weekdays[weekday(place.zone.rules().to_datetime(at))].clone()
    }

    /// The time from start to end: `10:00–10:45 (Rome time)`.
    pub fn hours(&self, from: Timestamp, to: Option<Timestamp>, place: InZone<'_>) -> String {
        let Some(to) = to else { return self.time(from, place) };
        let bare = InZone { named: false, ..place };
        let mut text = format!("{}–{}", self.time(from, bare), self.time(to, bare));
        in_brackets(&mut text, place.named.then(|| self.zone(to, place)));
        text
    }

    /// Day and time: `Thursday, 3 December 2026 at 10:00`.
    pub fn full(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.told_apart(&self.full, at, place)
    }

    /// Day and time for a subject line: `Thu 3 Dec 2026, 10:00`.
    pub fn brief(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.told_apart(&self.brief, at, place)
    }

    /// Day and time in few letters, and those of GSM 03.38: `Thu 3 Dec 10:00`.
    pub fn short(&self, at: Timestamp, year: Year, place: InZone<'_>) -> String {
        let pattern = match year {
            Year::Said => &self.short_with_year,
            Year::Understood => &self.short,
        };
        spelling::spelled(&self.told_apart(pattern, at, place))
    }

    /// The time: `10:00`.
    pub fn time(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.told_apart(&self.time, at, place)
    }

    /// Written so that it means one instant to its reader: an hour that comes twice says which
    /// one it is, and a clock that is not the reader's is named.
    fn told_apart(&self, pattern: &Pattern, at: Timestamp, place: InZone<'_>) -> String {
        let mut text = self.write(pattern, at, place);
        let which = passage(at, place.zone.rules()).map(|passage| match passage {
            Passage::Summer => self.summer.clone(),
            Passage::Winter => self.winter.clone(),
            Passage::Other => offset(at, place.zone.rules()),
        });
        let zone = place.named.then(|| self.zone(at, place));
        in_brackets(&mut text, which.into_iter().chain(zone));
        text
    }

    /// The clock as a person calls it: by its city, else by its distance from UTC.
    fn zone(&self, at: Timestamp, place: InZone<'_>) -> String {
        self.zones.clock(place.zone).unwrap_or_else(|| offset(at, place.zone.rules()))
    }

    fn write(&self, pattern: &Pattern, at: Timestamp, place: InZone<'_>) -> String {
        let local = place.zone.rules().to_datetime(at);
        let mut text = String::with_capacity(48);
        for piece in pattern.pieces() {
            // Writing to a String cannot fail.
            let _ = match piece {
                Piece::Words(words) => text.write_str(words),
                Piece::Field(field) => self.write_field(&mut text, *field, local),
            };
        }
        text
    }

    fn write_field(&self, text: &mut String, field: Field, local: DateTime) -> std::fmt::Result {
        let month = usize::from(local.month().unsigned_abs()) - 1;
        match field {
            Field::Weekday => text.write_str(&self.weekdays[weekday(local)]),
            Field::WeekdayShort => text.write_str(&self.weekdays_short[weekday(local)]),
            Field::Day => match &self.first_day {
                Some(first) if local.day() == 1 => text.write_str(first),
                _ => write!(text, "{}", local.day()),
            },
            Field::DayTwo => write!(text, "{:02}", local.day()),
            Field::Month => text.write_str(&self.months[month]),
            Field::MonthShort => text.write_str(&self.months_short[month]),
            Field::MonthNumber => write!(text, "{}", local.month()),
            Field::MonthTwo => write!(text, "{:02}", local.month()),
            Field::Year => write!(text, "{}", local.year()),
            Field::At => match &self.at {
                Some(at) if local.hour() == 1 => text.write_str(&at.one),
                Some(at) => text.write_str(&at.other),
                None => Ok(()),
            },
            Field::Hour => write!(text, "{:02}", local.hour()),
            Field::HourPlain => write!(text, "{}", local.hour()),
            Field::Hour12 => write!(text, "{}", (local.hour() + 11) % 12 + 1),
            Field::Half => text.write_str(if local.hour() < 12 { "AM" } else { "PM" }),
            Field::Minute => write!(text, "{:02}", local.minute()),
        }
    }
}

/// From Monday, which is 0.
fn weekday(local: DateTime) -> usize {
    usize::from(local.weekday().to_monday_zero_offset().unsigned_abs())
}

/// Adds what has to be said besides, if anything has.
fn in_brackets(text: &mut String, said: impl IntoIterator<Item = String>) {
    let mut open = false;
    for words in said {
        text.push_str(if open { ", " } else { " (" });
        text.push_str(&words);
        open = true;
    }
    if open {
        text.push(')');
    }
}

/// Whether both instants fall on one day there.
pub(super) fn same_day(a: Timestamp, b: Timestamp, zone: &Zone) -> bool {
    zone.rules().to_datetime(a).date() == zone.rules().to_datetime(b).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::embedded::LANGUAGES;

    #[derive(Deserialize)]
    struct File {
        dates: Dates,
    }

    fn english() -> Dates {
        let File { dates } = toml::from_str(LANGUAGES[0].language).unwrap();
        dates.with(ZoneNames::load(&LANGUAGES[0]).unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_reads_as_the_venue_s_clock_does() {
        let (rome, new_york) =
            (Zone::parse("Europe/Rome").unwrap(), Zone::parse("America/New_York").unwrap());
        let instant = at("2026-12-31T23:30:00Z");
        let here = InZone { zone: &rome, named: false };
        assert_eq!(english().full(instant, here), "Friday, 1 January 2027 at 00:30");
        let there = InZone { zone: &new_york, named: true };
        assert_eq!(
            english().full(instant, there),
            "Thursday, 31 December 2026 at 18:30 (New York time)"
        );
        assert_eq!(english().brief(instant, here), "Fri 1 Jan 2027, 00:30");
        assert_eq!(english().short(instant, Year::Understood, here), "Fri 1 Jan 00:30");
        assert_eq!(english().short(instant, Year::Said, here), "Fri 1 Jan 2027 00:30");
        assert_eq!(english().time(instant, here), "00:30");
        assert_eq!(english().time(instant, there), "18:30 (New York time)");
        assert_eq!(english().weekday(instant, there), "Thursday");
        assert_eq!(english().date(instant, there), "Thursday, 31 December 2026");
    }

    #[test]
    fn the_clock_of_twelve_hours() {
        let pattern = Pattern::try_from("{hour12}:{minute} {half}".to_owned()).unwrap();
        let place = InZone { zone: &Zone::utc(), named: false };
        for (time, words) in [
            ("00:05", "12:05 AM"),
            ("01:00", "1:00 AM"),
            ("11:59", "11:59 AM"),
            ("12:00", "12:00 PM"),
            ("13:30", "1:30 PM"),
            ("23:59", "11:59 PM"),
        ] {
            let instant = at(&format!("2026-12-03T{time}:00Z"));
            assert_eq!(english().write(&pattern, instant, place), words);
        }
    }

    #[test]
    fn summer_time_is_the_zone_s() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let place = InZone { zone: &rome, named: false };
        let hours = |from, to: Option<&str>| english().hours(at(from), to.map(at), place);
        assert_eq!(hours("2026-07-01T08:00:00Z", None), "10:00");
        assert_eq!(hours("2026-12-01T09:00:00Z", Some("2026-12-01T09:45:00Z")), "10:00–10:45");
    }

    #[test]
    fn an_hour_that_comes_twice_says_which_one_it_is() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let place = InZone { zone: &rome, named: false };
        let (summer, winter) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
        let english = english();
        assert_eq!(english.full(summer, place), "Sunday, 25 October 2026 at 02:30 (summer time)");
        assert_eq!(english.brief(winter, place), "Sun 25 Oct 2026, 02:30 (winter time)");
        let short = |at| english.short(at, Year::Understood, place);
        assert_eq!(short(summer), "Sun 25 Oct 02:30 (summer time)");
        assert_eq!(short(at("2026-10-25T02:00:00Z")), "Sun 25 Oct 03:00");
        assert_eq!(
            english.hours(summer, Some(winter), place),
            "02:30 (summer time)–02:30 (winter time)"
        );
        let abroad = InZone { named: true, ..place };
        assert_eq!(english.time(winter, abroad), "02:30 (winter time, Rome time)");
        let until_three = english.hours(winter, Some(at("2026-10-25T02:00:00Z")), abroad);
        assert_eq!(until_three, "02:30 (winter time)–03:00 (Rome time)");
    }

    #[test]
    fn a_clock_without_a_city_is_called_by_its_distance_from_utc() {
        let zone = Zone::parse("Etc/GMT+5").unwrap();
        let place = InZone { zone: &zone, named: true };
        let said = english().full(at("2026-12-10T15:00:00Z"), place);
        assert_eq!(said, "Thursday, 10 December 2026 at 10:00 (UTC-5)");
    }

    #[test]
    fn days_are_the_zone_s_days() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let (evening, night) = (at("2026-12-03T21:00:00Z"), at("2026-12-03T23:30:00Z"));
        assert!(same_day(evening, night, &Zone::utc()));
        assert!(!same_day(evening, night, &rome));
    }
}
