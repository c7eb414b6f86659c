//! How much of its weight a provider has, by how fast it delivers.
//!
//! ```text
//!             15 % of 20 or more receipts took over 5 min, and another provider is fast
//!   100 % ──────────────────────▶ 90 % ──────────▶ … ──────────▶ 10 %
//!     ▲         at most once a minute, each time by what came since     │
//!     └──────────── 10 points each 10 min in which it was not slow ─────┘
//! ```
//!
//! Nobody is moved because all are slow: then it is the network, or the time of day, or we who were
//! away. A provider that tells nothing is neither slow nor fast. None loses all of its weight: by
//! what it still gets it shows that it is fast again.

use std::time::Duration;

use super::window::{Tally, Window};

/// A receipt is slow that came so long after the provider took the message.
pub const SLOW: Duration = Duration::from_secs(300);
/// A provider is slow where so large a share of its receipts is…
const SLOW_SHARE: f64 = 0.15;
/// …of at least so many…
const RECEIPTS_MIN: u32 = 20;
/// …within so long.
const WINDOW: Duration = Duration::from_secs(600);
/// So much of its weight moves at once, in hundredths.
const STEP: u32 = 10;
/// All of a weight, in hundredths…
pub const WHOLE: u32 = 100;
/// …and what is left at the least.
const LEAST: u32 = 10;
/// It moves away at most so often.
const AWAY_EVERY: Duration = Duration::from_secs(60);
/// It comes back a step each time that the provider was not slow for so long.
const BACK_EVERY: Duration = Duration::from_secs(600);

/// The shares of a channel's providers, in the order of the configuration.
#[derive(Debug)]
pub struct Shares(Vec<Share>);

#[derive(Debug)]
struct Share {
    hundredths: u32,
    window: Window,
    /// When some of it last moved away.
    moved: Option<Duration>,
    /// Since when the provider is not slow, or it last came back.
    calm: Duration,
}

/// A provider has another share of its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Its place in the configuration.
    pub provider: usize,
    /// The share before and after, in hundredths.
    pub before: u32,
    pub after: u32,
    pub why: Why,
}

/// Why it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It delivers slowly, and another does not.
    Slow {
        /// So many of its receipts were slow…
        slow: u32,
        /// …of so many.
        receipts: u32,
    },
    /// It was not slow for a while.
    Calm,
}

impl Shares {
    /// So many providers, each with all of its weight.
    pub fn new(providers: usize) -> Self {
        let whole = || Share {
            hundredths: WHOLE,
            window: Window::new(WINDOW),
            moved: None,
            calm: Duration::ZERO,
        };
        Self(std::iter::repeat_with(whole).take(providers).collect())
    }

    /// How much of its weight one has, in hundredths.
    pub fn of(&self, provider: usize) -> u32 {
        self.0.get(provider).map_or(WHOLE, |share| share.hundredths)
    }

    /// A message arrived, so long after the provider took it. What it took before the clock began
    /// says nothing: it may be we who were away.
    pub fn arrived(&mut self, provider: usize, took: Duration, now: Duration) {
        if took > now {
            return;
        }
        if let Some(share) = self.0.get_mut(provider) {
            share.window.add(took > SLOW, now);
        }
    }

    /// Moves the shares of those that are slow by now, or calm.
    pub fn moves(&mut self, now: Duration) -> Vec<Moved> {
        let tallies: Vec<Tally> = self.0.iter_mut().map(|share| share.window.tally(now)).collect();
        let is_told = |tally: &Tally| tally.all >= RECEIPTS_MIN;
        let is_slow = |tally: &Tally| tally.is_mostly_bad(RECEIPTS_MIN, SLOW_SHARE);
        let any_fast = tallies.iter().any(|tally| is_told(tally) && !is_slow(tally));
        let shares = self.0.iter_mut().zip(&tallies).enumerate();
        let moved = shares.filter_map(|(provider, (share, tally))| {
            let before = share.hundredths;
            let why = match is_slow(tally) {
                true => share.is_slow(any_fast, *tally, now),
                false => share.is_calm(now),
            };
            why.map(|why| Moved { provider, before, after: share.hundredths, why })
        });
        moved.collect()
    }
}

impl Share {
    fn is_slow(&mut self, any_fast: bool, tally: Tally, now: Duration) -> Option<Why> {
        self.calm = now;
        let is_soon = self.moved.is_some_and(|moved| moved + AWAY_EVERY > now);
        if !any_fast || is_soon || self.hundredths <= LEAST {
            return None;
        }
        self.hundredths = self.hundredths.saturating_sub(STEP).max(LEAST);
        self.moved = Some(now);
        // What it is moved by next is yet to come.
        self.window.clear();
        Some(Why::Slow { slow: tally.bad, receipts: tally.all })
    }

