//! One transaction for many units and outcomes, in two trips to SQLite's thread.
//!
//! The first begins it, raises revisions and takes commands and timers; if somebody was there
//! before, it ends there. The second writes everything else and commits. Several statements go in
//! one text, because each trip costs two thread switches, which on a busy machine is most of a
//! commit.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::json;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::jobs::note;
use super::partitions::Held;
use super::statements::{TAKE, WRITE, WRITE_LITTLE, WRITE_PAGE};
use super::{Sqlite, rows};
use crate::domain::deed::Unsuppressed;
use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;
use crate::domain::partition::Part;
use crate::domain::partition::Partitions;
use crate::store::error::{CommitError, StoreError};
use crate::store::event::StoredEvent;
use crate::store::fence::{self, Claims};
use crate::store::mailbox::ITEMS_MAX;
use crate::store::record::{emptied, from_json, purged, to_json};
use crate::store::unit::{
    ATTEMPTS_MAX, Batch, ClientKey, Committed, Incarnation, Settled, Trigger, Unit,
};

/// An empty list, as it is written.
const NO_ROWS: &str = "[]";

impl Sqlite {
    /// See [`crate::store::Store::commit`].
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Committed, CommitError> {
        let held = self.held()?;
        let mut writer = self.writer().await?;
        let connection = writer.connection()?;
        let written = take_and_write(connection, batch, lease, held).await;
        match written {
            Ok(Some(committed)) => {
                writer.finished();
                self.folder.wrote(batch.weight(), &self.writer);
                Ok(committed)
            }
            Ok(None) => {
                let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
                let held = (0..batch.settled.len()).collect();
                Ok(Committed { held, events: Vec::new() })
            }
            Err(error) => {
                let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
                Err(error)
            }
        }
    }
}

/// Writes the batch; `None` where it had been written before.
async fn take_and_write(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
) -> Result<Option<Committed>, CommitError> {
    let claims = fence::claimed(&batch.units)?;
    // While SQLite's thread is at the first, the rows of the second are written out here.
    let outcomes = rows::settled(&batch.settled, lease, &held.partitions)?;
    let (taken, rows) =
        tokio::join!(take(connection, batch, lease, held, &claims, &outcomes), async {
            Rows::of(batch, &claims, lease, &held.partitions)
        });
    let (leased, forgotten, last, told, rows) = match (taken?, rows?) {
        (Taken::Before, _) => return Ok(None),
        (Taken::Fenced(parts), _) => return Err(CommitError::Fenced(parts)),
        (Taken::Stale(tenants), _) => return Err(CommitError::Stale(tenants)),
        (Taken::Now { leased, forgotten, last, told }, rows) => {
            (leased, forgotten, last, told, rows)
        }
    };
    note_deeds(connection, &batch.units).await?;
    let settled = leased.iter().map(|place| (batch.settled[*place], forgotten.contains(place)));
    let settled: Vec<(&Settled, bool)> = settled.collect();
    let events = rows::events(&batch.units, &settled, &last, &held.partitions)?;
    let came = Came::of(outcomes, &settled)?;
    write(connection, rows, told, &events, came).await?;
    Ok(Some(Committed { held: leased, events }))
}

/// Adds lines to the audit, as seldom as operators have a hand in it.
async fn note_deeds(connection: &mut SqliteConnection, units: &[&Unit]) -> Result<(), StoreError> {
    for unit in units {
        let Some(Unsuppressed { deed, client, channel }) = &unit.decision.unsuppressed else {
            continue;
        };
        let subject = json!({ "tenant": unit.tenant, "client": client, "channel": channel });
        note(connection, deed, "unsuppress", &to_json(&subject)?, 0).await?;
    }
    Ok(())
}

/// What is written of what became of messages.
struct Came {
    outcomes: String,
    attempts: String,
    items: String,
    parts: String,
    /// Whether each was the end of its message, of which no more attempts come.
    is_over: bool,
}

impl Came {
    fn of(outcomes: String, settled: &[(&Settled, bool)]) -> Result<Self, StoreError> {
        let is_over = settled.iter().all(|(settled, _)| settled.status != MessageStatus::Ready);
        Ok(Self {
            outcomes,
            attempts: rows::attempts(settled)?,
            items: rows::items(settled)?,
            parts: rows::parts(settled)?,
            is_over,
        })
    }
}

/// What is written whatever the first trip finds.
struct Rows {
    at: Option<i64>,
    state: rows::State,
    erased: rows::Erased,
    tellings: rows::Tellings,
    messages: String,
    superseded: String,
    timers: String,
    letters: String,
    receipts: String,
    sms_days: String,
    items_read: String,
}

