//! Who may write what the tenants of a partition do, and where its events go on.
//!
//! Whoever opens the file to write takes over every partition and raises its epoch. Each
//! transaction compares owner and epoch of the partitions that it writes, and takes the numbers of
//! its events from the same rows: what an owner tries to write after another has come is refused,
//! and nobody else writes between the numbers of one transaction.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::SqliteConnection;

use crate::domain::partition::{Part, Partitions};
use crate::store::error::StoreError;
use crate::store::event::Cursor;
use crate::store::holder::Holder;
use crate::store::record::{from_json, to_json};
use crate::store::unit::{Batch, Incarnation};

/// The partitions that this run owns.
#[derive(Debug)]
pub struct Held {
    pub run: Incarnation,
    /// How tenants are spread over them.
    pub partitions: Partitions,
    /// With which epoch each is held.
    epochs: BTreeMap<Part, i64>,
    /// How many there are or ever were: what was written there is still to be read.
    pub ever: u16,
    /// How far the events went each time that the number of partitions changed, oldest first.
    pub ends: Vec<Cursor>,
}

impl Held {
    /// The partitions that a batch writes.
    pub fn written(&self, batch: &Batch<'_>) -> BTreeSet<Part> {
        let units = batch.units.iter().map(|unit| &unit.tenant);
        let settled = batch.settled.iter().map(|settled| &settled.tenant);
        units.chain(settled).map(|tenant| self.partitions.of(tenant)).collect()
    }

    /// `[part, epoch]` of each of these that is held.
    pub fn fence(&self, written: &BTreeSet<Part>) -> Result<String, StoreError> {
        let held = written.iter().filter_map(|part| Some((part.number(), self.epochs.get(part)?)));
        to_json(&held.collect::<Vec<_>>())
    }
}

/// Takes over every partition, in one transaction.
///
/// # Errors
/// Nothing is taken over, and the connection is of no more use.
pub async fn take_over(writer: &mut SqliteConnection, holder: &Holder) -> Result<Held, StoreError> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *writer).await?;
    lay_out(writer, holder.partitions.count()).await?;
    sqlx::query("UPDATE partitions SET epoch = epoch + 1, owner = iif(part < $1, $2, '')")
        .bind(holder.partitions.count())
        .bind(holder.run.to_string())
        .execute(&mut *writer)
        .await?;
    let epochs: Vec<(u16, i64)> =
        sqlx::query_as("SELECT part, epoch FROM partitions ORDER BY part")
            .fetch_all(&mut *writer)
            .await?;
    let ends: Vec<String> =
        sqlx::query_scalar("SELECT ended FROM layouts WHERE ended IS NOT NULL ORDER BY layout")
            .fetch_all(&mut *writer)
            .await?;
    sqlx::query("COMMIT").execute(&mut *writer).await?;
    let ends = ends.iter().map(|ended| from_json("layout", ended).map(Cursor::at));
    let mine = |(part, _): &(u16, i64)| *part < holder.partitions.count();
    Ok(Held {
        run: holder.run,
        partitions: holder.partitions.clone(),
        ever: u16::try_from(epochs.len()).unwrap_or(u16::MAX),
        epochs: epochs.into_iter().filter(mine).map(|(part, of)| (Part::new(part), of)).collect(),
        ends: ends.collect::<Result<_, _>>()?,
    })
}

/// Sees to it that there are so many partitions. Where there was another number, tenants are in
/// other partitions from now on, and it is noted where the events of before end.
async fn lay_out(writer: &mut SqliteConnection, count: u16) -> Result<(), StoreError> {
    let before: u16 = sqlx::query_scalar("SELECT partitions FROM layouts WHERE ended IS NULL")
        .fetch_one(&mut *writer)
        .await?;
    if before == count {
        return Ok(());
    }
    sqlx::query(
        "UPDATE layouts SET ended = (SELECT json_group_array(last_seq) \
         FROM (SELECT last_seq FROM partitions ORDER BY part)) WHERE ended IS NULL",
    )
    .execute(&mut *writer)
    .await?;
    sqlx::query("INSERT INTO layouts (partitions) VALUES ($1)")
        .bind(count)
        .execute(&mut *writer)
        .await?;
    let parts: Vec<u16> = (0..count).collect();
    sqlx::query(
        "INSERT INTO partitions (part, owner, epoch, last_seq) \
         SELECT value, '', 0, 0 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(to_json(&parts)?)
    .execute(&mut *writer)
    .await?;
    Ok(())
}
