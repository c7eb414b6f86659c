//! Who may write what the tenants of a partition do, and where its events go on.
//!
//! Whoever opens the file to write takes over every partition and raises its epoch. Each
//! transaction compares owner and epoch of the partitions that it writes, and takes the numbers of
//! its events from the same rows: what an owner tries to write after another has come is refused,
//! and nobody else writes between the numbers of one transaction.

use super::backend::{Backend, Writing};
use super::fields::Fields;
use super::held::Held;
use super::question::Question;
use crate::domain::partition::Part;
use crate::store::error::StoreError;
use crate::store::event::Cursor;
use crate::store::holder::Holder;
use crate::store::instance::Instance;
use crate::store::record::{from_json, to_json};

/// Takes over every partition, in one transaction, unless somebody living has them.
///
/// # Errors
/// Nothing is taken over; [`StoreError::Taken`] says by whom.
pub async fn take_over<B: Backend>(db: &B, holder: &Holder) -> Result<Held, StoreError> {
    let mut writer = db.begin().await?;
    let taken = take_all::<B>(&mut writer, holder).await;
    writer.end(taken).await
}

async fn take_all<B: Backend>(
    writer: &mut impl Writing,
    holder: &Holder,
) -> Result<Held, StoreError> {
    if let Some(lock) = B::DIALECT.lock_partitions {
        Question::new(lock).all_in(writer).await?;
    }
    if let Some(rival) = B::DIALECT.rival {
        let rivals = Question::new(rival).bind(&holder.instance.name).all_in(writer).await?;
        if let Some(rival) = rivals.first() {
            let (name, address) = (rival.get(0)?, rival.get(1)?);
            return Err(StoreError::Taken(Instance { name, address }));
        }
    }
    lay_out(writer, holder.partitions.count()).await?;
    let raised = Question::new(
        "UPDATE partitions SET epoch = epoch + 1, owner = CASE WHEN part < $1 THEN $2 ELSE '' END",
    );
    raised.bind(holder.partitions.count()).bind(holder.run.to_string()).run(writer).await?;
    let rows = Question::new("SELECT part, epoch FROM partitions ORDER BY part");
    let mut epochs: Vec<(u16, i64)> = Vec::new();
    for row in rows.all_in(writer).await? {
        epochs.push((row.get(0)?, row.get(1)?));
    }
    let ends = "SELECT ended FROM layouts WHERE ended IS NOT NULL ORDER BY layout";
    let ends = Question::new(ends).all_in(writer).await?;
    let ends = ends.iter().map(|row| from_json("layout", &row.get::<String>(0)?).map(Cursor::at));
    let mine = |(part, _): &(u16, i64)| *part < holder.partitions.count();
    Ok(Held {
        run: holder.run,
        partitions: holder.partitions.clone(),
        ever: u16::try_from(epochs.len()).unwrap_or(u16::MAX),
        ends: ends.collect::<Result<_, _>>()?,
        epochs: epochs.into_iter().filter(mine).map(|(part, of)| (Part::new(part), of)).collect(),
    })
}

/// Sees to it that there are so many partitions. Where there was another number, tenants are in
/// other partitions from now on, and it is noted where the events of before end.
async fn lay_out(writer: &mut impl Writing, count: u16) -> Result<(), StoreError> {
    let before = Question::new("SELECT partitions FROM layouts WHERE ended IS NULL");
    if before.one_in(writer).await?.get::<u16>(0)? == count {
        return Ok(());
    }
    let last = Question::new("SELECT last_seq FROM partitions ORDER BY part");
    let last = last.all_in(writer).await?;
    let last = last.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, _>>()?;
    let ended = Question::new("UPDATE layouts SET ended = $1 WHERE ended IS NULL");
    ended.bind(to_json(&last)?).run(writer).await?;
    Question::new("INSERT INTO layouts (partitions) VALUES ($1)").bind(count).run(writer).await?;
    let mut parts = Question::new("INSERT INTO partitions (part, owner, epoch, last_seq) VALUES ");
    for part in 0..count {
        parts.push(if part == 0 { "(" } else { ", (" }).push_bind(part).push(", '', 0, 0)");
    }
    parts.push(" ON CONFLICT DO NOTHING");
    parts.run(writer).await.map(|_| ())
}
