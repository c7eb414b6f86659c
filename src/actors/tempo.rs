//! How much goes into one transaction: what the disk, as it was lately, writes in a set time.
//!
//! Whoever comes while a transaction is under way waits until it ends, and then for the one that
//! it is in. So the longest wait is for two of them, and it is their time that is to be bounded,
//! not their number of rows, which takes ten times as long on one machine as on another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// So long is a transaction to take.
const TARGET: Duration = Duration::from_millis(25);
/// By weight ([`Unit::weight`](crate::store::Unit::weight)): less is not worth a transaction, which
/// costs as much as some of it only to begin and to end…
const WEIGHT_MIN: usize = 200;
/// …and more would be too much memory at once.
const WEIGHT_MAX: usize = 4000;
/// One that is lighter tells more of what a transaction costs than of what a row does.
const TELLING: usize = 100;
/// What the last transaction counts for, against all before it.
const SHARE_OF_LAST: u64 = 8;

/// See the module.
#[derive(Debug)]
pub struct Tempo {
    /// What one row takes, in nanoseconds.
    row: AtomicU64,
}

impl Default for Tempo {
    /// As if the disk were slow, until it has shown how it is.
    fn default() -> Self {
        Self { row: AtomicU64::new(row(TARGET, WEIGHT_MIN)) }
    }
}

impl Tempo {
    /// The weight of the next transaction.
    pub fn weight(&self) -> usize {
        let target = u64::try_from(TARGET.as_nanos()).unwrap_or(u64::MAX);
        let weight = target / self.row.load(Ordering::Relaxed).max(1);
        usize::try_from(weight).unwrap_or(usize::MAX).clamp(WEIGHT_MIN, WEIGHT_MAX)
    }

    /// A transaction of that weight took so long.
    pub fn took(&self, weight: usize, time: Duration) {
        if weight < TELLING {
            return;
        }
        let before = self.row.load(Ordering::Relaxed);
        let now = (before * (SHARE_OF_LAST - 1)).saturating_add(row(time, weight));
        self.row.store(now / SHARE_OF_LAST, Ordering::Relaxed);
    }
}

/// What a row takes, where so many take that long; never so long that the next would not be told.
fn row(time: Duration, weight: usize) -> u64 {
    let weight = u64::try_from(weight).unwrap_or(u64::MAX).max(1);
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / weight;
    nanos.min(row_max())
}

/// As of a disk that takes a hundred times as long as it may for the least.
fn row_max() -> u64 {
    let target = u64::try_from(TARGET.as_nanos()).unwrap_or(u64::MAX);
    100 * target / WEIGHT_MIN as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_transaction_is_what_is_written_in_its_time() {
        let tempo = Tempo::default();
        assert_eq!(tempo.weight(), WEIGHT_MIN, "nothing is known");
        for _ in 0..100 {
            tempo.took(500, ms(25));
        }
        assert!((450..=550).contains(&tempo.weight()), "{}", tempo.weight());
        for _ in 0..100 {
            tempo.took(500, ms(1));
        }
        assert_eq!(tempo.weight(), WEIGHT_MAX);
        for _ in 0..100 {
            tempo.took(4000, ms(60_000));
        }
        assert_eq!(tempo.weight(), WEIGHT_MIN, "a disk that hangs");
        for _ in 0..100 {
            tempo.took(WEIGHT_MIN, ms(5));
        }
        assert!((900..=1100).contains(&tempo.weight()), "it is well again");
    }

    #[test]
    fn what_hardly_weighs_tells_nothing() {
        let tempo = Tempo::default();
        for _ in 0..100 {
            tempo.took(TELLING - 1, ms(1));
        }
        assert_eq!(tempo.weight(), WEIGHT_MIN);
    }
}
