//! A limit, as it stands: when the next may pass, and the one behind it, and so on.

use std::time::Duration;

/// See the module. The arithmetic of [`Pace`](super::pace::Pace), if all leave as soon as they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    opens: Duration,
    /// Between one and the next; zero: as many as come.
    period: Duration,
    /// How much of that those that come first need not wait for.
    slack: Duration,
}

impl Meter {
    /// Opens then, for as many as come.
    pub fn unlimited(opens: Duration) -> Self {
        Self { opens, period: Duration::ZERO, slack: Duration::ZERO }
    }

    /// Opens then, for one a `period`; what waits first may come earlier by `slack`.
    pub fn new(opens: Duration, period: Duration, slack: Duration) -> Self {
        Self { opens, period, slack }
    }

    /// Not before then.
    #[must_use]
    pub fn held(self, until: Duration) -> Self {
        Self { opens: self.opens.max(until), ..self }
    }

    /// When the next may pass.
    pub fn opens(&self) -> Duration {
        self.opens
    }

    /// When one passes that so many others pass before.
    pub fn passes(&self, ahead: u64) -> Duration {
        let all = self.period.as_nanos().saturating_mul(u128::from(ahead));
        let all = Duration::from_nanos(u64::try_from(all).unwrap_or(u64::MAX));
        self.opens.saturating_add(all.saturating_sub(self.slack))
    }

    /// How many may have passed by then.
    fn passed(&self, by: Duration) -> u64 {
        let Some(since) = by.checked_sub(self.opens) else { return 0 };
        let spans = since.saturating_add(self.slack).as_nanos().checked_div(self.period.as_nanos());
        let behind_the_first = spans.and_then(|spans| u64::try_from(spans).ok());
        behind_the_first.unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// When one passes that so many others pass before, where each takes whichever of these limits
/// opens first; `None` where there is none.
pub fn passes_any(meters: &[Meter], ahead: u64) -> Option<Duration> {
    let mut latest = meters.iter().map(|meter| meter.passes(ahead)).min()?;
    let mut earliest = meters.iter().map(Meter::opens).min()?;
    let passed = |by| meters.iter().fold(0_u64, |all, of| all.saturating_add(of.passed(by)));
    while earliest < latest {
        let middle = earliest + (latest - earliest) / 2;
        if passed(middle) > ahead {
            latest = middle;
        } else {
            earliest = middle + Duration::from_nanos(1);
        }
    }
    Some(latest)
}
