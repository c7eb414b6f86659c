//! What was counted last of what waits, and how it went lately: for whoever looks at it now.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::kind::Lane;

/// So many countings are remembered: ten minutes, where counting is quick.
const COUNTINGS_MAX: usize = 120;

/// What was counted at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counting {
    pub at: Timestamp,
    /// What should have left, in the order of [`Lane::ALL`](crate::domain::kind::Lane::ALL).
    pub lanes: Vec<Queue>,
    /// Whose messages are late, of each lane those who wait longest; of the last counting only.
    pub late: Vec<LateTenant>,
    /// Messages that no provider will take.
    pub dead: u64,
    /// Messages that may have been sent and are not sent again.
    pub unknown: u64,
    /// Messages that this version cannot read.
    pub unreadable: u64,
    /// Timers that are to fire.
    pub timers: u64,
    /// Events that nobody has read; nothing where nobody publishes them.
    pub unpublished: Option<Queue>,
}

/// A tenant whose messages of one lane should have left longer ago than the lane's patience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateTenant {
    pub tenant: String,
    pub lane: Lane,
    pub queue: Queue,
}

/// Things that wait together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queue {
    /// How many there are.
    pub messages: usize,
    /// How long the first of them has been due.
    pub oldest: Duration,
}

/// The last countings, the oldest first.
#[derive(Debug, Default)]
pub struct Board(Mutex<VecDeque<Counting>>);

impl Board {
    /// Somebody has counted.
    pub fn note(&self, counting: Counting) {
        let mut countings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if countings.len() >= COUNTINGS_MAX {
            countings.pop_front();
        }
        // How each tenant stood earlier is shown nowhere.
        if let Some(before) = countings.back_mut() {
            before.late = Vec::new();
        }
        countings.push_back(counting);
    }

    /// What is remembered.
    pub fn countings(&self) -> Vec<Counting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_remembered_than_is_said() {
        let board = Board::default();
        for dead in 0..COUNTINGS_MAX as u64 + 5 {
            board.note(Counting { dead, ..Counting::default() });
        }
        let countings = board.countings();
        assert_eq!(countings.len(), COUNTINGS_MAX);
        assert_eq!(countings.first().map(|of| of.dead), Some(5));
    }
}
