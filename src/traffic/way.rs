//! How a provider stands, for those who reckon with it.

use std::time::Duration;

use super::meter::Meter;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// When it takes the next.
    pub meter: Meter,
    /// Whether it asked to be left alone.
    pub is_held: bool,
    /// Until when its circuit is open, if it is.
    pub open_until: Option<Duration>,
    /// Whether something is to come back from it first.
    pub is_full: bool,
}
