//! Ports for processes that must be told theirs.

use std::{
    hash::{BuildHasher, RandomState},
    net::TcpListener,
};

/// The range below the one Linux takes outgoing ports from (32768 up), so that a port stays
/// free while the process that owns it is down.
const RANGE: std::ops::Range<u16> = 10_000..32_000;
const ATTEMPTS: u32 = 200;

/// A port on 127.0.0.1 that nobody listens on.
pub fn free_port() -> u16 {
    for attempt in 0..ATTEMPTS {
        let random = RandomState::new().hash_one(attempt);
        let port = RANGE.start + (random % u64::from(RANGE.end - RANGE.start)) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port in {RANGE:?}");
}
