//! How much of the day's text messages is left, for all tenants together.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock;
use crate::domain::Decision;
use crate::domain::channel::Channel;
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
    /// When it began, in milliseconds since 1970.
    since: i64,
    segments: u32,
}

impl Spend {
    /// With what was decided today by earlier runs.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(daily: Option<u32>, store: &Store) -> Result<Self, StoreError> {
        let now = clock::now();
        let mut today = Today { since: midnight(now), segments: 0 };
        if daily.is_some() {
            let since = Timestamp::from_millisecond(today.since).unwrap_or(now);
            today.segments = store.segments_since(since).await?;
        }
        Ok(Self { daily, today: Mutex::new(today) })
    }

    /// How many segments may still be sent today.
    pub fn left(&self, now: Timestamp) -> u32 {
        let Some(daily) = self.daily else { return u32::MAX };
        daily.saturating_sub(self.as_of(now, 0))
    }

    /// What was decided is used up.
    pub fn count(&self, now: Timestamp, decision: &Decision) {
        if self.daily.is_none() {
            return;
        }
        let texts = decision.messages.iter().filter(|message| message.channel == Channel::Sms);
        self.as_of(now, texts.map(|message| message.segments).sum());
    }

    /// Today's segments, with so many more.
    fn as_of(&self, now: Timestamp, more: u32) -> u32 {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let since = midnight(now);
        if today.since < since {
            *today = Today { since, segments: 0 };
        }
        today.segments = today.segments.saturating_add(more);
        today.segments
    }
}

fn midnight(now: Timestamp) -> i64 {
    let today = now.to_zoned(TimeZone::UTC).start_of_day();
    today.map_or(0, |day| day.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(daily: Option<u32>) -> Spend {
        Spend { daily, today: Mutex::default() }
    }

    #[test]
    fn a_day_ends_at_midnight_by_utc() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let spend = spend(Some(3));
        assert_eq!(spend.as_of(at("2026-12-01T23:59:59Z"), 2), 2);
        assert_eq!(spend.left(at("2026-12-01T23:59:59Z")), 1);
        assert_eq!(spend.as_of(at("2026-12-01T23:59:59Z"), 5), 7);
        assert_eq!(spend.left(at("2026-12-01T23:59:59Z")), 0);
        assert_eq!(spend.left(at("2026-12-02T00:00:00Z")), 3);
        assert_eq!(spend.left(at("2026-12-01T12:00:00Z")), 3, "a clock that was set back");
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let spend = spend(None);
        spend.count(Timestamp::UNIX_EPOCH, &Decision::default());
        assert_eq!(spend.left(Timestamp::UNIX_EPOCH), u32::MAX);
    }
}
