//! Whether what is due on a channel moves. Pure.

use std::time::{Duration, Instant};

/// See the module.
#[derive(Debug)]
pub struct Motion {
    patience: Duration,
    /// Something is due in the store, as far as anybody looked.
    is_due_in_store: bool,
    /// Since when something is due and nothing was finished.
    since: Option<Instant>,
}

impl Motion {
    /// Nothing is due. What stands for so long stands still.
    pub fn new(patience: Duration) -> Self {
        Self { patience, is_due_in_store: false, since: None }
    }

    /// This is so now: whether messages are here, waiting or under way.
    pub fn notes(&mut self, are_here: bool, now: Instant) {
        let is_due = are_here || self.is_due_in_store;
        self.since = is_due.then(|| self.since.unwrap_or(now));
    }

    /// Whether something is due in the store, to be [noted](Self::notes) with what is here.
    pub fn sees_store(&mut self, is_due: bool) {
        self.is_due_in_store = is_due;
    }

    /// A message is finished; what is left is to be [noted](Self::notes).
    pub fn finishes(&mut self) {
        self.since = None;
    }

    /// Whether something has been due for long, and nothing was finished.
    pub fn is_stalled(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) >= self.patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn what_is_due_stands_still_once_nothing_was_finished_for_long() {
        let began = clock::instant();
        let at = |second| began + Duration::from_secs(second);
        let mut motion = Motion::new(Duration::from_secs(10));
        motion.notes(false, at(0));
        motion.notes(true, at(100));
        assert!(!motion.is_stalled(at(101)), "that nothing was due for long says nothing");
        motion.notes(true, at(105));
        assert!(motion.is_stalled(at(110)), "more that comes in moves nothing");
        motion.finishes();
        motion.notes(true, at(111));
        assert!(!motion.is_stalled(at(120)) && motion.is_stalled(at(121)));
        motion.finishes();
        motion.notes(false, at(122));
        assert!(!motion.is_stalled(at(1_000)), "nothing is due");
    }

    #[test]
    fn what_is_due_in_the_store_counts_as_well() {
        let began = clock::instant();
        let at = |second| began + Duration::from_secs(second);
        let mut motion = Motion::new(Duration::from_secs(10));
        motion.sees_store(true);
        motion.notes(false, at(0));
        motion.finishes();
        motion.notes(false, at(5));
        assert!(!motion.is_stalled(at(14)) && motion.is_stalled(at(15)));
        motion.sees_store(false);
        motion.notes(false, at(16));
        assert!(!motion.is_stalled(at(1_000)));
    }
}
