//! The daemon's own signs of life: what lies between the last one and the next start is an outage.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::error::StoreError;
use crate::domain::timer::Outage;

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

impl Store {
    /// Writes down that the daemon lives. Where the wall clock was set, whatever pauses then
    /// pauses as long as it was to: messages that are tried again, what has been due and could not
    /// leave or fire yet, and the age of both. What has a date of its own keeps it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn beat(&self, beat: &Beat, shift: Option<Shift>) -> Result<(), StoreError> {
        forward!(self.beat(beat, shift))
    }

    /// The last sign of life.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_beat(&self) -> Result<Option<Beat>, StoreError> {
        forward!(self.last_beat())
    }

    /// Remembers an outage; one that began at the same instant is prolonged.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn note_outage(&self, outage: Outage) -> Result<(), StoreError> {
        forward!(self.note_outage(outage))
    }

    /// The outages that ended after this instant, oldest first, at most [`OUTAGES_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outages(&self, since: Timestamp) -> Result<Vec<Outage>, StoreError> {
        forward!(self.outages(since))
    }
}
