//! Mailboxes and boards.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::mailbox::{ItemView, Mailbox};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::mailbox`]. The index has the rows of one mailbox in the order of
    /// their places.
    pub async fn mailbox(
        &self,
        tenant: &TenantId,
        mailbox: &Mailbox,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, ItemView)>, StoreError> {
        let rows = Question::new(
            "SELECT seq, message, title, body, at_ms, read_ms IS NOT NULL FROM mailbox_items \
             WHERE tenant = $1 AND mailbox = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
        )
        .bind(tenant)
        .bind(mailbox.name())
        .bind(after.unwrap_or(i64::MAX))
        .bind(limit)
        .all(&self.db)
        .await?;
        rows.iter().map(item).collect()
    }

    /// See [`crate::store::Store::is_read`].
    pub async fn is_read(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<Option<bool>, StoreError> {
        let read = Question::new(
            "SELECT read_ms IS NOT NULL FROM mailbox_items \
             WHERE tenant = $1 AND mailbox = $2 AND post = $3",
        );
        let read = read.bind(tenant).bind(client).bind(message.to_string());
        read.optional(&self.db).await?.map(|row| row.get(0)).transpose()
    }

    /// See [`crate::store::Store::mark_unread`].
    pub async fn mark_unread(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<bool, StoreError> {
        let mark = Question::new(
            "UPDATE mailbox_items SET read_ms = NULL \
             WHERE tenant = $1 AND mailbox = $2 AND post = $3",
        );
        let mark = mark.bind(tenant).bind(client).bind(message.to_string());
        Ok(self.write(mark).await? > 0)
    }
}

fn item(row: &impl Fields) -> Result<(i64, ItemView), StoreError> {
    let view = ItemView {
        message: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
        at: row.get(4)?,
        read: row.get(5)?,
    };
    Ok((row.get(0)?, view))
}
