//! One transaction for many units and outcomes, in two trips to SQLite's thread.
//!
//! The first begins it, raises revisions and takes commands and timers; if somebody was there
//! before, it ends there. The second writes everything else and commits. Several statements go in
//! one text, because each trip costs two thread switches, which on a busy machine is most of a
//! commit.

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Sqlite;
use super::pen::Writer;
use super::statements::{TAKE, WRITE, WRITE_LITTLE, WRITE_PAGE};
use crate::store::both::commit::{Came, Found, NO_ROWS, Rows, Taken, note_deeds};
use crate::store::both::held::Held;
use crate::store::both::rows;
use crate::store::error::{CommitError, StoreError};
use crate::store::event::StoredEvent;
use crate::store::fence::{self, Claims};
use crate::store::mailbox::ITEMS_MAX;
use crate::store::record::{emptied, from_json, purged};
use crate::store::unit::{ATTEMPTS_MAX, Batch, Committed, Incarnation};

impl Sqlite {
    /// See [`crate::store::Store::commit`].
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Committed, CommitError> {
        let held = self.held()?;
        let mut writer = self.db.writer().await?;
        match take_and_write(&mut writer, batch, lease, held).await {
            Ok(Some(committed)) => {
                writer.finished();
                self.db.folder.wrote(batch.weight(), &self.db.writer);
                Ok(committed)
            }
            Ok(None) => {
                writer.roll_back().await;
                let held = (0..batch.settled.len()).collect();
                Ok(Committed { held, events: Vec::new() })
            }
            Err(error) => {
                writer.roll_back().await;
                Err(error)
            }
        }
    }
}

/// Writes the batch; `None` where it had been written before.
async fn take_and_write(
    writer: &mut Writer<'_>,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
) -> Result<Option<Committed>, CommitError> {
    let claims = fence::claimed(&batch.units)?;
    // While SQLite's thread is at the first, the rows of the second are written out here.
    let outcomes = rows::settled(&batch.settled, lease, &held.partitions)?;
    let (taken, rows) =
        tokio::join!(take(writer.connection()?, batch, lease, held, &claims, &outcomes), async {
            Rows::of(batch, &claims, lease, &held.partitions)
        });
    let (found, told) = taken?;
    let leave = match found.means(batch, &claims, held)? {
        Taken::Before => return Ok(None),
        Taken::Fenced(parts) => return Err(CommitError::Fenced(parts)),
        Taken::Stale(tenants) => return Err(CommitError::Stale(tenants)),
        Taken::Now(leave) => leave,
    };
    note_deeds(writer, &batch.units).await?;
    let events = leave.events(batch, &held.partitions)?;
    let came = Came::of(outcomes, &leave.settled(batch))?;
    write(writer.connection()?, rows?, told, &events, came).await?;
    Ok(Some(Committed { held: leave.leased, events }))
}

async fn write(
    connection: &mut SqliteConnection,
    rows: Rows,
    told: i64,
    events: &[StoredEvent],
    came: Came,
) -> Result<(), StoreError> {
    let Rows { at, state, erased, tellings, messages, superseded, timers, .. } = rows;
    let (letters, receipts) = (rows.letters, rows.receipts);
    let (sms_days, items_read) = (rows.sms_days, rows.items_read);
    let mut pages = rows::pages(events)?;
    let (last_place, page) = pages.pop().unzip();
    for (last_place, page) in pages {
        let page = sqlx::query(WRITE_PAGE).bind(last_place).bind(at).bind(page);
        page.execute(&mut *connection).await?;
    }
    let rare = [&erased.clients, &erased.bookings, &letters, &receipts, &came.items, &sms_days];
    let mut rare = rare.into_iter().chain([&items_read, &came.parts]);
    let is_little = came.is_over && rare.all(|rows| rows == NO_ROWS);
    drop(rare);
    sqlx::query(if is_little { WRITE_LITTLE } else { WRITE })
        .bind(state.written)
        .bind(state.removed)
        .bind(erased.clients)
        .bind(emptied()?)
        .bind(tellings.told)
        .bind(messages)
        .bind(superseded)
        .bind(timers)
        .bind(last_place)
        .bind(at)
        .bind(page)
        .bind(came.outcomes)
        .bind(purged()?)
        .bind(rows::spans(events)?)
        .bind(erased.later)
        .bind(erased.bookings)
        .bind(came.attempts)
        .bind(ATTEMPTS_MAX - 1)
        .bind(letters)
        .bind(receipts)
        .bind(came.items)
        .bind(ITEMS_MAX)
        .bind(told)
        .bind(tellings.last)
        .bind(sms_days)
        .bind(items_read)
        .bind(came.parts)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// What the first trip found, and the last thing that was told of all.
async fn take(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
    claims: &Claims<'_>,
    outcomes: &str,
) -> Result<(Found, i64), StoreError> {
    let number = i64::try_from(batch.number).ok().filter(|number| *number > 0);
    let answers = sqlx::query(TAKE)
        .bind(rows::revisions(&claims.steps)?)
        .bind(rows::inbox(&batch.units)?)
        .bind(rows::fired(&claims.timers)?)
        .bind(outcomes)
        .bind(lease.to_string())
        .bind(number)
        .bind(held.fence(&held.written(batch))?)
        .bind(held.run.to_string())
        // To the end: a reader who stops at the first row leaves the rest undone.
        .fetch_all(&mut *connection)
        .await?;
    let [before, partitions, told, tenants @ .., messages] = &answers[..] else {
        return Err(StoreError::Refused("the first trip answered otherwise".to_owned()));
    };
    let mut stale = Vec::new();
    for row in tenants {
        stale.extend(list::<String>(row)?);
    }
    let sending = list::<(String, i64)>(messages)?.into_iter();
    let found = Found {
        before: !list::<String>(before)?.is_empty(),
        partitions: list(partitions)?,
        stale,
        sending: sending.map(|(message, erased)| (message, erased != 0)).collect(),
    };
    Ok((found, list(told)?.into_iter().next().unwrap_or_default()))
}

fn list<T: DeserializeOwned>(row: &SqliteRow) -> Result<Vec<T>, StoreError> {
    from_json("list", row.try_get(0)?)
}
