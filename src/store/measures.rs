//! What operators impose on tenants.

use jiff::Timestamp;

use super::letters::Deed;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;

/// How much a tenant may send on a channel from now on, and until when.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLimit {
    /// What it slows down.
    pub channel: Channel,
    /// Messages a second.
    pub rate: f64,
    /// It ends by itself then.
    pub until: Timestamp,
}

/// The same, and who asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub of: NewLimit,
    /// Whose wish it is.
    pub deed: Deed,
}

/// A tenant of which nothing is taken, and who asked for that.
#[derive(Debug, Clone, PartialEq)]
pub struct Parking {
    pub tenant: TenantId,
    /// Whose wish it is.
    pub deed: Deed,
}

/// Everything that is imposed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// The tenants that are parked.
    pub parked: Vec<Parking>,
    /// The limits that have not ended.
    pub limits: Vec<(TenantId, Limit)>,
}
