//! What waits, for those who look ahead.

use jiff::Timestamp;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::queue::{Behind, OpenMessage, Queued};
use crate::store::unit::StoredMessage;

impl Store {
    /// A tenant's message, if it has not ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open_message(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<OpenMessage>, StoreError> {
        forward!(self.open_message(tenant, message))
    }

    /// What is due beside a message that is in the store: of its tenant what goes before it, up to
    /// `most`; of each tenant of its lane as many as may go before it, where they are no more than
    /// a claim looks at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn behind(
        &self,
        stored: &StoredMessage,
        now: Timestamp,
        most: u32,
    ) -> Result<Behind, StoreError> {
        forward!(self.behind(stored, now, most))
    }

    /// The messages of a lane that are due, at most `limit`, the longest due first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn queued(
        &self,
        channel: Channel,
        lane: Lane,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Queued>, StoreError> {
        forward!(self.queued(channel, lane, now, limit))
    }
}
