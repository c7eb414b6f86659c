//! How much waits, and how much was given up.

use sqlx::Row as _;

use super::Sqlite;
use crate::domain::kind::Kind;
use crate::store::error::StoreError;
use crate::store::record::instant;
use crate::store::view::Backlog;

impl Sqlite {
    /// See [`crate::store::Store::backlog`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        let oldest = sqlx::query(
            "SELECT kind, min(due_ms) FROM messages WHERE status = 'ready' GROUP BY kind",
        )
        .fetch_all(&self.readers)
        .await?;
        for row in &oldest {
            if let Some(kind) = Kind::parse(row.try_get(0)?) {
                backlog.oldest_due.push((kind, instant(row.try_get(1)?)?));
            }
        }
        let given_up = sqlx::query(
            "SELECT status, count(*) FROM messages WHERE status IN ('dead', 'unknown') \
             GROUP BY status",
        )
        .fetch_all(&self.readers)
        .await?;
        for row in &given_up {
            let count = u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0);
            match row.try_get(0)? {
                "dead" => backlog.dead = count,
                _ => backlog.unknown = count,
            }
        }
        Ok(backlog)
    }

    /// See [`crate::store::Store::count_open`].
    pub async fn count_open(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}
