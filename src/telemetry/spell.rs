//! A spell of trouble, told once, told again while it lasts, and told to be over.
//!
//! ```text
//!          failed: Begun                    worked: Over
//!   well ───────────────▶ in trouble ──────────────────────▶ well
//!                          │      ▲
//!                          └──────┘ failed, REPEAT_EVERY since it was told: Goes on
//! ```
//!
//! What fails and works by turns would fill the log: a new spell is told at most once in
//! [`PAUSE`], and what was not told of is not said to be over.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after it was told of trouble that lasts is told of again.
pub const REPEAT_EVERY: Duration = Duration::from_secs(5 * 60);
/// The least time between two beginnings that are told.
pub const PAUSE: Duration = Duration::from_secs(60);

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// It has begun to fail: a warning.
    Begun,
    /// It still fails: a warning.
    GoesOn {
        /// For so long.
        lasts: Duration,
        /// So many failures so far.
        failures: u64,
    },
    /// It works again.
    Over {
        /// After so long.
        lasted: Duration,
        /// And so many failures.
        failures: u64,
    },
}

/// Watches one thing that may fail: a provider, the broker, the store.
#[derive(Debug, Default)]
pub struct Spell(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Since when it fails, and how often it has.
    failing: Option<(Instant, u64)>,
    /// When trouble was last told of.
    told: Option<Instant>,
    /// Whether the trouble that lasts was told of.
    open: bool,
}

impl Spell {
    /// It failed now. What is returned is to be logged by the caller, who knows why.
    pub fn failed(&self, now: Instant) -> Option<Say> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, failures) = state.failing.map_or((now, 1), |(since, count)| (since, count + 1));
        state.failing = Some((since, failures));
        let pause = if state.open { REPEAT_EVERY } else { PAUSE };
        if state.told.is_some_and(|told| now.saturating_duration_since(told) < pause) {
            return None;
        }
        state.told = Some(now);
        let goes_on = std::mem::replace(&mut state.open, true);
        let lasts = now.saturating_duration_since(since);
        Some(if goes_on { Say::GoesOn { lasts, failures } } else { Say::Begun })
    }

    pub fn worked(&self, now: Instant) -> Option<Say> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, failures) = state.failing.take()?;
        let lasted = now.saturating_duration_since(since);
        std::mem::take(&mut state.open).then_some(Say::Over { lasted, failures })
    }

    /// Whether it fails now.
    pub fn is_failing(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failing.is_some()
    }
}

/// A spell that is told in the log, in the words of what fails.
#[derive(Debug)]
pub struct Told {
    spell: Spell,
    fails: &'static str,
    works: &'static str,
}

impl Told {
    /// Nothing fails yet. `fails` and `works` are what the log says then.
    pub fn new(fails: &'static str, works: &'static str) -> Self {
        Self { spell: Spell::default(), fails, works }
    }

    pub fn failed(&self, now: Instant, error: &dyn Display) {
        let fails = self.fails;
        match self.spell.failed(now) {
            Some(Say::GoesOn { lasts, failures }) => {
                tracing::warn!(%error, seconds = lasts.as_secs(), failures, "{fails}, still");
            }
            Some(_) => tracing::warn!(%error, "{fails}"),
            None => tracing::debug!(%error, "{fails}"),
        }
    }

    pub fn worked(&self, now: Instant) {
        if let Some(Say::Over { lasted, failures }) = self.spell.worked(now) {
            tracing::info!(seconds = lasted.as_secs(), failures, "{}", self.works);
        }
    }

    /// Whether it fails now.
    pub fn is_failing(&self) -> bool {
        self.spell.is_failing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn trouble_is_told_once_then_every_five_minutes_then_over() {
        let (spell, start) = (Spell::default(), clock::instant());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(spell.worked(at(0)), None);
        assert_eq!(spell.failed(at(1)), Some(Say::Begun));
        assert_eq!(spell.failed(at(2)), None);
        assert_eq!(spell.failed(at(300)), None);
        let lasts = Duration::from_secs(300);
        assert_eq!(spell.failed(at(301)), Some(Say::GoesOn { lasts, failures: 4 }));
        assert!(spell.is_failing());
        let lasted = Duration::from_secs(309);
        assert_eq!(spell.worked(at(310)), Some(Say::Over { lasted, failures: 4 }));
        assert!(!spell.is_failing());
        assert_eq!(spell.worked(at(311)), None);
    }

    #[test]
    fn what_fails_and_works_by_turns_is_told_of_once_a_minute() {
        let (spell, start) = (Spell::default(), clock::instant());
        let mut told = 0;
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            told += usize::from(spell.failed(now).is_some());
            told += usize::from(spell.worked(now).is_some());
        }
        // Begun and over, ten times.
        assert_eq!(told, 20);
    }

    #[test]
    fn trouble_that_was_not_told_of_is_told_of_once_it_lasts() {
        let (spell, start) = (Spell::default(), clock::instant());
        let at = |seconds| start + Duration::from_secs(seconds);
        spell.failed(at(0));
        spell.worked(at(1));
        assert_eq!(spell.failed(at(2)), None);
        assert_eq!(spell.worked(at(3)), None);
        spell.failed(at(4));
        assert_eq!(spell.failed(at(60)), Some(Say::Begun));
    }
}
