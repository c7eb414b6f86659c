//! How long before a booking its reminder goes: kept as a rule, never as an instant.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Time};
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::span::IsoSpan;
use super::zone::Zone;

/// The longest lead, in days.
pub const LEAD_MAX_DAYS: u64 = 366;

/// A reminder's lead time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadRule {
    /// Calendar days before, at the same wall-clock time in the venue's zone (`P1D`).
    Days(u16),
    /// Exactly so many seconds before (`PT24H`).
    Exact(u32),
    /// Exactly so many seconds before the same wall-clock time so many days before (`P1DT2H`).
    DaysAndExact {
        /// Calendar days before the start.
        days: u16,
        /// Seconds before that.
        seconds: u32,
    },
    /// So many days before, at a wall-clock time in the venue's zone.
    At {
        /// Calendar days before the start.
        days_before: u16,
        /// Wall-clock time.
        at: Time,
    },
}

impl LeadRule {
    /// Reads a span: weeks and days are of the calendar, hours, minutes and seconds are exact.
    ///
    /// # Errors
    /// Says what a lead may be.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("is not a lead time such as P1D, P2W, PT24H or P1DT2H");
        let span = IsoSpan::parse(text).ok_or_else(invalid)?;
        if !span.is_at_least(1) || !span.is_at_most(LEAD_MAX_DAYS * 86_400) {
            return Err(Invalid::new(format!(
                "is not a lead time between PT1S and P{LEAD_MAX_DAYS}D"
            )));
        }
        let seconds = 3600 * span.hours + 60 * span.minutes + span.seconds;
        let days = u16::try_from(7 * span.weeks + span.days).map_err(|_| invalid())?;
        Ok(match (days, seconds) {
            (0, seconds) => Self::Exact(seconds),
            (days, 0) => Self::Days(days),
            (days, seconds) => Self::DaysAndExact { days, seconds },
        })
    }

    /// When a reminder of something that starts then is due. A wall-clock time that the zone
    /// skips is taken later, one that comes twice the first time (RFC 5545 §3.3.5).
    pub fn before(&self, start: Timestamp, zone: &Zone) -> Timestamp {
        let civil = |days: u16, at: Option<Time>| {
            let start = start.to_zoned(zone.rules().clone());
            let day = start.datetime().checked_sub(i64::from(days).days()).ok()?;
            let wall = at.map_or(day, |at| day.date().to_datetime(at));
            Some(zone.rules().to_ambiguous_zoned(wall).compatible().ok()?.timestamp())
        };
        let exact = |from: Timestamp, seconds: u32| {
            from.checked_sub(SignedDuration::from_secs(i64::from(seconds))).ok()
        };
        let due = match self {
            LeadRule::Days(days) => civil(*days, None),
            LeadRule::At { days_before, at } => civil(*days_before, Some(*at)),
            LeadRule::Exact(seconds) => exact(start, *seconds),
            LeadRule::DaysAndExact { days, seconds } => {
                civil(*days, None).and_then(|day| exact(day, *seconds))
            }
        };
        due.unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_on_the_wall_and_24_hours_are_24_hours() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        // Clocks go forward on 29 March 2026 at 02:00, and back on 25 October at 03:00.
        let table = [
            (LeadRule::Days(1), "2026-03-29T10:00:00+02:00", "2026-03-28T10:00:00+01:00"),
            (LeadRule::Exact(86_400), "2026-03-29T10:00:00+02:00", "2026-03-28T09:00:00+01:00"),
            (LeadRule::Days(1), "2026-10-25T10:00:00+01:00", "2026-10-24T10:00:00+02:00"),
            (LeadRule::Exact(86_400), "2026-10-25T10:00:00+01:00", "2026-10-24T11:00:00+02:00"),
            // The day on the wall first, then two hours, between which the clocks skip one.
            (
                LeadRule::DaysAndExact { days: 1, seconds: 7200 },
                "2026-03-30T03:30:00+02:00",
                "2026-03-29T00:30:00+01:00",
            ),
            // 02:30 does not exist on the 29th, and comes twice on the 25th.
            (LeadRule::Days(1), "2026-03-30T02:30:00+02:00", "2026-03-29T03:30:00+02:00"),
            (LeadRule::Days(1), "2026-10-26T02:30:00+01:00", "2026-10-25T02:30:00+02:00"),
        ];
        for (rule, start, due) in table {
            let due: Timestamp = due.parse().unwrap();
            assert_eq!(rule.before(start.parse().unwrap(), &rome), due, "{rule:?} {start}");
        }
        let eve = LeadRule::At { days_before: 1, at: Time::constant(18, 0, 0, 0) };
        let due: Timestamp = "2026-12-09T18:00:00+01:00".parse().unwrap();
        assert_eq!(eve.before("2026-12-10T07:00:00+01:00".parse().unwrap(), &rome), due);
    }

    #[test]
    fn days_and_hours_are_different_rules() {
        assert_eq!(LeadRule::parse("P1D").unwrap(), LeadRule::Days(1));
        assert_eq!(LeadRule::parse("P2W").unwrap(), LeadRule::Days(14));
        assert_eq!(LeadRule::parse("PT24H").unwrap(), LeadRule::Exact(86_400));
        let both = LeadRule::DaysAndExact { days: 1, seconds: 7200 };
        assert_eq!(LeadRule::parse("P1DT2H").unwrap(), both);
        assert_eq!(LeadRule::parse("P0DT2H").unwrap(), LeadRule::Exact(7200));
        for bad in ["", "1 day ago", "P1M", "-P1D", "P0D", "PT0S", "P367D", "PT1.5H"] {
            assert!(LeadRule::parse(bad).is_err(), "{bad}");
        }
    }
}
