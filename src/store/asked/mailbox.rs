//! What stands in the app: mailboxes and boards.

use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::mailbox::{ItemView, Mailbox};

impl Store {
    /// What stands in a mailbox, the latest first, behind the place `after`, at most `limit`; each
    /// with its place.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mailbox(
        &self,
        tenant: &TenantId,
        mailbox: &Mailbox,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, ItemView)>, StoreError> {
        forward!(self.mailbox(tenant, mailbox, after, limit))
    }

    /// Whether a client has read an item; nothing where there is no such item. That they have is
    /// written with the event that tells of it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn is_read(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<Option<bool>, StoreError> {
        forward!(self.is_read(tenant, client, message))
    }

    /// A client has not read an item after all. Says whether there is such an item.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_unread(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<bool, StoreError> {
        forward!(self.mark_unread(tenant, client, message))
    }
}
