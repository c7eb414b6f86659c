//! Spans as the wire writes them: ISO 8601 without months and years, whose length varies.

use jiff::SignedDuration;

/// Seconds of a minute, an hour, a day and a week.
const UNITS: [u64; 4] = [60, 3600, 86_400, 604_800];

/// A span by its parts, each as written: `P1DT2H` is a day and two hours, `PT26H` is 26 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IsoSpan {
    /// `W`.
    pub weeks: u32,
    /// `D`.
    pub days: u32,
    /// `H`.
    pub hours: u32,
    /// `M`, behind a `T`.
    pub minutes: u32,
    /// `S`.
    pub seconds: u32,
}

impl IsoSpan {
    /// Reads `P[nW][nD][T[nH][nM][nS]]`: whole numbers, in this order, at least one of them.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        if rest.is_empty() {
            return None;
        }
        let (weeks, date) = part(date, 'W')?;
        let (days, date) = part(date, 'D')?;
        let (hours, time) = part(time, 'H')?;
        let (minutes, time) = part(time, 'M')?;
        let (seconds, time) = part(time, 'S')?;
        (date.is_empty() && time.is_empty()).then_some(Self {
            weeks,
            days,
            hours,
            minutes,
            seconds,
        })
    }

    /// Whether each part alone is at most so many seconds long. Part by part, so that a pattern
    /// can say the same.
    pub fn is_at_most(&self, seconds: u64) -> bool {
        self.lengths().iter().all(|length| *length <= seconds)
    }

    /// Whether some part alone is at least so many seconds long.
    pub fn is_at_least(&self, seconds: u64) -> bool {
        seconds == 0 || self.lengths().iter().any(|length| *length >= seconds)
    }

    /// Its length, a day being 24 hours.
    pub fn duration(&self) -> SignedDuration {
        let seconds = self.lengths().iter().sum::<u64>();
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn lengths(&self) -> [u64; 5] {
        let [minute, hour, day, week] = UNITS;
        [
            u64::from(self.weeks) * week,
            u64::from(self.days) * day,
            u64::from(self.hours) * hour,
            u64::from(self.minutes) * minute,
            u64::from(self.seconds),
        ]
    }
}

/// The number before the unit, if the unit is there, and what follows.
fn part(text: &str, unit: char) -> Option<(u32, &str)> {
    match text.split_once(unit) {
        None => Some((0, text)),
        // `parse` would take a sign.
        Some((number, _)) if !number.bytes().all(|b| b.is_ascii_digit()) => None,
        Some((number, rest)) => Some((number.parse().ok()?, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_order() {
        let span = |text| IsoSpan::parse(text).unwrap();
        for (text, seconds) in [
            ("PT0S", 0),
            ("PT30M", 1800),
            ("P1D", 86_400),
            ("P2W", 1_209_600),
            ("P1DT2H", 93_600),
            ("P1W2DT3H4M5S", 788_645),
            ("PT1H30S", 3630),
            ("P0DT00H30M00S", 1800),
        ] {
            assert_eq!(span(text).duration(), SignedDuration::from_secs(seconds), "{text}");
        }
        for bad in [
            "",
            "P",
            "PT",
            "P1DT",
            "30M",
            "P30M",
            "PT1D",
            "1 day",
            "-P1D",
            "+P1D",
            "P-1D",
            "P+1D",
            "P1M",
            "P1Y",
            "P1.5D",
            "PT1,5H",
            "PT2M1H",
            "P1D1W",
            "pt1h",
            "PT1h",
            "P1D ",
            "PT1H1H",
            "PTH",
            "P1DT2",
            "PT99999999999S",
            "P１D",
        ] {
            assert_eq!(IsoSpan::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn bounds_are_of_each_part() {
        let span = |text| IsoSpan::parse(text).unwrap();
        assert!(span("P366DT8784H").is_at_most(366 * 86_400));
        assert!(!span("P367D").is_at_most(366 * 86_400));
        assert!(!span("PT59S").is_at_least(60) && span("PT60S").is_at_least(60));
        assert!(span("PT0S").is_at_least(0) && !span("P0DT0H").is_at_least(1));
    }
}
