//! How much of a message the kernel has: known to whoever waits, even when the sending is cut off.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A flight of bytes, and where in it the message's final dot ends.
#[derive(Debug)]
pub(super) struct Progress {
    handed: AtomicUsize,
    end: AtomicUsize,
}

/// Of a flight that ends no message.
impl Default for Progress {
    fn default() -> Self {
        Self { handed: AtomicUsize::new(0), end: AtomicUsize::new(usize::MAX) }
    }
}

impl Progress {
    /// A flight begins whose first `end` bytes are the message.
    pub fn begin(&self, end: usize) {
        self.handed.store(0, Ordering::Relaxed);
        self.end.store(end, Ordering::Relaxed);
    }

    /// The kernel took so many bytes more.
    pub fn handed(&self, count: usize) {
        self.handed.fetch_add(count, Ordering::Relaxed);
    }

    /// Whether the server can have seen the final dot.
    pub fn may_have_arrived(&self) -> bool {
        self.handed.load(Ordering::Relaxed) >= self.end.load(Ordering::Relaxed)
    }
}
