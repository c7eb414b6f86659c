//! What stands in the app: mailboxes and boards.

use jiff::Timestamp;

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

    /// A client has read an item, at that instant if not before; or not, where there is none. Says
    /// whether there is such an item.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_read(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
        at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        forward!(self.mark_read(tenant, client, message, at))
    }
}
