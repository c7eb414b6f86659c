//! How much of the day's text messages is left, for all tenants together.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::clock;
use crate::domain::Decision;
use crate::domain::spend::day_of;
use crate::store::{Store, StoreError};

/// The segments of today. Tenants decide beside each other: together they may go beyond the limit
/// by what is being decided at that moment.
#[derive(Debug)]
pub struct Spend {
    daily: Option<u32>,
    today: Mutex<Today>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Today {
    /// Which day of UTC it is.
    day: i64,
    segments: u32,
}

impl Spend {
    /// With what was decided today by earlier runs.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(daily: Option<u32>, store: &Store) -> Result<Self, StoreError> {
        let mut today = Today { day: day_of(clock::now()), segments: 0 };
        if daily.is_some() {
            today.segments = store.segments_of_day(today.day).await?;
        }
        Ok(Self { daily, today: Mutex::new(today) })
    }

    /// How many segments may still be sent today.
    pub fn left(&self, now: Timestamp) -> u32 {
        let Some(daily) = self.daily else { return u32::MAX };
        daily.saturating_sub(self.as_of(now, |_| ()))
    }

    /// What was decided is used up, and what it gives back of today's may be used again.
    pub fn count(&self, now: Timestamp, decision: &Decision) {
        if self.daily.is_none() {
            return;
        }
        self.as_of(now, |today| {
            for (day, change) in decision.spent.by_day(now) {
                // By a clock that was set back it is an earlier day, and is spent all the same.
                if day == today.day || change > 0 {
                    let segments = i64::from(today.segments).saturating_add(change).max(0);
                    today.segments = u32::try_from(segments).unwrap_or(u32::MAX);
                }
            }
        });
    }

    /// Today's segments, after a change.
    fn as_of(&self, now: Timestamp, change: impl FnOnce(&mut Today)) -> u32 {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let day = day_of(now);
        if today.day < day {
            *today = Today { day, segments: 0 };
        }
        change(&mut today);
        today.segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(segments: u32) -> Decision {
        let mut decision = Decision::default();
        decision.spent.counts(segments);
        decision
    }

    fn spend(daily: Option<u32>) -> Spend {
        Spend { daily, today: Mutex::default() }
    }

    #[test]
    fn a_day_ends_at_midnight_by_utc() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let spend = spend(Some(3));
        let counts = |segments, now: &str| spend.count(at(now), &counted(segments));
        counts(2, "2026-12-01T23:59:59Z");
        assert_eq!(spend.left(at("2026-12-01T23:59:59Z")), 1);
        counts(5, "2026-12-01T23:59:59Z");
        assert_eq!(spend.left(at("2026-12-01T23:59:59Z")), 0);
        assert_eq!(spend.left(at("2026-12-02T00:00:00Z")), 3);
        assert_eq!(spend.left(at("2026-12-01T12:00:00Z")), 3, "a clock that was set back");
        counts(1, "2026-12-01T12:00:00Z");
        assert_eq!(spend.left(at("2026-12-02T12:00:00Z")), 2, "what it counts is spent");
    }

    #[test]
    fn what_comes_back_may_be_spent_on_the_day_that_it_was_counted_on() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let spend = spend(Some(10));
        let (morning, noon) = (at("2026-12-02T08:00:00Z"), at("2026-12-02T12:00:00Z"));
        spend.count(morning, &counted(6));
        let mut decision = counted(1);
        decision.spent.gives_back(morning, 4);
        decision.spent.gives_back(at("2026-12-01T08:00:00Z"), 5);
        spend.count(noon, &decision);
        assert_eq!(spend.left(noon), 7, "yesterday's are none of today's");
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let spend = spend(None);
        spend.count(Timestamp::UNIX_EPOCH, &Decision::default());
        assert_eq!(spend.left(Timestamp::UNIX_EPOCH), u32::MAX);
    }
}
