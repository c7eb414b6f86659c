//! How long before a booking its reminder goes: kept as a rule, never as an instant.

use jiff::{Span, civil::Time};
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// The longest lead, in days.
pub const LEAD_MAX_DAYS: i64 = 366;

/// A reminder's lead time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadRule {
    /// Calendar days before, at the same wall-clock time in the venue's zone (`P1D`).
    Days(u16),
    /// Exactly so many seconds before (`PT24H`).
    Exact(u32),
    /// So many days before, at a wall-clock time in the venue's zone.
    At {
        /// Calendar days before the start.
        days_before: u16,
        /// Wall-clock time.
        at: Time,
    },
}

impl LeadRule {
    /// Reads `P1D`-like and `PT24H`-like spans; the two are not mixed.
    ///
    /// # Errors
    /// Says what a lead may be.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("is not a lead time such as P1D, P2W or PT24H");
        let span: Span = text.parse().map_err(|_| invalid())?;
        let days = i64::from(span.get_days()) + 7 * i64::from(span.get_weeks());
        let seconds =
            span.get_seconds() + 60 * span.get_minutes() + 3600 * i64::from(span.get_hours());
        let calendar = span.get_months() != 0 || span.get_years() != 0;
        if calendar || days < 0 || seconds < 0 || days + seconds / 86_400 > LEAD_MAX_DAYS {
            return Err(invalid());
        }
        match (days, seconds) {
            (days, 0) if days > 0 => u16::try_from(days).map(Self::Days).map_err(|_| invalid()),
            (0, seconds) if seconds > 0 => {
                u32::try_from(seconds).map(Self::Exact).map_err(|_| invalid())
            }
            _ => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_are_different_rules() {
        assert_eq!(LeadRule::parse("P1D").unwrap(), LeadRule::Days(1));
        assert_eq!(LeadRule::parse("P2W").unwrap(), LeadRule::Days(14));
        assert_eq!(LeadRule::parse("PT24H").unwrap(), LeadRule::Exact(86_400));
        for bad in ["", "1 day ago", "P1M", "P1DT2H", "-P1D", "P0D", "P367D"] {
            assert!(LeadRule::parse(bad).is_err(), "{bad}");
        }
    }
}
