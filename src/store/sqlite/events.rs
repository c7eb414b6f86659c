//! Reading events in order, and remembering how far.

use sqlx::Row as _;

use super::Sqlite;
use super::claim::instant;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::view::StoredEvent;

impl Sqlite {
    /// See [`crate::store::Store::events_after`].
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, id, tenant, type, cause, data, at_ms FROM events \
             WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit.min(PAGE_MAX))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(StoredEvent {
                    seq: row.try_get(0)?,
                    id: row.try_get(1)?,
                    tenant: row.try_get(2)?,
                    type_name: row.try_get(3)?,
                    cause: row.try_get(4)?,
                    data: row.try_get(5)?,
                    at: instant(row.try_get(6)?)?,
                })
            })
            .collect()
    }

    /// See [`crate::store::Store::cursor`].
    pub async fn cursor(&self, name: &str) -> Result<i64, StoreError> {
        let seq = sqlx::query_scalar("SELECT seq FROM cursors WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(seq.unwrap_or(0))
    }

    /// See [`crate::store::Store::set_cursor`].
    pub async fn set_cursor(&self, name: &str, seq: i64) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "INSERT INTO cursors (name, seq) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        )
        .bind(name)
        .bind(seq)
        .execute(writer.connection()?)
        .await?;
        Ok(())
    }
}
