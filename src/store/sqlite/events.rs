//! Reading events in order, and remembering how far.

use super::Sqlite;
use super::claim::instant;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::record::from_json;
use crate::store::view::StoredEvent;

/// An event's columns.
type Row = (i64, String, String, String, String, String, i64);

impl Sqlite {
    /// See [`crate::store::Store::events_after`].
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        // One row: each that comes back from SQLite's thread may cost a wake-up.
        let page: String = sqlx::query_scalar(
            "SELECT json_group_array(json_array(seq, id, tenant, type, cause, data, at_ms)) \
             FROM (SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2)",
        )
        .bind(seq)
        .bind(limit.min(PAGE_MAX))
        .fetch_one(&self.readers)
        .await?;
        let rows: Vec<Row> = from_json("page of events", &page)?;
        rows.into_iter()
            .map(|(seq, id, tenant, type_name, cause, data, at)| {
                Ok(StoredEvent { seq, id, tenant, type_name, cause, data, at: instant(at)? })
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
        writer.finished();
        Ok(())
    }
}
