//! What a run owns of a store, and by which it may write.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::partition::{Part, Partitions};
use crate::store::error::StoreError;
use crate::store::event::Cursor;
use crate::store::record::to_json;
use crate::store::unit::{Batch, Incarnation};

/// The partitions that this run owns.
#[derive(Debug)]
pub struct Held {
    pub run: Incarnation,
    /// How tenants are spread over them.
    pub partitions: Partitions,
    /// With which epoch each is held.
    pub epochs: BTreeMap<Part, i64>,
    /// How many there are or ever were: what was written there is still to be read.
    pub ever: u16,
    /// How far the events went each time that the number of partitions changed, oldest first.
    pub ends: Vec<Cursor>,
}

impl Held {
    /// The partitions that a batch writes.
    pub fn written(&self, batch: &Batch<'_>) -> BTreeSet<Part> {
        let units = batch.units.iter().map(|unit| &unit.tenant);
        let settled = batch.settled.iter().map(|settled| &settled.tenant);
        units.chain(settled).map(|tenant| self.partitions.of(tenant)).collect()
    }

    /// `[part, epoch]` of each of these that is held.
    pub fn fence(&self, written: &BTreeSet<Part>) -> Result<String, StoreError> {
        let held = written.iter().filter_map(|part| Some((part.number(), self.epochs.get(part)?)));
        to_json(&held.collect::<Vec<_>>())
    }
}
