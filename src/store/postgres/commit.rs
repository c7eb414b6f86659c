//! One transaction for many units and outcomes, in few round trips.
//!
//! ```text
//!  BEGIN, the partitions' rows are locked ── 1   whoever comes next waits until this has committed
//!  TAKE: revisions, inbox, timers, leases ── 1   somebody was there before? ROLLBACK, and it ends
//!  FORGET                                        where somebody is erased
//!  WRITE: records, tellings, messages, events  1 where something was decided or is told
//!  SUPERSEDE, WORK_LETTERS                       where there is any
//!  SETTLE                                      1 where messages have outcomes
//!  TRIM…, HEAR                                   where there is any
//!  COMMIT                                 ── 1
//! ```
//!
//! So commands alone take four round trips, outcomes alone four or five, both together five.
//!
//! The number of an event is one more than the last in its partition's row, which is locked: it has
//! no gap, because a transaction that does not commit leaves the row as it was, and whoever sees it
//! sees all before it, because the next number is only given behind the commit.
//!
//! Whoever locks several rows does so in order, so that two of them never wait for each other.

use serde::de::DeserializeOwned;
use sqlx::Postgres as Pg;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;

use super::Postgres;
use super::pen::Writer;
use super::statements::{
    FORGET, HEAR, SETTLE, SUPERSEDE, TAKE, TRIM_ATTEMPTS, TRIM_MAILBOXES, WORK_LETTERS, WRITE,
};
use crate::store::both::commit::{Came, Found, Leave, NO_ROWS, Rows, Taken, note_deeds};
use crate::store::both::fields::Fields;
use crate::store::both::held::Held;
use crate::store::both::rows;
use crate::store::error::{CommitError, StoreError};
use crate::store::event::StoredEvent;
use crate::store::fence::{self, Claims};
use crate::store::mailbox::ITEMS_MAX;
use crate::store::record::{emptied, from_json, purged};
use crate::store::unit::{ATTEMPTS_MAX, Batch, Committed, Incarnation};

