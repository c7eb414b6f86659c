//! What operators did: who, when and why.

use jiff::Timestamp;

use super::channel::Channel;
use super::id::ClientId;

/// Who does something, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub who: String,
    pub why: String,
    pub at: Timestamp,
}

/// A client is written to again because an operator said so: a line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsuppressed {
    pub deed: Deed,
    pub client: ClientId,
    /// On which channel; on all where there is none.
    pub channel: Option<Channel>,
}
