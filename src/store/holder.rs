//! Who opens a store to write.

use super::unit::Incarnation;
use crate::domain::partition::Partitions;

/// A daemon's run, and how tenants are spread over partitions.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The run, which owns all partitions from the opening on.
    pub run: Incarnation,
    pub partitions: Partitions,
}

impl Holder {
    /// This run, over so many partitions.
    pub fn new(run: Incarnation, partitions: u16) -> Self {
        Self { run, partitions: Partitions::new(partitions) }
    }
}
