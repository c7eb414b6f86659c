//! Sessions that stay with a provider: how many of them stand, and what the last one that did not
//! ended with. Told to whoever looks on, not to whoever sends.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::clock;
use crate::telemetry::record;

/// See the module.
#[derive(Debug)]
pub struct Bound {
    provider: Arc<str>,
    /// How many there are to be.
    of: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    bound: usize,
    failed: Option<(String, Timestamp)>,
}

impl Bound {
    /// None stands yet.
    pub(super) fn new(provider: Arc<str>, of: usize) -> Self {
        record::set_smpp_bound(&provider, 0);
        Self { provider, of, seen: Mutex::default() }
    }

    /// So many stand now.
    pub(super) fn are(&self, bound: usize) {
        self.with(|seen| seen.bound = bound);
        record::set_smpp_bound(&self.provider, bound);
    }

    /// One could not be had, or ended; says why, without a secret.
    pub(super) fn failed(&self, said: &str) {
        self.with(|seen| seen.failed = Some((said.to_owned(), clock::now())));
    }

    /// How many stand now, and of how many.
    pub fn sessions(&self) -> (usize, usize) {
        (self.with(|seen| seen.bound), self.of)
    }

    /// What the last one that failed ended with, and when.
    pub fn last_failure(&self) -> Option<(String, Timestamp)> {
        self.with(|seen| seen.failed.clone())
    }

    fn with<T>(&self, does: impl FnOnce(&mut Seen) -> T) -> T {
        does(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
