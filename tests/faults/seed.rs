//! Chance that can be had again.

use std::hash::{BuildHasher, RandomState};

/// Names the seed of a run that is to be had again.
const SEED_VARIABLE: &str = "BELLHOP_TEST_SEED";

/// A linear congruential generator: the same seed, the same numbers.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// From [`SEED_VARIABLE`], else new; says which, so that the run can be repeated.
    pub fn of_run(what: &str) -> Self {
        let seed = match std::env::var(SEED_VARIABLE) {
            Ok(seed) => seed.parse().expect("the seed is a number"),
            Err(_) => RandomState::new().hash_one(what),
        };
        eprintln!("{what}, to repeat: {SEED_VARIABLE}={seed}");
        Self { state: seed }
    }

    /// Another one, that goes its own way.
    pub fn branch(&mut self, number: usize) -> Self {
        let mut own = Self { state: self.state ^ ((number as u64 + 1) << 32) };
        own.next();
        own
    }

    /// The constants of a well known generator (Knuth's MMIX), without its poor low bits.
    fn next(&mut self) -> u64 {
        let state = self.state;
        self.state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.state >> 31
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True so many times of a hundred.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of several, if there are any.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }
}
