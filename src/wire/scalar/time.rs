//! Instants, times of day, zones.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{self, Time};
use jiff::tz::TimeZone;
use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::zone::Zone;
use crate::wire::quote::quoted;

use super::Scalar;

/// The years in which an instant may lie, as written and in UTC. Outside, a date is a slip of the
/// pen, and near the calendar's end lead times could not be added.
pub const YEARS: RangeInclusive<u16> = 1970..=2999;
/// The longest instant: nine digits behind the second, and an offset.
const INSTANT_MAX_CHARS: usize = 35;

impl Scalar for Timestamp {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid::new(format!("{} {why}", quoted(text))));
        let Some(year) = rfc3339_year(text) else {
            let clock = text.get(10..).unwrap_or_default();
            return if text.parse::<civil::DateTime>().is_ok() && !clock.contains(['[', '+', '-']) {
                refuse("has no offset: add Z, or one such as +01:00")
            } else {
                refuse("is not an instant (RFC 3339), such as 2026-12-03T10:00:00+01:00")
            };
        };
        if !YEARS.contains(&year) {
            return refuse("lies outside the years 1970 to 2999");
        }
        // Which days a month has.
        let Ok(instant) = text.parse::<Timestamp>() else {
            return refuse("is not a day of the calendar");
        };
        // With its offset it may lie in the year before or after.
        let year = instant.to_zoned(TimeZone::UTC).year();
        if !u16::try_from(year).is_ok_and(|year| YEARS.contains(&year)) {
            return refuse("lies outside the years 1970 to 2999");
        }
        Ok(instant)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": "^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\
                [Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?\
                ([Zz]|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$",
            "maxLength": INSTANT_MAX_CHARS,
            "examples": ["2026-12-03T10:00:00+01:00"],
        })
    }
}

/// The year of what has the form of RFC 3339 §5.6, but for the leap second, at which nobody books.
/// (jiff alone would also take other separators, shorter forms, offsets of a day and more, and
/// RFC 9557's `[Zone]`, which could contradict the offset.)
fn rfc3339_year(text: &str) -> Option<u16> {
    let (date, time) = text.split_at_checked(10)?;
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else { return None };
    let time = time.strip_prefix(['T', 't'])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let clock = clock.strip_suffix(|c: char| c.is_ascii_digit()).map(|_| clock)?;
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            ((1..=9).contains(&(fraction.len() - offset.len()))).then_some(offset)?
        }
        None => rest,
    };
    let is_clock = |text: &str, max: [u8; 3]| {
        let parts: Vec<_> = text.split(':').map(two_digits).collect();
        parts.iter().zip(max).all(|(part, max)| part.is_some_and(|part| part <= max))
    };
    let is_offset = match offset.strip_prefix(['+', '-']) {
        Some(offset) => offset.len() == 5 && is_clock(offset, [23, 59, 0]),
        None => matches!(offset, "Z" | "z"),
    };
    let is_date = [m1, m2, d1, d2].iter().all(|b| b.is_ascii_digit());
    let year = std::str::from_utf8(year).ok().filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?;
    let whole = is_date && is_offset && is_clock(clock, [23, 59, 59]);
    whole.then(|| year.parse().ok())?
}

fn two_digits(text: &str) -> Option<u8> {
    let is_number = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

impl Scalar for Time {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = || {
            Invalid::new(format!("{} is not a time of day (HH:MM), such as 18:30", quoted(text)))
        };
        let two = |digits| two_digits(digits).and_then(|number| i8::try_from(number).ok());
        let (hour, minute) = text.split_once(':').ok_or_else(refuse)?;
        let (hour, minute) = two(hour).zip(two(minute)).ok_or_else(refuse)?;
        Time::new(hour, minute, 0, 0).map_err(|_| refuse())
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            "maxLength": 5,
            "examples": ["18:30"],
        })
    }
}

