//! Who opens a store to write.

use super::instance::Instance;
use super::unit::Incarnation;
use crate::domain::partition::Partitions;

/// A daemon's run, and how tenants are spread over partitions.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The run, which owns all partitions from the opening on.
    pub run: Incarnation,
    pub partitions: Partitions,
    /// How others name it.
    pub instance: Instance,
}

impl Holder {
    /// This run, over so many partitions.
    pub fn new(run: Incarnation, partitions: u16) -> Self {
        let instance = Instance::default();
        Self { run, partitions: Partitions::new(partitions), instance }
    }

    /// The same, as others know it.
    #[must_use]
    pub fn known_as(self, instance: Instance) -> Self {
        Self { instance, ..self }
    }
}
