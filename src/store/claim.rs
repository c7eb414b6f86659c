//! What a dispatcher asks of the messages that are due.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::domain::id::TenantId;
use crate::domain::kind::Lane;

use super::loaded::Claimed;

/// What there is room for on one lane of a channel.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub lane: Lane,
    /// Messages that there is room for.
    pub room: usize,
    /// Messages of one tenant that there is room for, those that are in memory included.
    pub share: usize,
    /// How many of a tenant's are in memory, where there are any.
    pub held: HashMap<TenantId, usize>,
    /// The tenant that was the last to be looked at before: the one behind it is the first now.
    pub after: Option<TenantId>,
}

impl Wanted {
    /// As many as there is room for, whoever's they are.
    #[must_use]
    pub fn any(lane: Lane, room: usize) -> Self {
        Self { lane, room, share: room, held: HashMap::new(), after: None }
    }

    /// How many more of a tenant's there is room for.
    pub fn share_of(&self, tenant: &TenantId) -> usize {
        self.share.saturating_sub(self.held.get(tenant).copied().unwrap_or(0)).min(self.room)
    }
}

/// What is due and was not claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// Only of these tenants, if of any.
    Of(BTreeSet<TenantId>),
    /// Of tenants too many to name.
    Many,
}

/// What became of one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub lane: Lane,
    /// What is due there and was not claimed.
    pub rest: Rest,
    /// The last tenant that was looked at, where not all were.
    pub after: Option<TenantId>,
}

/// What was claimed.
#[derive(Debug, Default)]
pub struct Claims {
    /// The messages, leased, the longest due first.
    pub claimed: Vec<Claimed>,
    /// Each lane that was asked for.
    pub looked: Vec<Looked>,
}

/// When the earliest message that waits is due, by lane.
pub type NextDue = [Option<Timestamp>; Lane::ALL.len()];