impl Scalar for Zone {
    const SCHEMA_NAME: Option<&'static str> = Some("TimeZone");

    fn parse(text: &str) -> Result<Self, Invalid> {
        Zone::parse(text).map_err(|invalid| Invalid::new(format!("{} {invalid}", quoted(text))))
    }
    /// The names of today. One that a later database adds is taken where the system knows it, and
    /// so is one in other letter case.
    fn schema() -> Schema {
        let names: Vec<_> = Zone::names().collect();
        json_schema!({
            "description": "A time zone by its IANA name, such as Europe/Rome.",
            "type": "string",
            "enum": names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_of_rfc_3339() {
        let instant = |text| <Timestamp as Scalar>::parse(text).unwrap().to_string();
        for (text, utc) in [
            ("2026-12-03T10:00:00+01:00", "2026-12-03T09:00:00Z"),
            ("2026-12-03T10:00:00Z", "2026-12-03T10:00:00Z"),
            ("2026-12-03t10:00:00.25z", "2026-12-03T10:00:00.25Z"),
            ("2026-12-03T10:00:00-00:00", "2026-12-03T10:00:00Z"),
            ("2026-12-03T10:00:00+23:59", "2026-12-02T10:01:00Z"),
            ("2028-02-29T00:00:00-12:00", "2028-02-29T12:00:00Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2999-12-31T23:59:59.9+01:00", "2999-12-31T22:59:59.9Z"),
        ] {
            assert_eq!(instant(text), utc, "{text}");
        }
        for (why, bad) in [
            ("no offset", &["2026-12-03T10:00:00", "2026-12-03"][..]),
            ("outside the years", &["9999-12-30T00:00:00Z", "0001-01-01T00:00:00Z"]),
            ("outside the years", &["1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z"]),
            ("outside the years", &["2999-12-31T23:59:59-01:00", "1970-01-01T00:00:00+01:00"]),
            (
                "not a day",
                &["2026-02-29T10:00:00Z", "2026-13-03T10:00:00Z", "2026-00-03T10:00:00Z"],
            ),
            ("not an instant", &["tomorrow", "", "2026-12-03 10:00:00Z", "20261203T100000Z"]),
            ("not an instant", &["2026-12-03T10:00Z", "2026-12-03T24:00:00Z"]),
            ("not an instant", &["2026-12-03T10:60:00Z", "2026-12-03T23:59:60Z"]),
            ("not an instant", &["2026-12-03T10:00:00,5Z", "2026-12-03T10:00:00.Z"]),
            ("not an instant", &["2026-12-03T10:00:00.1234567890Z", " 2026-12-03T10:00:00Z"]),
            ("not an instant", &["2026-12-03T10:00:00+25:00", "2026-12-03T10:00:00-25:59"]),
            ("not an instant", &["2026-12-03T10:00:00+24:00", "2026-12-03T10:00:00+01:60"]),
            ("not an instant", &["2026-12-03T10:00:00+01:00:30", "2026-12-03T10:00:00+0100"]),
            ("not an instant", &["2026-12-03T10:00:00+1:00", "2026-12-03T10:00:00+01"]),
            ("not an instant", &["2026-12-03T10:00:00[Europe/Rome]", "+12026-12-03T10:00:00Z"]),
            ("not an instant", &["2026-12-03T10:00:00+01:00[Asia/Tokyo]", "2026-12-é3T10:00:00Z"]),
        ] {
            for bad in bad {
                let refusal = <Timestamp as Scalar>::parse(bad).unwrap_err();
                assert!(refusal.0.contains(why), "{bad}: {refusal}");
            }
        }
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!(<Time as Scalar>::parse("07:05").unwrap(), Time::constant(7, 5, 0, 0));
        for bad in ["", "7:05", "24:00", "12:60", "12:00:00", "+1:00", "12.00"] {
            assert!(<Time as Scalar>::parse(bad).is_err(), "{bad}");
        }
    }
}
