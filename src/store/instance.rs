//! The daemons that share a store: one of them works, the others stand by.

use jiff::Timestamp;

use super::unit::Incarnation;

/// How others name a daemon, and where it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// No two that share a store have the same: of two that do, the later takes the other for
    /// itself, before it was started anew.
    pub name: String,
    /// Its HTTP address as the others reach it, without a final slash.
    pub address: String,
}

/// A daemon on a store, as it was seen last.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceView {
    pub run: Incarnation,
    pub name: String,
    pub address: String,
    /// Which version of Bellhop.
    pub version: String,
    pub since: Timestamp,
    /// How long ago its last sign of life was, in milliseconds.
    pub silent_ms: u64,
    /// Whether the store's partitions are its.
    pub is_active: bool,
}
