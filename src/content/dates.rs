//! Dates and times in words, from a language's own tables and patterns.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;

use super::pattern::{Field, Pattern, Piece};
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
    date: Pattern,
    time: Pattern,
    full: Pattern,
    brief: Pattern,
    /// In letters of GSM 03.38, without the year.
    short: Pattern,
    zone: Pattern,
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
}

/// Where on the clock a message's times are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The zone that times are shown in.
    pub zone: &'a Zone,
    /// Whether the reader may expect another zone, so that this one must be named.
    pub named: bool,
}

impl Dates {
    /// The same names of days and months, as a region writes dates.
    pub fn as_in(&self, region: RegionalDates) -> Self {
        let RegionalDates { date, time, full, brief, short } = region;
        Self { date, time, full, brief, short, ..self.clone() }
    }

    /// The day: `Thursday, 3 December 2026`.
    pub fn date(&self, at: Timestamp, place: Place<'_>) -> String {
        self.write(&self.date, at, place)
    }

    /// The time from start to end: `10:00–10:45 (Rome time)`.
    pub fn hours(&self, from: Timestamp, to: Option<Timestamp>, place: Place<'_>) -> String {
        let mut text = self.write(&self.time, from, place);
        if let Some(to) = to {
            text.push('–');
            text.push_str(&self.write(&self.time, to, place));
        }
        self.name_zone(text, place)
    }

    /// Day and time: `Thursday, 3 December 2026 at 10:00`.
    pub fn full(&self, at: Timestamp, place: Place<'_>) -> String {
        self.name_zone(self.write(&self.full, at, place), place)
    }

    /// Day and time for a subject line: `Thu 3 Dec 2026, 10:00`.
    pub fn brief(&self, at: Timestamp, place: Place<'_>) -> String {
        self.name_zone(self.write(&self.brief, at, place), place)
    }

    /// Day and time in few letters: `Thu 3 Dec 10:00`.
    pub fn short(&self, at: Timestamp, place: Place<'_>) -> String {
        self.name_zone(self.write(&self.short, at, place), place)
    }

    /// The time: `10:00`.
    pub fn time(&self, at: Timestamp, place: Place<'_>) -> String {
        self.write(&self.time, at, place)
    }

    fn name_zone(&self, mut text: String, place: Place<'_>) -> String {
        if place.named {
            let zone = self.write(&self.zone, Timestamp::UNIX_EPOCH, place);
            text.push_str(" (");
            text.push_str(&zone);
            text.push(')');
        }
        text
    }

    fn write(&self, pattern: &Pattern, at: Timestamp, place: Place<'_>) -> String {
        let local = place.zone.rules().to_datetime(at);
        let mut text = String::with_capacity(48);
        for piece in pattern.pieces() {
            // Writing to a String cannot fail.
            let _ = match piece {
                Piece::Words(words) => text.write_str(words),
                Piece::Field(field) => self.write_field(&mut text, *field, local, place.zone),
            };
        }
        text
    }

    fn write_field(
        &self,
        text: &mut String,
        field: Field,
        local: DateTime,
        zone: &Zone,
    ) -> std::fmt::Result {
        let weekday = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(local.month().unsigned_abs()) - 1;
        match field {
            Field::Weekday => text.write_str(&self.weekdays[weekday]),
            Field::WeekdayShort => text.write_str(&self.weekdays_short[weekday]),
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
            Field::Hour => write!(text, "{:02}", local.hour()),
            Field::Hour12 => write!(text, "{}", (local.hour() + 11) % 12 + 1),
            Field::Half => text.write_str(if local.hour() < 12 { "AM" } else { "PM" }),
            Field::Minute => write!(text, "{:02}", local.minute()),
            Field::City => text.write_str(&city(zone.name())),
        }
    }
}

/// Whether both instants fall on one day there.
pub(super) fn same_day(a: Timestamp, b: Timestamp, zone: &Zone) -> bool {
    zone.rules().to_datetime(a).date() == zone.rules().to_datetime(b).date()
}

/// The place that an IANA zone is named after: `America/New_York` → `New York`.
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
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
        toml::from_str::<File>(LANGUAGES[0].language).unwrap().dates
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_reads_as_the_venue_s_clock_does() {
        let (rome, new_york) =
            (Zone::parse("Europe/Rome").unwrap(), Zone::parse("America/New_York").unwrap());
        let instant = at("2026-12-31T23:30:00Z");
        let here = Place { zone: &rome, named: false };
        assert_eq!(english().full(instant, here), "Friday, 1 January 2027 at 00:30");
        let there = Place { zone: &new_york, named: true };
        assert_eq!(
            english().full(instant, there),
            "Thursday, 31 December 2026 at 18:30 (New York time)"
        );
        assert_eq!(english().brief(instant, here), "Fri 1 Jan 2027, 00:30");
        assert_eq!(english().short(instant, here), "Fri 1 Jan 00:30");
        assert_eq!(english().time(instant, there), "18:30");
        assert_eq!(english().date(instant, there), "Thursday, 31 December 2026");
    }

    #[test]
    fn the_clock_of_twelve_hours() {
        let pattern = Pattern::try_from("{hour12}:{minute} {half}".to_owned()).unwrap();
        let place = Place { zone: &Zone::utc(), named: false };
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
        let place = Place { zone: &rome, named: false };
        let hours = |from, to: Option<&str>| english().hours(at(from), to.map(at), place);
        assert_eq!(hours("2026-07-01T08:00:00Z", None), "10:00");
        assert_eq!(hours("2026-12-01T09:00:00Z", Some("2026-12-01T09:45:00Z")), "10:00–10:45");
    }

    #[test]
    fn days_are_the_zone_s_days() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let (evening, night) = (at("2026-12-03T21:00:00Z"), at("2026-12-03T23:30:00Z"));
        assert!(same_day(evening, night, &Zone::utc()));
        assert!(!same_day(evening, night, &rome));
    }
}
