//! The daemon's own signs of life: what lies between the last one and the next start is an outage.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use crate::domain::timer::Outage;

/// The most outages that are remembered; the oldest is dropped.
pub const OUTAGES_MAX: u32 = 100;

impl Store {
    /// Writes down that the daemon lives.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn beat(&self, now: Timestamp) -> Result<(), StoreError> {
        forward!(self.beat(now))
    }

    /// The last sign of life, in whole milliseconds.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_beat(&self) -> Result<Option<Timestamp>, StoreError> {
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
