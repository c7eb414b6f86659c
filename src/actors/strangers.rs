//! Commands of tenants that were never configured: how many of them an event tells of.
//!
//! Names can be made up without end, and an event stays in the store: of such a command nothing
//! else does. So only so many are told of by an event. Whoever sent one hears of it all the same,
//! in the answer over HTTP or by `reply_to`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;

/// So many are told of one after the other: an app that begins before its tenant is configured.
const AT_ONCE: u32 = 500;
/// One more is told of after this: 10 a minute, some 10 MiB of events a day at most.
const ONE_MORE_AFTER: Duration = Duration::from_secs(6);
/// That some are not told of leaves at most one line in this span.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// What may still be told.
#[derive(Debug)]
pub struct Strangers {
    allowance: Mutex<Allowance>,
    said: Seldom,
}

#[derive(Debug)]
struct Allowance {
    left: u32,
    as_of: Instant,
}

impl Default for Strangers {
    fn default() -> Self {
        let allowance = Allowance { left: AT_ONCE, as_of: clock::instant() };
        Self { allowance: Mutex::new(allowance), said: Seldom::every(SAID_EVERY) }
    }
}

impl Strangers {
    /// Whether an event tells of one more; one that is not told of is counted.
    pub fn may_be_told(&self) -> bool {
        let now = clock::instant();
        let may = self.allowance().take(now);
        if !may {
            record::stranger_untold();
            if let Some(not_told) = self.said.due(now) {
                tracing::warn!(
                    not_told,
                    "too many commands of tenants that were never configured: they are refused, \
                     and no event tells of it"
                );
            }
        }
        may
    }

    fn allowance(&self) -> MutexGuard<'_, Allowance> {
        self.allowance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Allowance {
    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.as_of);
        let more = passed.as_nanos() / ONE_MORE_AFTER.as_nanos();
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        if more >= AT_ONCE - self.left {
            (self.left, self.as_of) = (AT_ONCE, now);
        } else {
            self.left += more;
            self.as_of += ONE_MORE_AFTER * more;
        }
        let may = self.left > 0;
        self.left -= u32::from(may);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_told_of_and_of_more_only_now_and_then() {
        let began = clock::instant();
        let mut allowance = Allowance { left: AT_ONCE, as_of: began };
        let mut told = |seconds| {
            let at = began + Duration::from_secs(seconds);
            std::iter::repeat_with(|| allowance.take(at)).take_while(|may| *may).count()
        };
        assert_eq!([0, 5, 6, 11, 30].map(&mut told), [500, 0, 1, 0, 4]);
        assert_eq!(told(24 * 3600), 500, "what was not used does not add up");
        let in_a_day: usize = (1..=24 * 60).map(|minute| told((24 * 60 + minute) * 60)).sum();
        assert_eq!(in_a_day, 10 * 24 * 60);
    }
}
