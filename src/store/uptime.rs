//! The daemon's own signs of life: what lies between the last one and the next start is an outage.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The most outages that are remembered; the oldest is dropped.
pub const OUTAGES_MAX: u32 = 100;

/// A sign of life: both clocks, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// What the wall clock showed, kept to the millisecond.
    pub wall: Timestamp,
    /// Names the machine's start; empty where that is not known.
    pub boot: String,
    /// How long ago that was by a clock that nobody sets, kept to the millisecond.
    pub since_boot: Duration,
}

/// The wall clock was set while messages and timers waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// What it would show by now.
    pub from: Timestamp,
    /// What it shows.
    pub to: Timestamp,
}

impl Shift {
    /// Forward if that is positive.
    pub fn by(self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}
