//! A message on its way from who decided it to who sends it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::client::Client;
use crate::domain::kind::Lane;
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;
use crate::store::StoredMessage;

/// A message leased to this daemon, with what its text needs.
#[derive(Debug, Clone)]
pub struct Post {
    pub stored: StoredMessage,
    /// The tenant's settings.
    pub settings: Option<Arc<Settings>>,
    pub client: Option<Arc<Client>>,
    /// The tenant's own text for this reader, which its plan may not allow.
    pub custom: Option<Arc<CustomText>>,
}

impl Post {
    /// How soon it must go.
    pub fn lane(&self) -> Lane {
        self.stored.message.kind.lane()
    }

    /// Whether its deadline has passed.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.stored.message.deadline.is_some_and(|deadline| deadline <= now)
    }
}
