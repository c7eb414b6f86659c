//! Instants, spans, times of day, zones.

use jiff::civil::{self, Time};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::lead::LeadRule;
use crate::domain::zone::Zone;
use crate::wire::field::cut;

use super::Scalar;

/// The years in which an instant may lie (UTC). Outside, a date is a slip of the pen, and near
/// the calendar's end lead times could not be added.
pub const YEARS: std::ops::RangeInclusive<i16> = 1970..=2999;
/// The longest span.
pub const SPAN_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

impl Scalar for Timestamp {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid::new(format!("{:?} {why}", cut(text))));
        // RFC 9557's [Zone] could contradict the offset.
        let instant = if text.contains('[') { None } else { text.parse::<Timestamp>().ok() };
        match instant {
            Some(instant) if YEARS.contains(&civil_year(instant)) => Ok(instant),
            Some(_) => refuse("lies outside the years 1970 to 2999"),
            None if text.parse::<civil::DateTime>().is_ok() && !text.contains('[') => {
                refuse("has no offset: add Z, or one such as +01:00")
            }
            None => refuse("is not an instant (RFC 3339), such as 2026-12-03T10:00:00+01:00"),
        }
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "examples": ["2026-12-03T10:00:00+01:00"],
        })
    }
}

fn civil_year(instant: Timestamp) -> i16 {
    instant.to_zoned(jiff::tz::TimeZone::UTC).year()
}

impl Scalar for SignedDuration {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Invalid::new(format!("{:?} {why}", cut(text)));
        let span = iso_span(text)
            .ok_or_else(|| refuse("is not a span (ISO 8601), such as PT30M or P1D"))?;
        let duration = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| refuse("counts months or years, whose length varies"))?;
        if duration.is_negative() || duration > SPAN_MAX {
            return Err(refuse("is not between PT0S and P366D"));
        }
        Ok(duration)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "duration",
            "pattern": "^P",
            "examples": ["PT30M", "P1D"],
        })
    }
}

/// An ISO 8601 span; jiff alone would also take `1 day` and `-PT1H`.
fn iso_span(text: &str) -> Option<Span> {
    text.strip_prefix('P').and_then(|_| text.parse().ok())
}

/// The text form of a lead time; the other form is an object.
impl Scalar for LeadRule {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let lead = if text.starts_with('P') { LeadRule::parse(text) } else { LeadRule::parse("") };
        lead.map_err(|invalid| Invalid::new(format!("{:?} {invalid}", cut(text))))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "duration",
            "pattern": "^P",
            "description": "P1D: the same wall-clock time a day before. PT24H: exactly 24 hours before.",
            "examples": ["P1D", "PT2H"],
        })
    }
}

impl Scalar for Time {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse =
            || Invalid::new(format!("{:?} is not a time of day (HH:MM), such as 18:30", cut(text)));
        let two = |digits: &str| match digits.as_bytes() {
            [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => digits.parse::<i8>().ok(),
            _ => None,
        };
        let (hour, minute) = text.split_once(':').ok_or_else(refuse)?;
        let (hour, minute) = two(hour).zip(two(minute)).ok_or_else(refuse)?;
        Time::new(hour, minute, 0, 0).map_err(|_| refuse())
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            "examples": ["18:30"],
        })
    }
}

impl Scalar for Zone {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Zone::parse(text).map_err(|invalid| Invalid::new(format!("{:?} {invalid}", cut(text))))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "IANA time zone.",
            "examples": ["Europe/Rome"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_carry_an_offset() {
        let instant = <Timestamp as Scalar>::parse("2026-12-03T10:00:00+01:00").unwrap();
        assert_eq!(instant.to_string(), "2026-12-03T09:00:00Z");
        for (bad, why) in [
            ("2026-12-03T10:00:00", "no offset"),
            ("2026-12-03", "no offset"),
            ("2026-12-03T10:00:00[Europe/Rome]", "not an instant"),
            ("2026-12-03T10:00:00+01:00[Asia/Tokyo]", "not an instant"),
            ("2026-13-03T10:00:00Z", "not an instant"),
            ("tomorrow", "not an instant"),
            ("", "not an instant"),
            ("9999-12-30T00:00:00Z", "outside the years"),
            ("0001-01-01T00:00:00Z", "outside the years"),
        ] {
            let refusal = <Timestamp as Scalar>::parse(bad).unwrap_err();
            assert!(refusal.0.contains(why), "{bad}: {refusal}");
        }
    }

    #[test]
    fn spans_are_iso_and_bounded() {
        let hours = SignedDuration::from_hours;
        let good = [("PT30M", SignedDuration::from_mins(30)), ("P1D", hours(24))];
        for (text, expected) in good.into_iter().chain([
            ("P1W", hours(168)),
            ("P1DT2H", hours(26)),
            ("PT0S", hours(0)),
            ("P366D", SPAN_MAX),
        ]) {
            assert_eq!(<SignedDuration as Scalar>::parse(text).unwrap(), expected, "{text}");
        }
        for bad in ["", "P", "30", "30m", "1 day", "-PT1H", "P1M", "P1Y", "P367D", "PT9999999999H"]
        {
            assert!(<SignedDuration as Scalar>::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn leads_are_iso() {
        assert_eq!(<LeadRule as Scalar>::parse("P1D").unwrap(), LeadRule::Days(1));
        for bad in ["1 day", "", "P1M", "-P1D"] {
            assert!(<LeadRule as Scalar>::parse(bad).is_err(), "{bad}");
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
