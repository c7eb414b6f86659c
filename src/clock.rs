//! The only place that reads a clock.
//!
//! Everything else is told the time, so that the rules can be tested with any `now`.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

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

/// How long the machine has run since it was started, asleep or not (`CLOCK_BOOTTIME`): nobody
/// sets this clock.
pub fn since_boot() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

/// Where a unit that cannot see `/proc/sys` finds the name: `Environment=BELLHOP_BOOT_ID=%b`.
const BOOT_ID: &str = "BELLHOP_BOOT_ID";

/// Names this start of the machine (`proc_sys_kernel(5)`); empty where nothing does.
pub fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let id = id.or_else(|_| std::env::var(BOOT_ID)).unwrap_or_default();
    // systemd writes it without hyphens.
    id.trim().replace('-', "")
}
