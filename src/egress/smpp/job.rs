//! A message that was handed to a session.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::oneshot;

use crate::gateways::smpp::{Came, Letter, Ticket};

/// See the module.
#[derive(Debug)]
pub(super) struct Job {
    pub ticket: Ticket,
    pub letter: Letter,
    pub course: std::sync::Arc<Course>,
    /// Whoever waits may have given up.
    pub reply: oneshot::Sender<Came>,
}

/// How far a message has come: it leaves, or is stopped before, and never both.
#[derive(Debug, Default)]
pub(super) struct Course(AtomicU8);

const WAITS: u8 = 0;
const LEFT: u8 = 1;
const STOPPED: u8 = 2;

impl Course {
    /// It leaves now, unless it was stopped.
    pub fn leaves(&self) -> bool {
        self.0.compare_exchange(WAITS, LEFT, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// It is stopped, unless it has left.
    pub fn is_stopped(&self) -> bool {
        let stopped = self.0.compare_exchange(WAITS, STOPPED, Ordering::AcqRel, Ordering::Acquire);
        !matches!(stopped, Err(LEFT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_leaves_or_is_stopped_and_never_both() {
        let left = Course::default();
        assert!(left.leaves() && !left.is_stopped() && !left.leaves());
        let stopped = Course::default();
        assert!(stopped.is_stopped() && stopped.is_stopped() && !stopped.leaves());
    }
}
