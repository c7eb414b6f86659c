//! Signs of life and outages.

use jiff::Timestamp;

use crate::domain::timer::Outage;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::uptime::{Beat, Shift};

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

    /// The outages that ended after this instant, oldest first, at most
    /// [`OUTAGES_MAX`](crate::store::OUTAGES_MAX).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn outages(&self, since: Timestamp) -> Result<Vec<Outage>, StoreError> {
        forward!(self.outages(since))
    }
}
