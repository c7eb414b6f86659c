//! Room for messages in memory, and waiting until there is enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long new commands wait at most for messages to leave.
const EASE_MAX: Duration = Duration::from_millis(100);

/// How many more messages may be in memory.
#[derive(Debug)]
pub struct Space {
    capacity: usize,
    free: AtomicUsize,
    eased: Notify,
}

impl Space {
    /// For so many messages, none of which is there yet.
    pub fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { capacity, free: AtomicUsize::new(capacity), eased: Notify::new() })
    }

    /// Takes room for up to `wanted` messages; returns for how many.
    pub fn take(&self, wanted: usize) -> usize {
        let mut taken = 0;
        let update = self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| {
            taken = wanted.min(free);
            Some(free - taken)
        });
        if update.is_ok() { taken } else { 0 }
    }

    /// Gives back room for so many.
    pub fn release(&self, count: usize) {
        self.free.fetch_add(count, Ordering::AcqRel);
    }

    /// A message left: whoever waits looks again.
    pub fn ease(&self) {
        self.eased.notify_waiters();
    }

    /// Whether so many have room, or as many as half of it holds.
    pub fn has(&self, messages: usize) -> bool {
        self.free.load(Ordering::Acquire) >= messages.min(self.capacity / 2)
    }

    /// Waits until so many messages have room, but not longer than [`EASE_MAX`].
    ///
    /// Whoever brings commands in asks first: what a broker still holds costs nothing, what
    /// overflows here is written once more. The wait is short, because bookings go on even where
    /// no mail leaves.
    pub async fn eased(&self, messages: usize) {
        let wait = async {
            loop {
                let eased = self.eased.notified();
                if self.has(messages) {
                    return;
                }
                eased.await;
            }
        };
        let _ = tokio::time::timeout(EASE_MAX, wait).await;
    }

    /// Whether all of it is free.
    #[cfg(test)]
    pub fn is_all_free(&self) -> bool {
        self.free.load(Ordering::Acquire) == self.capacity
    }
}
