//! Spans of time: ISO 8601 (`PT30S`) or plain (`30s`).

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;
use serde::ser::{SerializeSeq, Serializer};

/// Seconds as a span, for ranges.
pub(super) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds as a span, for ranges.
pub(super) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Reads a span within `range`; the error completes "<key> …".
pub(super) fn parse(text: &str, range: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let span = text
        .parse::<SignedDuration>()
        .ok()
        .and_then(|span| Duration::try_from(span).ok())
        .ok_or("must be a span of time such as \"PT30S\" or \"30s\", up to hours")?;
    if range.contains(&span) {
        return Ok(span);
    }
    Err(format!("must be {} to {}, not {}", show(*range.start()), show(*range.end()), show(span)))
}

fn show(span: Duration) -> String {
    SignedDuration::try_from(span).map_or_else(|_| "longer".to_owned(), |span| span.to_string())
}

/// Writes a span as ISO 8601.
pub(super) fn iso<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show(*span))
}

/// Writes a list of spans as ISO 8601.
pub(super) fn iso_list<S: Serializer>(spans: &[Duration], to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(spans.len()))?;
    for span in spans {
        list.serialize_element(&show(*span))?;
    }
    list.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_mean_the_same() {
        let range = ms(0)..=s(3600);
        for (text, expected) in
            [("PT30S", s(30)), ("30s", s(30)), ("5m", s(300)), ("PT0.002S", ms(2)), ("1h", s(3600))]
        {
            assert_eq!(parse(text, &range).unwrap(), expected, "{text}");
        }
        for bad in ["", "30", "-PT30S", "30 parsecs", "PT2H"] {
            assert!(parse(bad, &range).is_err(), "{bad}");
        }
        assert_eq!(parse("2h", &range).unwrap_err(), "must be PT0S to PT1H, not PT2H");
    }
}
