//! When the daemon ran, and when it did not.

use jiff::Timestamp;
use sqlx::Row as _;

use super::Sqlite;
use crate::domain::timer::Outage;
use crate::store::OUTAGES_MAX;
use crate::store::error::StoreError;
use crate::store::record::instant;

/// The last sign of life, in milliseconds, is kept beside how far events are read.
const BEAT: &str = "beat";

impl Sqlite {
    /// See [`crate::store::Store::beat`].
    pub async fn beat(&self, now: Timestamp) -> Result<(), StoreError> {
        self.set_cursor(BEAT, now.as_millisecond()).await
    }

    /// See [`crate::store::Store::last_beat`].
    pub async fn last_beat(&self) -> Result<Option<Timestamp>, StoreError> {
        let last: Option<i64> = sqlx::query_scalar("SELECT seq FROM cursors WHERE name = $1")
            .bind(BEAT)
            .fetch_optional(&self.readers)
            .await?;
        last.map(instant).transpose()
    }

    /// See [`crate::store::Store::note_outage`].
    pub async fn note_outage(&self, outage: Outage) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let noted = async {
            let connection = writer.connection()?;
            sqlx::query(
                "INSERT INTO outages (from_ms, to_ms) VALUES ($1, $2) \
                 ON CONFLICT (from_ms) DO UPDATE SET to_ms = max(to_ms, excluded.to_ms)",
            )
            .bind(outage.from.as_millisecond())
            .bind(outage.to.as_millisecond())
            .execute(&mut *connection)
            .await?;
            sqlx::query(
                "DELETE FROM outages WHERE from_ms NOT IN \
                 (SELECT from_ms FROM outages ORDER BY from_ms DESC LIMIT $1)",
            )
            .bind(OUTAGES_MAX)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }
        .await;
        writer.end(noted).await
    }

    /// See [`crate::store::Store::outages`].
    pub async fn outages(&self, since: Timestamp) -> Result<Vec<Outage>, StoreError> {
        let rows = sqlx::query(
            "SELECT from_ms, to_ms FROM outages WHERE to_ms > $1 ORDER BY from_ms LIMIT $2",
        )
        .bind(since.as_millisecond())
        .bind(OUTAGES_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Outage { from: instant(row.try_get(0)?)?, to: instant(row.try_get(1)?)? })
            })
            .collect()
    }
}