impl Rows {
    fn of(
        batch: &Batch<'_>,
        claims: &Claims<'_>,
        lease: Incarnation,
        partitions: &Partitions,
    ) -> Result<Self, StoreError> {
        let units = &batch.units;
        Ok(Self {
            at: batch.at().map(Timestamp::as_millisecond),
            state: rows::State::of(units)?,
            erased: rows::Erased::of(units)?,
            tellings: rows::Tellings::of(units)?,
            messages: rows::messages(units, lease)?,
            superseded: rows::superseded(units)?,
            timers: rows::timers(&claims.timers)?,
            letters: rows::letters(units)?,
            receipts: rows::receipts(units, partitions)?,
            sms_days: rows::sms_days(units)?,
            items_read: rows::items_read(units)?,
        })
    }
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

/// What the first trip found.
enum Taken {
    /// The batch had been written.
    Before,
    /// The partitions that are another's by now.
    Fenced(Vec<Part>),
    /// The tenants whose units are not to be written.
    Stale(Vec<TenantId>),
    /// All of it may be written.
    Now {
        /// The outcomes whose lease holds, by their place in the batch.
        leased: Vec<usize>,
        /// Those of them whose client was erased.
        forgotten: HashSet<usize>,
        /// The last event of each partition.
        last: rows::Written,
        /// The last thing told.
        told: i64,
    },
}

async fn take(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    lease: Incarnation,
    held: &Held,
    claims: &Claims<'_>,
    outcomes: &str,
) -> Result<Taken, StoreError> {
    let written = held.written(batch);
    let number = i64::try_from(batch.number).ok().filter(|number| *number > 0);
    let answers = sqlx::query(TAKE)
        .bind(rows::revisions(&claims.steps)?)
        .bind(rows::inbox(&batch.units)?)
        .bind(rows::fired(&claims.timers)?)
        .bind(outcomes)
        .bind(lease.to_string())
        .bind(number)
        .bind(held.fence(&written)?)
        .bind(held.run.to_string())
        // To the end: a reader who stops at the first row leaves the rest undone.
        .fetch_all(&mut *connection)
        .await?;
    let [before, partitions, told, tenants @ .., messages] = &answers[..] else {
        return Err(StoreError::Refused("the first trip answered otherwise".to_owned()));
    };
    if !list::<String>(before)?.is_empty() {
        return Ok(Taken::Before);
    }
    let last: rows::Written =
        list(partitions)?.into_iter().map(|(part, last)| (Part::new(part), last)).collect();
    if last.len() < written.len() {
        let lost = written.into_iter().filter(|part| !last.contains_key(part));
        return Ok(Taken::Fenced(lost.collect()));
    }
    let mut stale: BTreeSet<TenantId> = claims.broken.clone();
    for row in tenants {
        for tenant in list::<String>(row)? {
            let tenant = TenantId::parse(&tenant);
            stale.insert(tenant.map_err(|error| StoreError::Refused(error.to_string()))?);
        }
    }
    let sending: Vec<(String, i64)> = list(messages)?;
    let sending: HashMap<String, i64> = sending.into_iter().collect();
    stale.extend(answered(&batch.units, &sending));
    if !stale.is_empty() {
        return Ok(Taken::Stale(stale.into_iter().collect()));
    }
    // Who is erased in this very batch is erased before it.
    let erased: HashSet<ClientKey<'_>> =
        batch.units.iter().filter_map(|unit| unit.erases()).collect();
    let (mut leased, mut forgotten) = (Vec::new(), HashSet::new());
    for (place, settled) in batch.settled.iter().enumerate() {
        let Some(is_erased) = sending.get(&settled.message.to_string()) else { continue };
        leased.push(place);
        let of_erased = settled.client_key().is_some_and(|client| erased.contains(&client));
        if *is_erased != 0 || of_erased {
            forgotten.insert(place);
        }
    }
    let told = list(told)?.into_iter().next().unwrap_or_default();
    Ok(Taken::Now { leased, forgotten, last, told })
}

/// The tenants of units about messages that are not leased any more.
fn answered(units: &[&Unit], sending: &HashMap<String, i64>) -> impl Iterator<Item = TenantId> {
    let given_up = units.iter().filter_map(|unit| match unit.claim.as_ref()?.trigger {
        Trigger::GivenUp(message) => Some((&unit.tenant, message)),
        _ => None,
    });
    let late = given_up.filter(|(_, message)| !sending.contains_key(&message.to_string()));
    late.map(|(tenant, _)| tenant.clone())
}

fn list<T: DeserializeOwned>(row: &SqliteRow) -> Result<Vec<T>, StoreError> {
    from_json("list", row.try_get(0)?)
}
