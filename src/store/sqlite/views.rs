//! What people ask about.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::claim::instant;
use crate::domain::id::{BookingId, TenantId};
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::record::{from_json, to_json};
use crate::store::view::{MessageView, TellingView};

impl Sqlite {
    /// See [`crate::store::Store::tellings_of_booking`].
    pub async fn tellings_of_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<Vec<TellingView>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, cause, kind, client, booking, channels FROM tellings \
             WHERE tenant = $1 AND booking = $2 ORDER BY seq LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(booking.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::tellings`].
    pub async fn tellings(&self, tenant: &TenantId) -> Result<Vec<TellingView>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, cause, kind, client, booking, channels FROM tellings \
             WHERE tenant = $1 ORDER BY seq LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::messages`].
    pub async fn messages(
        &self,
        tenant: &TenantId,
        ids: &[String],
    ) -> Result<Vec<MessageView>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, kind, channel, client, booking, status, due_ms, attempts, \
             provider, reply, settled_ms FROM messages \
             WHERE tenant = $1 AND message IN (SELECT value FROM json_each($2)) ORDER BY message",
        )
        .bind(tenant.as_str())
        .bind(to_json(&ids)?)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(message).collect()
    }
}

fn telling(row: &SqliteRow) -> Result<TellingView, StoreError> {
    Ok(TellingView {
        at: instant(row.try_get(0)?)?,
        cause: row.try_get(1)?,
        kind: row.try_get(2)?,
        client: row.try_get(3)?,
        booking: row.try_get(4)?,
        channels: from_json("telling", row.try_get(5)?)?,
    })
}

fn message(row: &SqliteRow) -> Result<MessageView, StoreError> {
    let settled: Option<i64> = row.try_get(10)?;
    Ok(MessageView {
        message: row.try_get(0)?,
        kind: row.try_get(1)?,
        channel: row.try_get(2)?,
        client: row.try_get(3)?,
        booking: row.try_get(4)?,
        status: row.try_get(5)?,
        due: instant(row.try_get(6)?)?,
        attempts: row.try_get(7)?,
        provider: row.try_get(8)?,
        reply: row.try_get(9)?,
        settled_at: settled.map(instant).transpose()?,
    })
}
