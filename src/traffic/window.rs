//! How many of what came lately were bad.

use std::collections::VecDeque;
use std::time::Duration;

/// It is kept in so many parts.
const PARTS: u32 = 30;

/// See the module.
#[derive(Debug)]
pub struct Window {
    length: Duration,
    parts: VecDeque<Part>,
}

/// How many came, and how many of them were bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub all: u32,
    pub bad: u32,
}

#[derive(Debug)]
struct Part {
    began: Duration,
    tally: Tally,
}

impl Window {
    /// Nothing came yet; what came is forgotten after so long.
    pub fn new(length: Duration) -> Self {
        Self { length, parts: VecDeque::new() }
    }

    /// One more came.
    pub fn add(&mut self, is_bad: bool, now: Duration) {
        self.forget(now);
        let length = self.length / PARTS;
        let is_of_now = |part: &Part| part.began + length > now;
        if !self.parts.back().is_some_and(is_of_now) {
            self.parts.push_back(Part { began: now, tally: Tally::default() });
        }
        if let Some(Part { tally, .. }) = self.parts.back_mut() {
            tally.all += 1;
            tally.bad += u32::from(is_bad);
        }
    }

    /// What came lately.
    pub fn tally(&mut self, now: Duration) -> Tally {
        self.forget(now);
        self.parts.iter().fold(Tally::default(), |sum, Part { tally, .. }| Tally {
            all: sum.all + tally.all,
            bad: sum.bad + tally.bad,
        })
    }

    /// As if nothing had come.
    pub fn clear(&mut self) {
        self.parts.clear();
    }

    fn forget(&mut self, now: Duration) {
        self.parts.retain(|part| part.began + self.length > now);
    }
}

impl Tally {
    /// Whether it is at least so many, and so large a share of them bad.
    pub fn is_mostly_bad(self, least: u32, share: f64) -> bool {
        self.all >= least && f64::from(self.bad) >= f64::from(self.all) * share
    }
}
