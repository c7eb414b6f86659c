//! Spans: how long something takes, stands or goes ahead.

use jiff::SignedDuration;
use schemars::{Schema, json_schema};
use serde_json::json;

use crate::domain::invalid::Invalid;
use crate::domain::lead::{LEAD_MAX_DAYS, LeadRule};
use crate::domain::span::IsoSpan;
use crate::wire::quote::quoted;

use super::Scalar;
use super::pattern::{at_least, at_most};

const DAY_SECONDS: u64 = 86_400;

/// A span of at least `MIN` seconds and at most `MAX_DAYS` days, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<const MIN: u64, const MAX_DAYS: u64>(pub SignedDuration);

/// How long an offer stands: one that ends as it begins is no offer.
pub type OfferWindow = Span<1, 31>;
/// A time that may be none, such as that between the end of the offers and the start.
pub type Margin = Span<0, 31>;
/// How long something takes that is booked.
pub type Length = Span<60, 366>;
/// How long after a visit something follows, at once included.
pub type After = Span<0, 366>;
/// How long somebody stays away before they are missed.
pub type Absence = Span<86_400, 366>;

impl<const MIN: u64, const MAX_DAYS: u64> Scalar for Span<MIN, MAX_DAYS> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: String| Invalid::new(format!("{} {why}", quoted(text)));
        let Some(span) = IsoSpan::parse(text) else {
            let varies = text.strip_prefix('P').is_some_and(|rest| {
                rest.split('T').next().unwrap_or_default().contains(['M', 'Y'])
            });
            return Err(refuse(if varies {
                "counts months or years, whose length varies".to_owned()
            } else {
                "is not a span (ISO 8601), such as PT30M or P1D".to_owned()
            }));
        };
        if !span.is_at_least(MIN) || !span.is_at_most(MAX_DAYS * DAY_SECONDS) {
            return Err(refuse(format!("is not between {} and P{MAX_DAYS}D", least(MIN))));
        }
        Ok(Self(span.duration()))
    }
    fn schema() -> Schema {
        let mut schema = span_schema(MIN, MAX_DAYS * DAY_SECONDS);
        schema.insert("examples".to_owned(), ["PT30M", "P1D"].as_slice().into());
        schema
    }
}

/// A bound as one would write it.
fn least(seconds: u64) -> String {
    match seconds {
        DAY_SECONDS => "P1D".to_owned(),
        minutes if minutes > 0 && minutes.is_multiple_of(60) => format!("PT{}M", minutes / 60),
        seconds => format!("PT{seconds}S"),
    }
}

/// The text form of a lead time; the other form is an object.
impl Scalar for LeadRule {
    fn parse(text: &str) -> Result<Self, Invalid> {
        LeadRule::parse(text).map_err(|invalid| Invalid::new(format!("{} {invalid}", quoted(text))))
    }
    fn schema() -> Schema {
        let mut schema = span_schema(1, LEAD_MAX_DAYS * DAY_SECONDS);
        let meaning = "P1D: the same wall-clock time a day before. PT24H: exactly 24 hours before.";
        schema.insert("description".to_owned(), meaning.into());
        schema.insert("examples".to_owned(), ["P1D", "PT2H"].as_slice().into());
        schema
    }
}

/// What [`IsoSpan`] reads, within bounds in seconds.
fn span_schema(min: u64, max: u64) -> Schema {
    let units = [("W", 604_800), ("D", DAY_SECONDS), ("H", 3600), ("M", 60), ("S", 1)];
    let [weeks, days, hours, minutes, seconds] =
        units.map(|(unit, length)| format!("({}{unit})", at_most(max / length)));
    let time = format!("{hours}{minutes}?{seconds}?|{minutes}{seconds}?|{seconds}");
    let whole = format!("^P({weeks}{days}?(T({time}))?|{days}(T({time}))?|T({time}))$");
    let mut schema = json_schema!({"type": "string", "pattern": whole});
    if min > 0 {
        let long = units.map(|(unit, length)| format!("{}{unit}", at_least(min.div_ceil(length))));
        let some = format!("[A-Z](?:{})", long.join("|"));
        schema.insert("if".to_owned(), json!({"type": "string"}));
        schema.insert("then".to_owned(), json!({"pattern": some}));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_iso_and_bounded() {
        let hours = SignedDuration::from_hours;
        for (text, expected) in [
            ("PT30M", SignedDuration::from_mins(30)),
            ("P1D", hours(24)),
            ("P1W", hours(168)),
            ("P1DT2H", hours(26)),
            ("PT0S", hours(0)),
            ("P366D", hours(366 * 24)),
        ] {
            assert_eq!(After::parse(text).unwrap().0, expected, "{text}");
        }
        for (bad, why) in [
            ("", "not a span"),
            ("P", "not a span"),
            ("30m", "not a span"),
            ("1 day", "not a span"),
            ("-PT1H", "not a span"),
            ("PT1.5H", "not a span"),
            ("P1M", "months or years"),
            ("P1Y", "months or years"),
            ("P367D", "between PT0S and P366D"),
            ("PT999999999H", "between PT0S and P366D"),
        ] {
            let refusal = After::parse(bad).unwrap_err();
            assert!(refusal.0.contains(why), "{bad}: {refusal}");
        }
    }

    #[test]
    fn what_cannot_be_nothing_is_something() {
        for none in ["PT0S", "P0D", "PT0M"] {
            let refusal = OfferWindow::parse(none).unwrap_err();
            assert!(refusal.0.contains("between PT1S and P31D"), "{none}: {refusal}");
        }
        assert!(OfferWindow::parse("PT1S").is_ok());
        assert!(Absence::parse("PT24H").is_ok() && Absence::parse("PT23H").is_err());
    }

    #[test]
    fn leads_are_iso() {
        assert_eq!(<LeadRule as Scalar>::parse("P1D").unwrap(), LeadRule::Days(1));
        for bad in ["1 day", "", "P1M", "-P1D", "PT0S"] {
            assert!(<LeadRule as Scalar>::parse(bad).is_err(), "{bad}");
        }
    }
}
