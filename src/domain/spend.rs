//! What the operator lets text messages cost, whoever sends them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::address::PhoneNumber;

/// The seconds of a day of UTC.
const DAY_SECONDS: i64 = 86_400;

/// The limits of an installation; without any, none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SmsTerms {
    /// The beginnings of numbers to which texts may go (E.164); empty: all.
    pub prefixes: Vec<String>,
    /// Texts that one client may be sent in 24 hours.
    pub per_number: Option<u32>,
    /// Segments in a day of UTC, of all tenants.
    pub daily_segments: Option<u32>,
}

impl SmsTerms {
    /// Whether texts may go there.
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        let begins = |prefix: &String| number.as_str().starts_with(prefix.as_str());
        self.prefixes.is_empty() || self.prefixes.iter().any(begins)
    }
}

/// A day of UTC, counted from 1970-01-01.
pub fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}

/// What a decision does to the segments that were counted, each on the day of UTC on which its
/// message was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Segments that are counted by it.
    counted: u32,
    /// When what it gives back was counted, and how many segments.
    back: Vec<(Timestamp, u32)>,
}

impl Spent {
    /// These segments are used up.
    pub fn counts(&mut self, segments: u32) {
        self.counted = self.counted.saturating_add(segments);
    }

    /// These may be used again; they were counted then.
    pub fn gives_back(&mut self, counted_at: Timestamp, segments: u32) {
        if segments > 0 {
            self.back.push((counted_at, segments));
        }
    }

    /// How many segments of the day there are, of `left`, after what is decided so far.
    pub fn left_of(&self, left: u32, now: Timestamp) -> u32 {
        let today = self.back.iter().filter(|(at, _)| day_of(*at) == day_of(now));
        let back = today.fold(0_u32, |sum, (_, segments)| sum.saturating_add(*segments));
        left.saturating_add(back).saturating_sub(self.counted)
    }

    /// By how much each day's segments change, where the decision is of this instant; days on
    /// which nothing changes are left out.
    pub fn by_day(&self, now: Timestamp) -> BTreeMap<i64, i64> {
        let mut days = BTreeMap::from([(day_of(now), i64::from(self.counted))]);
        for (at, segments) in &self.back {
            *days.entry(day_of(*at)).or_default() -= i64::from(*segments);
        }
        days.retain(|_, change| *change != 0);
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_back_is_of_the_day_on_which_it_was_counted() {
        let (now, before) = (at("2026-12-02T00:00:00Z"), at("2026-12-01T23:59:59.999Z"));
        let mut spent = Spent::default();
        assert!(spent.by_day(now).is_empty());
        spent.counts(3);
        spent.gives_back(before, 2);
        spent.gives_back(now, 1);
        spent.gives_back(now, 0);
        let day = day_of(now);
        assert_eq!(spent.by_day(now), BTreeMap::from([(day - 1, -2), (day, 2)]));
        assert_eq!(spent.left_of(5, now), 3, "what was counted yesterday is none of today");
        assert_eq!(spent.left_of(0, now), 0);
    }
}
