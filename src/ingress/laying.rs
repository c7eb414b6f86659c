//! How many deliveries are being laid aside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts a delivery that is being laid aside, until that has an end.
pub struct Laying(Arc<AtomicUsize>);

impl Laying {
    pub fn begin(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Laying {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
