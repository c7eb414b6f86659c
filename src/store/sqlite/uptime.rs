//! When the daemon ran, and when it did not.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::Sqlite;
use super::shift;
use crate::domain::timer::Outage;
use crate::store::error::StoreError;
use crate::store::record::instant;
use crate::store::uptime::{Beat, OUTAGES_MAX, Shift};

impl Sqlite {
    /// See [`crate::store::Store::beat`].
    pub async fn beat(&self, beat: &Beat, shift: Option<Shift>) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let written = write(writer.connection()?, beat, shift).await;
        writer.end(written).await
    }

    /// See [`crate::store::Store::last_beat`].
    pub async fn last_beat(&self) -> Result<Option<Beat>, StoreError> {
        let row = sqlx::query("SELECT wall_ms, boot, boot_ms FROM signs_of_life")
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let since_boot = u64::try_from(row.try_get::<i64, _>(2)?).unwrap_or_default();
        Ok(Some(Beat {
            wall: instant(row.try_get(0)?)?,
            boot: row.try_get(1)?,
            since_boot: Duration::from_millis(since_boot),
        }))
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

async fn write(
    connection: &mut SqliteConnection,
    beat: &Beat,
    shift: Option<Shift>,
) -> Result<(), StoreError> {
    if let Some(shift) = shift {
        shift::pauses(connection, shift).await?;
    }
    sqlx::query(
        "INSERT INTO signs_of_life (one, wall_ms, boot, boot_ms) VALUES (1, $1, $2, $3) \
         ON CONFLICT (one) DO UPDATE SET wall_ms = excluded.wall_ms, boot = excluded.boot, \
         boot_ms = excluded.boot_ms",
    )
    .bind(beat.wall.as_millisecond())
    .bind(&beat.boot)
    .bind(i64::try_from(beat.since_boot.as_millis()).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}
