//! Mailboxes and boards.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::mailbox::{ItemView, Mailbox};
use crate::store::record::instant;

impl Sqlite {
    /// See [`crate::store::Store::mailbox`]. The index has the rows of one mailbox in the order of
    /// their places.
    pub async fn mailbox(
        &self,
        tenant: &TenantId,
        mailbox: &Mailbox,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, ItemView)>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, message, title, body, at_ms, read_ms IS NOT NULL FROM mailbox_items \
             WHERE tenant = $1 AND mailbox = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(mailbox.name())
        .bind(after.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.readers)
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
        let read = sqlx::query_scalar(
            "SELECT read_ms IS NOT NULL FROM mailbox_items \
             WHERE tenant = $1 AND mailbox = $2 AND post = $3",
        );
        let read = read.bind(tenant.as_str()).bind(client.as_str()).bind(message.to_string());
        Ok(read.fetch_optional(&self.readers).await?)
    }

    /// See [`crate::store::Store::mark_unread`].
    pub async fn mark_unread(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let marked = sqlx::query(
            "UPDATE mailbox_items SET read_ms = NULL \
             WHERE tenant = $1 AND mailbox = $2 AND post = $3",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .bind(message.to_string())
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(marked.rows_affected() > 0)
    }
}

fn item(row: &SqliteRow) -> Result<(i64, ItemView), StoreError> {
    let view = ItemView {
        message: row.try_get(1)?,
        title: row.try_get(2)?,
        body: row.try_get(3)?,
        at: instant(row.try_get(4)?)?,
        read: row.try_get(5)?,
    };
    Ok((row.try_get(0)?, view))
}
