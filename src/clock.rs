//! The only place that reads a clock.
//!
//! Everything else is told the time, so that the rules can be tested with any `now`.

use jiff::Timestamp;

/// The wall clock, as an instant in UTC.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The monotonic clock, for measuring how long something took.
#[allow(clippy::disallowed_methods)]
pub fn instant() -> std::time::Instant {
    std::time::Instant::now()
}
