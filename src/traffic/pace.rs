//! How often something may happen: the generic cell rate algorithm, told the time.
//!
//! [`governor`] counts; two things it does not do by itself are done here. Several limits are
//! taken all or none: what the wider ones deny costs the narrower ones nothing. And a limit can be
//! asked without being taken.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::meter::Meter;

/// How much of the rate may come at once after a pause: timers wake to the millisecond, and
/// without any burst a fast provider would never reach its rate.
const BURST_SECONDS: f64 = 0.1;

/// One limit, in messages a second.
#[derive(Debug)]
pub struct Pace {
    rate: Option<f64>,
    limiter: Option<RateLimiter<NotKeyed, Mark, Told, NoOpMiddleware<Nanos>>>,
    mark: Mark,
    told: Told,
    /// Nothing before then, whatever the rate.
    held_until: Duration,
}

impl Pace {
    /// So many a second; none: as many as come.
    pub fn new(rate: Option<f64>) -> Self {
        let (mark, told) = (Mark::default(), Told::default());
        let limiter = rate.and_then(quota);
        let limiter = limiter.map(|quota| RateLimiter::new(quota, mark.clone(), told.clone()));
        Self { rate, limiter, mark, told, held_until: Duration::ZERO }
    }

    /// As many a second as it was made for.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Whether it is held.
    pub fn is_held(&self, now: Duration) -> bool {
        self.held_until > now
    }

    /// Nothing before `until`.
    pub fn hold(&mut self, until: Duration) {
        self.held_until = self.held_until.max(until);
    }

    /// When the next may come: `now`, if it may at once.
    pub fn opens(&self, now: Duration) -> Duration {
        let before = self.mark.get();
        let opens = self.take(now).err().unwrap_or(now);
        self.mark.set(before);
        opens
    }

    /// How it stands, for those who reckon with it.
    pub fn meter(&self, now: Duration) -> Meter {
        let open = now.max(self.held_until);
        let Some(quota) = self.rate.and_then(quota) else { return Meter::unlimited(open) };
        let opens = self.opens(open);
        let period = quota.replenish_interval();
        let burst = quota.burst_size().get() - 1;
        let spent = Duration::from_nanos(self.mark.get()).saturating_sub(opens);
        Meter::new(opens, period, (period * burst).saturating_sub(spent))
    }

    /// Takes one; where that is not allowed yet, says when it will be.
    fn take(&self, now: Duration) -> Result<(), Duration> {
        if self.held_until > now {
            return Err(self.held_until);
        }
        let Some(limiter) = &self.limiter else { return Ok(()) };
        self.told.set(now);
        limiter.check().map_err(|denied| {
            // What is left of a nanosecond must not be asked for again and again.
            let earliest = Duration::from(denied.earliest_possible());
            earliest.max(now + Duration::from_nanos(1))
        })
    }
}

/// Takes one of each, or none of any: then says whose the one is that denies it, and when it opens.
pub fn take_all<'a, W>(
    paces: impl IntoIterator<Item = (W, &'a Pace)>,
    now: Duration,
) -> Result<(), (W, Duration)> {
    let mut taken = Vec::new();
    for (whose, pace) in paces {
        let before = pace.mark.get();
        if let Err(opens) = pace.take(now) {
            for (pace, before) in taken.into_iter().rev() {
                let pace: &Pace = pace;
                pace.mark.set(before);
            }
            return Err((whose, opens));
        }
        taken.push((pace, before));
    }
    Ok(())
}

/// `None` if the rate is no number above zero.
fn quota(rate: f64) -> Option<Quota> {
    let period = Duration::try_from_secs_f64(1.0 / rate).ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let burst = NonZeroU32::new((rate * BURST_SECONDS) as u32).unwrap_or(NonZeroU32::MIN);
    Some(Quota::with_period(period)?.allow_burst(burst))
}

/// What a limiter remembers; zero is nothing.
#[derive(Debug, Clone, Default)]
struct Mark(Arc<AtomicU64>);

impl Mark {
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, mark: u64) {
        self.0.store(mark, Ordering::Relaxed);
    }
}

impl StateStore for Mark {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let known = Some(self.get()).filter(|mark| *mark > 0).map(Nanos::from);
        let (answer, mark) = decide(known)?;
        self.set(mark.as_u64());
        Ok(answer)
    }
}

/// A clock that is told the time: since the dispatcher began.
#[derive(Debug, Clone, Default)]
struct Told(Arc<AtomicU64>);

impl Told {
    fn set(&self, now: Duration) {
        self.0.store(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn all_are_taken_or_none() {
        let (wide, narrow) = (Pace::new(Some(1.0)), Pace::new(Some(10.0)));
        assert_eq!(take_all([("narrow", &narrow), ("wide", &wide)], ms(0)), Ok(()));
        // The wide one denies: the narrow one keeps its token.
        let denied = take_all([("narrow", &narrow), ("wide", &wide)], ms(100));
        assert_eq!(denied, Err(("wide", ms(1000))));
        assert_eq!(narrow.opens(ms(100)), ms(100));
        assert_eq!(narrow.take(ms(100)), Ok(()));
        assert_eq!(narrow.opens(ms(100)), ms(200));
    }

    #[test]
    fn a_hold_is_no_token() {
        let mut pace = Pace::new(Some(1.0));
        pace.hold(ms(5_000));
        pace.hold(ms(3_000));
        assert_eq!(pace.opens(ms(0)), ms(5_000));
        assert_eq!(pace.take(ms(5_000)), Ok(()));
        assert_eq!(Pace::new(None).opens(ms(7)), ms(7));
    }

    proptest! {
        /// However it is asked, no second sees more than the rate and its burst.
        #[test]
        fn the_rate_holds(
            rate in 0.5..200.0_f64,
            steps in proptest::collection::vec(0..400_u64, 1..300),
        ) {
            let pace = Pace::new(Some(rate));
            let (mut now, mut taken) = (Duration::ZERO, Vec::new());
            for step in steps {
                now += ms(step);
                if pace.take(now).is_ok() {
                    taken.push(now);
                } else {
                    let opens = pace.opens(now);
                    prop_assert!(opens > now);
                    now = opens;
                    prop_assert_eq!(pace.take(now), Ok(()));
                    taken.push(now);
                }
            }
            let burst = (rate * BURST_SECONDS).floor().max(1.0);
            for (first, from) in taken.iter().enumerate() {
                let within = taken[first..].iter().take_while(|at| **at < *from + ms(1_000));
                prop_assert!(within.count() as f64 <= rate + burst + 1.0);
            }
        }
    }
}
