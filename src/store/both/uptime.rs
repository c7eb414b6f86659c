//! When the daemon ran, and when it did not.

use std::time::Duration;

use jiff::Timestamp;

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use super::shift;
use crate::domain::timer::Outage;
use crate::store::error::StoreError;
use crate::store::uptime::{Beat, OUTAGES_MAX, Shift};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::beat`].
    pub async fn beat(&self, beat: &Beat, shift: Option<Shift>) -> Result<(), StoreError> {
        let mut writer = self.db.begin_as_owner(self.held.as_deref()).await?;
        let written = write(&mut writer, beat, shift).await;
        writer.end(written).await
    }

    /// See [`crate::store::Store::last_beat`].
    pub async fn last_beat(&self) -> Result<Option<Beat>, StoreError> {
        let row = Question::new("SELECT wall_ms, boot, boot_ms FROM signs_of_life")
            .optional(&self.db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let since_boot = Duration::from_millis(row.get(2)?);
        Ok(Some(Beat { wall: row.get(0)?, boot: row.get(1)?, since_boot }))
    }

    /// See [`crate::store::Store::note_outage`].
    pub async fn note_outage(&self, outage: Outage) -> Result<(), StoreError> {
        let mut writer = self.db.begin().await?;
        let noted = remember(&mut writer, outage).await;
        writer.end(noted).await
    }

    /// See [`crate::store::Store::outages`].
    pub async fn outages(&self, since: Timestamp) -> Result<Vec<Outage>, StoreError> {
        let rows = Question::new(
            "SELECT from_ms, to_ms FROM outages WHERE to_ms > $1 ORDER BY from_ms LIMIT $2",
        )
        .bind(since)
        .bind(OUTAGES_MAX)
        .all(&self.db)
        .await?;
        rows.iter().map(|row| Ok(Outage { from: row.get(0)?, to: row.get(1)? })).collect()
    }
}

async fn remember(writer: &mut impl Writing, outage: Outage) -> Result<(), StoreError> {
    let noted = Question::new(
        "INSERT INTO outages (from_ms, to_ms) VALUES ($1, $2) \
         ON CONFLICT (from_ms) DO UPDATE SET to_ms = excluded.to_ms \
         WHERE outages.to_ms < excluded.to_ms",
    );
    noted.bind(outage.from).bind(outage.to).run(writer).await?;
    let forgotten = Question::new(
        "DELETE FROM outages WHERE from_ms NOT IN \
         (SELECT from_ms FROM outages ORDER BY from_ms DESC LIMIT $1)",
    );
    forgotten.bind(OUTAGES_MAX).run(writer).await?;
    Ok(())
}

async fn write(
    writer: &mut impl Writing,
    beat: &Beat,
    shift: Option<Shift>,
) -> Result<(), StoreError> {
    if let Some(shift) = shift {
        shift::pauses(writer, shift).await?;
    }
    let alive = Question::new(
        "INSERT INTO signs_of_life (one, wall_ms, boot, boot_ms) VALUES (1, $1, $2, $3) \
         ON CONFLICT (one) DO UPDATE SET wall_ms = excluded.wall_ms, boot = excluded.boot, \
         boot_ms = excluded.boot_ms",
    );
    let since_boot = i64::try_from(beat.since_boot.as_millis()).unwrap_or(i64::MAX);
    alive.bind(beat.wall).bind(&beat.boot).bind(since_boot).run(writer).await?;
    Ok(())
}
