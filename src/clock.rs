//! The only place that reads a clock.
//!
//! Everything else is told the time, so that the rules can be tested with any `now`. In a test the
//! monotonic clock goes with tokio's, which can be paused, and the wall clock with it.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// The wall clock, as an instant in UTC.
pub fn now() -> Timestamp {
    #[cfg(test)]
    if let Some(moved) = moved::now() {
        return moved;
    }
    #[allow(clippy::disallowed_methods)]
    Timestamp::now()
}

/// The monotonic clock, for measuring how long something took.
#[allow(clippy::disallowed_methods)]
pub fn instant() -> Instant {
    #[cfg(test)]
    return moved::instant();
    #[cfg(not(test))]
    Instant::now()
}

/// How long ago that instant of the monotonic clock was; nothing for one that is to come.
pub fn since(instant: Instant) -> Duration {
    self::instant().saturating_duration_since(instant)
}

/// How long the machine has run since it was started, asleep or not (`CLOCK_BOOTTIME`): nobody
/// sets this clock.
pub fn since_boot() -> Duration {
    #[cfg(test)]
    if let Some(moved) = moved::now() {
        // Both clocks go alike.
        return Duration::from_millis(moved.as_millisecond().unsigned_abs());
    }
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

/// Clocks that go as a test wants, on its own thread.
#[cfg(test)]
pub mod moved {
    use std::cell::Cell;

    use super::{Duration, Instant, Timestamp};

    thread_local! {
        static WALL: Cell<Option<(Timestamp, Instant)>> = const { Cell::new(None) };
        static TAKEN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    /// It is that time now; from here on the wall clock goes with the monotonic one.
    pub fn set(now: Timestamp) {
        WALL.set(Some((now, instant())));
    }

    /// The wall clock is nobody's but the machine's again.
    pub fn unset() {
        WALL.set(None);
    }

    /// Computing something took so long: nobody else had the thread meanwhile.
    pub fn takes(long: Duration) {
        TAKEN.set(TAKEN.get() + long);
    }

    pub(super) fn now() -> Option<Timestamp> {
        let (then, since) = WALL.get()?;
        then.checked_add(super::since(since)).ok()
    }

    #[allow(clippy::disallowed_methods)]
    pub(super) fn instant() -> Instant {
        tokio::time::Instant::now().into_std() + TAKEN.get()
    }
}
