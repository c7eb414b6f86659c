//! Whose turn it is: how much may be under way at one provider, and how often.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The longest wait for a turn. Past it the message goes back to wait where others can pass it.
pub const TURN_WAIT_MAX: Duration = Duration::from_secs(30);
/// How much of the rate may come at once after a pause: timers wake to the millisecond, and
/// without any burst a fast provider would never reach its rate.
const BURST_SECONDS: f64 = 0.1;

/// Hands out turns, first come first served.
pub(super) struct Turns {
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    pace: Option<DefaultDirectRateLimiter>,
    wait_max: Duration,
    closed: CancellationToken,
}

/// Why there is no turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// Not now; perhaps after so long.
    Busy(Option<Duration>),
    /// Not any more.
    Closed,
}

impl Turns {
    /// At most `slots` at once and `rate` per second.
    pub fn new(slots: usize, rate: Option<f64>) -> Self {
        let slots = Arc::new(Semaphore::new(slots.clamp(1, Semaphore::MAX_PERMITS)));
        let pace = rate.and_then(quota).map(RateLimiter::direct);
        let (waiting, wait_max) = (AtomicUsize::new(0), TURN_WAIT_MAX);
        Self { slots, waiting, pace, wait_max, closed: CancellationToken::new() }
    }

    /// Waits for a turn; it lasts until the permit is dropped.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, NoTurn> {
        let _waiting = Waiting::count(&self.waiting);
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(NoTurn::Closed),
            turn = self.wait() => turn,
        }
    }

    /// How many wait for theirs.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, NoTurn> {
        let slot = timeout(self.wait_max, Arc::clone(&self.slots).acquire_owned()).await;
        let permit = slot.map_err(|_| NoTurn::Busy(None))?.map_err(|_| NoTurn::Closed)?;
        if let Some(pace) = &self.pace {
            self.wait_for(pace).await?;
        }
        Ok(permit)
    }

    async fn wait_for(&self, pace: &DefaultDirectRateLimiter) -> Result<(), NoTurn> {
        let mut waited = Duration::ZERO;
        loop {
            let Err(denied) = pace.check() else {
                return Ok(());
            };
            let wait = denied.wait_time_from(pace.clock().now());
            waited += wait;
            if waited > self.wait_max {
                return Err(NoTurn::Busy(Some(wait)));
            }
            sleep(wait).await;
        }
    }

    /// Hands out no more turns; those who wait are told so.
    pub fn close(&self) {
        self.closed.cancel();
    }
}

/// One who waits, counted until they do not.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn quota(rate: f64) -> Option<Quota> {
    let period = Duration::try_from_secs_f64(1.0 / rate).ok()?;
    // Saturates at the bounds of u32, and is at least 1.
    let burst = NonZeroU32::new((rate * BURST_SECONDS).ceil() as u32).unwrap_or(NonZeroU32::MIN);
    Some(Quota::with_period(period)?.allow_burst(burst))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[tokio::test]
    async fn the_rate_holds_over_a_burst() {
        let turns = Turns::new(8, Some(100.0));
        let begin = clock::instant();
        for _ in 0..30 {
            drop(turns.take().await.unwrap());
        }
        // Ten at once, then twenty at 100 a second.
        let took = clock::since(begin);
        assert!(took >= Duration::from_millis(190), "{took:?}");
    }

    #[tokio::test]
    async fn waiting_for_a_turn_is_bounded() {
        let turns = Turns { wait_max: Duration::from_millis(20), ..Turns::new(1, None) };
        let held = turns.take().await.unwrap();
        assert_eq!(turns.take().await.unwrap_err(), NoTurn::Busy(None));
        drop(held);
        let slow = Turns { wait_max: Duration::from_millis(20), ..Turns::new(1, Some(0.01)) };
        drop(slow.take().await.unwrap());
        let Err(NoTurn::Busy(Some(after))) = slow.take().await else { panic!("has a turn") };
        assert!(after > Duration::from_secs(90), "{after:?}");
    }

    #[tokio::test]
    async fn closing_ends_the_waiting() {
        let turns = Turns::new(1, None);
        let held = turns.take().await.unwrap();
        let (waiting, ()) = tokio::join!(turns.take(), async { turns.close() });
        assert_eq!(waiting.unwrap_err(), NoTurn::Closed);
        drop(held);
        let slow = Turns::new(1, Some(0.1));
        drop(slow.take().await.unwrap());
        let (waiting, ()) = tokio::join!(slow.take(), async { slow.close() });
        assert_eq!(waiting.unwrap_err(), NoTurn::Closed);
    }
}