    fn is_calm(&mut self, now: Duration) -> Option<Why> {
        if self.hundredths >= WHOLE {
            return None;
        }
        let before = self.hundredths;
        while self.hundredths < WHOLE && self.calm + BACK_EVERY <= now {
            self.calm += BACK_EVERY;
            self.hundredths = (self.hundredths + STEP).min(WHOLE);
        }
        (self.hundredths != before).then_some(Why::Calm)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Long after the beginning, so that what took long was taken since.
    const START: u64 = 10_000;

    fn arrive(shares: &mut Shares, provider: usize, fast: u32, slow: u32, at: u64) {
        (0..fast).for_each(|_| shares.arrived(provider, s(3), s(at)));
        (0..slow).for_each(|_| shares.arrived(provider, s(301), s(at)));
    }

    #[test]
    fn weight_moves_away_from_who_is_slow_where_another_is_not() {
        // The fast and the slow receipts of two providers; what is left of each.
        for (first, second, expected) in [
            ((17, 3), (20, 0), [90, 100]),
            ((20, 0), (17, 3), [100, 90]),
            // Less than 15 %, or fewer than 20.
            ((18, 3), (20, 0), [100, 100]),
            ((16, 3), (20, 0), [100, 100]),
            // All are slow, or of the other nothing is known.
            ((0, 20), (0, 20), [100, 100]),
            ((0, 20), (19, 0), [100, 100]),
            ((0, 20), (0, 0), [100, 100]),
        ] {
            let mut shares = Shares::new(2);
            arrive(&mut shares, 0, first.0, first.1, START);
            arrive(&mut shares, 1, second.0, second.1, START);
            shares.moves(s(START));
            assert_eq!([shares.of(0), shares.of(1)], expected, "{first:?} {second:?}");
        }
    }

    #[test]
    fn each_move_says_why_and_rests_on_what_came_since() {
        let mut shares = Shares::new(2);
        arrive(&mut shares, 1, 100, 0, START);
        arrive(&mut shares, 0, 20, 5, START);
        let why = Why::Slow { slow: 5, receipts: 25 };
        let moved = Moved { provider: 0, before: 100, after: 90, why };
        assert_eq!(shares.moves(s(START)), [moved]);
        assert_eq!(shares.moves(s(START + 300)), [], "by the same receipts not once more");
        arrive(&mut shares, 0, 0, 20, START + 301);
        assert_eq!(shares.moves(s(START + 301))[0].after, 80);
        arrive(&mut shares, 0, 0, 20, START + 302);
        assert_eq!(shares.moves(s(START + 302)), [], "at most once a minute");
        assert_eq!(shares.moves(s(START + 361))[0].after, 70);
    }

    #[test]
    fn it_comes_back_in_steps_once_the_provider_is_not_slow() {
        let mut shares = Shares::new(2);
        for step in 0..12 {
            let at = START + step * 60;
            arrive(&mut shares, 1, 20, 0, at);
            arrive(&mut shares, 0, 0, 20, at);
            shares.moves(s(at));
        }
        assert_eq!(shares.of(0), LEAST, "so much it keeps");
        let last = START + 11 * 60;
        // Slow as ever, until the last of it is forgotten.
        assert_eq!(shares.moves(s(last + 599)), []);
        assert_eq!(shares.of(0), LEAST);
        assert_eq!(shares.moves(s(last + 600)), [], "forgotten");
        let back = |before, after| Moved { provider: 0, before, after, why: Why::Calm };
        assert_eq!(shares.moves(s(last + 599 + 600)), [back(10, 20)]);
        arrive(&mut shares, 0, 50, 1, last + 1300);
        assert_eq!(shares.moves(s(last + 599 + 1200)), [back(20, 30)], "or as fast as others");
        assert_eq!(shares.moves(s(last + 100_000)), [back(30, 100)], "nobody looked meanwhile");
        assert_eq!(shares.moves(s(last + 200_000)), []);
    }

    #[test]
    fn what_was_taken_before_the_beginning_says_nothing() {
        let mut shares = Shares::new(2);
        arrive(&mut shares, 0, 0, 50, 300);
        arrive(&mut shares, 1, 50, 0, 300);
        assert_eq!(shares.moves(s(300)), []);
    }

    proptest! {
        /// Whatever comes: each keeps some of its weight and none has more than all of it, moves
        /// are by whole steps, and all of it comes back once nothing is slow.
        #[test]
        fn shares_stay_in_bounds_and_come_back(
            arrivals in proptest::collection::vec(
                (0_usize..3, 0_u32..40, 0_u32..40, 0_u64..120),
                0..80,
            ),
        ) {
            let (mut shares, mut now) = (Shares::new(3), START);
            for (provider, fast, slow, pause) in arrivals {
                now += pause;
                arrive(&mut shares, provider, fast, slow, now);
                for Moved { before, after, why, provider } in shares.moves(s(now)) {
                    prop_assert_eq!(shares.of(provider), after);
                    prop_assert_eq!(before.abs_diff(after) % STEP, 0);
                    match why {
                        Why::Slow { slow, receipts } => {
                            prop_assert_eq!(before - after, STEP);
                            prop_assert!(receipts >= RECEIPTS_MIN);
                            prop_assert!(f64::from(slow) >= f64::from(receipts) * SLOW_SHARE);
                        }
                        Why::Calm => prop_assert!(after > before),
                    }
                }
                for provider in 0..3 {
                    prop_assert!((LEAST..=WHOLE).contains(&shares.of(provider)));
                }
            }
            let fast = now + WINDOW.as_secs();
            shares.moves(s(fast));
            shares.moves(s(fast + 10 * BACK_EVERY.as_secs()));
            prop_assert_eq!((0..3).map(|of| shares.of(of)).collect::<Vec<_>>(), [WHOLE; 3]);
        }
    }
}
