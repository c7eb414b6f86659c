//! Letters of a job that are being decided: begun at its rate, and no more at once than may be.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many are decided at once: one that waits for the disk holds up no other, and all jobs
/// together leave room for what comes of other messages.
pub const AT_ONCE: usize = 8;

/// See the module.
pub struct Flight<F> {
    turns: Interval,
    under_way: FuturesUnordered<F>,
}

impl<F: Future<Output = Result<(), E>>, E> Flight<F> {
    /// Nothing is under way; the first may begin at once.
    pub fn new(rate: f64) -> Self {
        let mut turns = interval(Duration::from_secs_f64(1.0 / rate));
        // One that was late is not made up for.
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { turns, under_way: FuturesUnordered::new() }
    }

    /// How many begin in a second.
    pub fn in_a_second(&self) -> u128 {
        Duration::from_secs(1).as_nanos() / self.turns.period().as_nanos().max(1)
    }

    /// Begins the next, once it is its turn and one may begin.
    ///
    /// # Errors
    /// What one ended with that was under way; the next has not begun then.
    pub async fn begins(&mut self, next: F) -> Result<(), E> {
        loop {
            tokio::select! {
                // Those that were begun first are also polled first.
                biased;
                Some(ended) = self.under_way.next() => ended?,
                _ = self.turns.tick(), if self.under_way.len() < AT_ONCE => break,
            }
        }
        self.under_way.push(next);
        Ok(())
    }

    /// Resolves when nothing is under way.
    ///
    /// # Errors
    /// The first of what they ended with.
    pub async fn ends(&mut self) -> Result<(), E> {
        let mut all = Ok(());
        while let Some(ended) = self.under_way.next().await {
            all = all.and(ended);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    use super::*;
    use crate::clock;

    #[tokio::test(start_paused = true)]
    async fn so_many_are_under_way_and_no_more_however_long_each_takes() {
        let (begun, disk) = (Cell::new(0), Semaphore::new(0));
        let one = || async {
            begun.set(begun.get() + 1);
            disk.acquire().await.unwrap().forget();
            Ok::<(), ()>(())
        };
        let (mut flight, began) = (Flight::new(100.0), clock::instant());
        for _ in 0..AT_ONCE {
            flight.begins(one()).await.unwrap();
        }
        let (took, period) = (clock::since(began), Duration::from_millis(10));
        let paces = took.as_millis() / period.as_millis();
        assert_eq!(paces, AT_ONCE as u128 - 1, "at the rate, the first at once: {took:?}");
        let waits = timeout(Duration::from_secs(60), flight.begins(one())).await;
        assert!(waits.is_err());
        assert_eq!(begun.get(), AT_ONCE);

        disk.add_permits(1);
        flight.begins(one()).await.unwrap();
        disk.add_permits(AT_ONCE);
        flight.ends().await.unwrap();
        assert_eq!(begun.get(), AT_ONCE + 1, "each once, and the one that was not begun never");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_is_told_and_the_others_end() {
        let ended = Cell::new(0);
        let one = |fails: bool| {
            let ended = &ended;
            async move {
                tokio::time::sleep(Duration::from_millis(if fails { 5 } else { 500 })).await;
                ended.set(ended.get() + 1);
                if fails { Err("no") } else { Ok(()) }
            }
        };
        let mut flight = Flight::new(100.0);
        flight.begins(one(false)).await.unwrap();
        flight.begins(one(true)).await.unwrap();
        assert_eq!(flight.begins(one(false)).await, Err("no"));
        assert_eq!(flight.ends().await, Ok(()));
        assert_eq!(ended.get(), 2);
    }
}
