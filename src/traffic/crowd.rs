//! Who waits, and how many of them go before somebody where all take turns.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// How many each has that waits.
#[derive(Debug, Clone)]
pub struct Crowd<K> {
    of: HashMap<K, usize>,
    shares: Shares,
}

impl<K: Eq + Hash> Crowd<K> {
    /// So many of each; who is named twice has both.
    pub fn of(counts: impl IntoIterator<Item = (K, usize)>) -> Self {
        let mut of: HashMap<K, usize> = HashMap::new();
        for (who, count) in counts {
            *of.entry(who).or_default() += count;
        }
        let shares = Shares::of(of.values().copied());
        Self { of, shares }
    }

    /// The same and these.
    #[must_use]
    pub fn and(self, counts: impl IntoIterator<Item = (K, usize)>) -> Self {
        Self::of(self.of.into_iter().chain(counts))
    }

    /// How many of somebody's wait.
    pub fn count(&self, who: &K) -> usize {
        self.of.get(who).copied().unwrap_or(0)
    }

    /// How many wait in all.
    pub fn len(&self) -> usize {
        self.shares.all()
    }

    /// How many go before one of somebody's that so many of their own go before.
    pub fn before(&self, who: &K, own: usize) -> usize {
        self.shares.before(own, self.count(who))
    }
}

/// How many each has, whoever it is.
#[derive(Debug, Clone)]
pub struct Shares(Arc<[Share]>);

/// One of them, the smallest first, and what all up to it have.
#[derive(Debug)]
struct Share {
    count: usize,
    up_to: usize,
}

impl Shares {
    pub fn of(counts: impl IntoIterator<Item = usize>) -> Self {
        let mut counts: Vec<usize> = counts.into_iter().collect();
        counts.sort_unstable();
        let mut up_to = 0;
        let shares = counts.into_iter().map(|count| {
            up_to += count;
            Share { count, up_to }
        });
        Self(shares.collect())
    }

    /// How many go before one that so many of its `own` go before, of `has` that it has: of each
    /// other as many again, as far as they have them.
    pub fn before(&self, own: usize, has: usize) -> usize {
        let small = self.0.partition_point(|share| share.count < own);
        let have = small.checked_sub(1).map_or(0, |last| self.0[last].up_to);
        let all = have + (self.0.len() - small).saturating_mul(own);
        all - has.min(own) + own
    }

    fn all(&self) -> usize {
        self.0.last().map_or(0, |share| share.up_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_other_goes_as_often_before_as_far_as_they_have_something() {
        let crowd = Crowd::of([("flood", 1_000), ("small", 3), ("one", 1)]);
        let before = |who, own| crowd.before(&who, own);
        assert_eq!([before("flood", 0), before("flood", 1), before("flood", 2)], [0, 3, 5]);
        assert_eq!(before("flood", 999), 999 + 3 + 1);
        assert_eq!(before("small", 2), 2 + 2 + 1, "a flood costs a round");
        assert_eq!(before("new", 10), 10 + 10 + 3 + 1, "behind ten that are elsewhere");
        let more = crowd.and([("small", 20)]);
        assert_eq!((more.count(&"small"), more.len()), (23, 1_024));
        assert_eq!(more.before(&"one", 20), 20 + 20 + 20);
    }
}
