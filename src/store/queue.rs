//! What waits in the store, for those who look ahead.

use jiff::Timestamp;

use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;

use super::unit::StoredMessage;

/// A message that has not ended.
#[derive(Debug, Clone)]
pub struct OpenMessage {
    pub stored: StoredMessage,
    /// `ready` or `sending`.
    pub status: MessageStatus,
}

/// What waits in the store beside a message, and is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// How many of its tenant's are due before it, in its lane.
    pub of_tenant: usize,
    /// Of each tenant how many of the lane are due, as far as they matter.
    pub others: Vec<(TenantId, usize)>,
}

/// A message that waits and is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    pub tenant: TenantId,
    pub deadline: Option<Timestamp>,
}