impl Postgres {
    /// See [`crate::store::Store::commit`].
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Committed, CommitError> {
        let held = self.held()?;
        let claims = fence::claimed(&batch.units)?;
        let rows = Rows::of(batch, &claims, lease, &held.partitions)?;
        let outcomes = rows::settled(&batch.settled, lease, &held.partitions)?;
        let mut writer = self.db.begin_writing(&held.written(batch)).await?;
        match take_and_write(&mut writer, batch, lease, held, &claims, rows, outcomes).await {
            Ok(Some(committed)) => {
                writer.commit().await?;
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
    writer: &mut Writer,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
    claims: &Claims<'_>,
    rows: Rows,
    outcomes: String,
) -> Result<Option<Committed>, CommitError> {
    let found = take(writer, batch, lease, held, claims, &outcomes).await?;
    let leave = match found.means(batch, claims, held)? {
        Taken::Before => return Ok(None),
        Taken::Fenced(parts) => return Err(CommitError::Fenced(parts)),
        Taken::Stale(tenants) => return Err(CommitError::Stale(tenants)),
        Taken::Now(leave) => leave,
    };
    note_deeds(writer, &batch.units).await?;
    let events = leave.events(batch, &held.partitions)?;
    let came = Came::of(outcomes, &leave.settled(batch))?;
    let spans = rows::spans(&events)?;
    write(writer, batch, rows, &events, &spans, came, &leave).await?;
    Ok(Some(Committed { held: leave.leased, events }))
}

async fn take(
    writer: &mut Writer,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
    claims: &Claims<'_>,
    outcomes: &str,
) -> Result<Found, StoreError> {
    let number = i64::try_from(batch.number).ok().filter(|number| *number > 0);
    let take = list(sqlx::query(TAKE), rows::revisions(&claims.steps)?);
    let take = list(take, rows::inbox(&batch.units)?);
    let take = list(take, rows::fired(&claims.timers)?);
    let take = list(take, outcomes.to_owned()).bind(lease).bind(number);
    let take = list(take, held.fence(&held.written(batch))?).bind(held.run.to_string());
    let row = writer.row(take).await?;
    Ok(Found {
        before: row.get(0)?,
        partitions: listed(&row, 1)?,
        stale: listed(&row, 2)?,
        sending: listed(&row, 3)?,
    })
}

async fn write(
    writer: &mut Writer,
    batch: &Batch<'_>,
    rows: Rows,
    events: &[StoredEvent],
    spans: &str,
    came: Came,
    leave: &Leave,
) -> Result<(), StoreError> {
    let Rows { at, state, erased, tellings, messages, superseded, timers, .. } = rows;
    if erased.clients != NO_ROWS || erased.bookings != NO_ROWS {
        let forget = list(sqlx::query(FORGET), erased.clients).bind(emptied()?);
        writer.run(list(list(forget, erased.later), erased.bookings)).await?;
    }
    if !batch.units.is_empty() || !events.is_empty() {
        let (places, pages): (Vec<i64>, Vec<String>) = rows::pages(events)?.into_iter().unzip();
        let write = list(list(sqlx::query(WRITE), state.written), state.removed);
        let write = list(list(write, tellings.told), tellings.last);
        let write = list(list(write, messages), timers);
        let pages: Vec<String> = pages.into_iter().map(without_nul).collect();
        let write = write.bind(places).bind(pages).bind(at);
        writer.run(list(write, spans.to_owned())).await?;
    }
    if superseded != NO_ROWS {
        writer.run(list(sqlx::query(SUPERSEDE), superseded)).await?;
    }
    if rows.letters != NO_ROWS {
        writer.run(list(sqlx::query(WORK_LETTERS), rows.letters).bind(purged()?)).await?;
    }
    if !leave.leased.is_empty() {
        settle(writer, came, spans).await?;
    }
    let heard = [&rows.receipts, &rows.sms_days, &rows.items_read];
    if heard.into_iter().any(|rows| rows != NO_ROWS) {
        let hear = list(list(sqlx::query(HEAR), rows.receipts), spans.to_owned());
        let hear = list(list(hear.bind(purged()?), rows.sms_days), rows.items_read);
        writer.run(hear).await?;
    }
    Ok(())
}

async fn settle(writer: &mut Writer, came: Came, spans: &str) -> Result<(), StoreError> {
    let Came { outcomes, attempts, items, parts, is_over } = came;
    let settle = list(list(sqlx::query(SETTLE), outcomes), attempts.clone());
    let settle = list(list(settle, items.clone()), spans.to_owned()).bind(purged()?);
    let latest: u32 = writer.row(list(settle, parts)).await?.get(0)?;
    if latest > ATTEMPTS_MAX && !is_over {
        let kept = i64::from(ATTEMPTS_MAX - 1);
        writer.run(list(sqlx::query(TRIM_ATTEMPTS), attempts).bind(kept)).await?;
    }
    if items != NO_ROWS {
        let kept = i64::from(ITEMS_MAX);
        writer.run(list(sqlx::query(TRIM_MAILBOXES), items).bind(kept)).await?;
    }
    Ok(())
}

type Statement = Query<'static, Pg, PgArguments>;

/// Fills the next gap with a list of rows.
fn list(statement: Statement, rows: String) -> Statement {
    statement.bind(without_nul(rows))
}

fn listed<T: DeserializeOwned>(row: &PgRow, place: usize) -> Result<Vec<T>, StoreError> {
    from_json("list", &row.get::<String>(place)?)
}

/// JSON in which U+0000 is U+FFFD: it is no character of a text for PostgreSQL
/// (<https://www.postgresql.org/docs/15/datatype-json.html>). Nothing that people write has it, but
/// a provider's answer may.
pub fn without_nul(json: String) -> String {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        if let Some(behind) = from.strip_prefix(NUL) {
            clean.push_str("\\ufffd");
            rest = behind;
        } else {
            // What is escaped is one byte, or begins with one.
            let end = from.char_indices().nth(2).map_or(from.len(), |(end, _)| end);
            clean.push_str(&from[..end]);
            rest = &from[end..];
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_character_becomes_the_one_that_stands_for_none() {
        for (text, clean) in [
            ("", ""),
            ("550 no\u{0} such user", "550 no\u{fffd} such user"),
            ("\\u0000", "\\u0000"),
            ("\\\u{0}\\\\u0000\u{0}", "\\\u{fffd}\\\\u0000\u{fffd}"),
            ("é\\é\"\u{0}\"", "é\\é\"\u{fffd}\""),
        ] {
            let json = serde_json::to_string(text).unwrap();
            let read: String = serde_json::from_str(&without_nul(json)).unwrap();
            assert_eq!(read, clean);
        }
    }
}
