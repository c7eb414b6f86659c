//! Ports for processes that must be told theirs.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    net::TcpListener,
    sync::{Mutex, PoisonError},
};

/// The range below the one Linux takes outgoing ports from (32768 up), so that a port stays
/// free while the process that owns it is down.
const RANGE: std::ops::Range<u16> = 10_000..32_000;
const ATTEMPTS: u32 = 200;
/// Whoever was given one listens a moment later, or again after a while.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A port on 127.0.0.1 that nobody listens on, and that no other test was given.
pub fn free_port() -> u16 {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for attempt in 0..ATTEMPTS {
        let random = RandomState::new().hash_one(attempt);
        let port = RANGE.start + (random % u64::from(RANGE.end - RANGE.start)) as u16;
        if !given.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            given.insert(port);
            return port;
        }
    }
    panic!("no free port in {RANGE:?}");
}
