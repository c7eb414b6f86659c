//! What one tenant decided that is not durable yet.
//!
//! A command may take one row or a thousand. Those behind it are decided only when most of what
//! was decided is written: what one tenant has before the committer is little, whatever it does,
//! and so is the time that others wait for it to be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The weight ([`Unit::weight`](crate::store::Unit::weight)) beyond which a tenant waits: some
/// fifty bookings, or one page of a crowd.
pub const BURDEN_MAX: usize = 500;

/// One actor's burden.
#[derive(Debug, Clone, Default)]
pub struct Burden(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    weight: AtomicUsize,
    eased: Notify,
}

/// A part of a burden, until dropped.
#[derive(Debug)]
pub struct Share {
    of: Burden,
    weight: usize,
}

impl Burden {
    /// Takes more on.
    pub fn take_on(&self, weight: usize) -> Share {
        self.0.weight.fetch_add(weight, Ordering::AcqRel);
        Share { of: self.clone(), weight }
    }

    /// Whether nothing more is to be decided now.
    pub fn is_heavy(&self) -> bool {
        self.0.weight.load(Ordering::Acquire) >= BURDEN_MAX
    }

    /// Waits, for its one actor, until more may be decided.
    pub async fn eased(self) {
        while self.is_heavy() {
            self.0.eased.notified().await;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.0.weight.fetch_sub(self.weight, Ordering::AcqRel);
        self.of.0.eased.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_heavy_burden_is_waited_for_until_it_is_light() {
        let burden = Burden::default();
        let light = burden.take_on(BURDEN_MAX - 1);
        assert!(burden.clone().eased().now_or_never().is_some());
        let one_more = burden.take_on(1);
        let mut eased = Box::pin(burden.clone().eased());
        assert!(eased.as_mut().now_or_never().is_none());
        drop(light);
        eased.await;
        drop(one_more);
        assert_eq!(burden.0.weight.load(Ordering::Acquire), 0);
    }
}
