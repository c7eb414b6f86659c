//! One transaction for many units and outcomes, in two trips to SQLite's thread.
//!
//! The first begins it, raises revisions and takes commands and timers; if somebody was there
//! before, it ends there. The second writes everything else and commits. Several statements go in
//! one text, because each trip costs two thread switches, which on a busy machine is most of a
//! commit.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::partitions::Held;
use super::{Sqlite, rows};
use crate::domain::id::TenantId;
use crate::domain::partition::Part;
use crate::store::error::{CommitError, StoreError};
use crate::store::event::StoredEvent;
use crate::store::fence::{self, Claims};
use crate::store::record::{emptied, from_json, purged};
use crate::store::unit::{Batch, ClientKey, Committed, Incarnation, Settled};

/// `$1` revisions, `$2` inbox, `$3` timers that fired, `$4` settled, `$5` lease, `$6` number of the
/// batch, if it has one, `$7` partitions, `$8` their owner. Answers with six lists: the lease where
/// the batch was written before, partitions that are the owner's with their last event, tenants
/// whose stored revision is another, tenants whose command was taken before, tenants whose timer
/// does not stand any more, and messages whose lease holds, with whether their client was erased.
///
/// Lists, because each row that comes back from SQLite's thread may cost a wake-up.
const TAKE: &str = "
    BEGIN IMMEDIATE;
    SELECT json_group_array(lease) FROM commits WHERE lease = $5 AND number >= $6;
    SELECT json_group_array(json_array(partitions.part, last_seq))
        FROM partitions, jsonb_each($7) AS held
        WHERE partitions.part = held.value->>0 AND epoch = held.value->>1 AND owner = $8;
    INSERT INTO commits (lease, number) SELECT $5, $6 WHERE $6 IS NOT NULL
        ON CONFLICT (lease) DO UPDATE SET number = excluded.number;
    INSERT INTO tenants (tenant, revision)
        SELECT value->>0, 0 FROM jsonb_each($1) WHERE value->>1 = 0 ON CONFLICT DO NOTHING;
    SELECT json_group_array(value->>0) FROM jsonb_each($1) AS step WHERE NOT EXISTS (
        SELECT 1 FROM tenants
        WHERE tenant = step.value->>0 AND revision = step.value->>1);
    SELECT json_group_array(value->>0) FROM jsonb_each($2) AS entry WHERE EXISTS (
        SELECT 1 FROM inbox
        WHERE tenant = entry.value->>0 AND command = entry.value->>1);
    SELECT json_group_array(value->>0) FROM jsonb_each($3) AS fired WHERE NOT EXISTS (
        SELECT 1 FROM timers
        WHERE tenant = fired.value->>0 AND key = fired.value->>1 AND due_ms = fired.value->>2);
    SELECT json_group_array(json_array(message, told_from IS -1))
        FROM messages, jsonb_each($4) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    UPDATE tenants SET revision = step.value->>2 FROM jsonb_each($1) AS step
        WHERE tenants.tenant = step.value->>0 AND tenants.revision = step.value->>1;
    INSERT INTO inbox (tenant, command, body_hash, rejection, detail, at_ms)
        SELECT value->>0, value->>1, unhex(value->>2), value->>3, value->>4, value->>5
        FROM jsonb_each($2) WHERE true ON CONFLICT DO NOTHING;
";

/// The messages that are to be forgotten: `tenant`, `client`, `at_ms` and `message`. What was told
/// of a booking that is forgotten later is not among them, unless it has not left yet. The `+`
/// keeps to the index by booking: of one client there may be thousands.
macro_rules! gone {
    () => {
        "WITH told AS (
            SELECT party.value->>0 AS tenant, party.value->>1 AS client,
                party.value->>2 AS at_ms, tellings.channels AS channels
            FROM jsonb_each($3) AS party
            CROSS JOIN tellings ON tellings.tenant = party.value->>0
                AND tellings.client = party.value->>1
            WHERE tellings.booking IS NULL OR (tellings.tenant, tellings.booking) NOT IN (
                SELECT value->>0, value->>1 FROM jsonb_each($15))
            UNION ALL
            SELECT party.value->>0, party.value->>1, party.value->>2, tellings.channels
            FROM jsonb_each($16) AS party
            CROSS JOIN tellings ON tellings.tenant = party.value->>0
                AND tellings.booking = party.value->>3
            WHERE +tellings.client = party.value->>1
        ), gone AS (
            SELECT tenant, client, at_ms, verdict.value->>'message' AS message
            FROM told
            CROSS JOIN json_each(iif(json_valid(channels), channels, '[]')) AS verdict
            UNION ALL
            SELECT messages.tenant, messages.client, party.value->>2, messages.message
            FROM jsonb_each(iif($15 = '[]', '[]', $3)) AS party
            CROSS JOIN messages ON messages.tenant = party.value->>0
                AND messages.status IN ('ready', 'sending')
            WHERE messages.client = party.value->>1
        )"
    };
}

/// `$1` records, `$2` records to remove, `$3` erased clients, `$4` what is left of their facts,
/// `$5` tellings, `$6` messages, `$7` superseded, `$8` timers, `$9` to `$11` a page of events,
/// `$12` settled, `$13` what is left of a secret, `$14` which events are written of each partition,
/// `$15` and `$16` bookings of which what was told is forgotten later, and now.
///
/// What providers said of a client who is erased goes from the events too: from the pages on which
/// their messages were told of.
///
/// A client is erased before the batch's own messages are written, which may be those of somebody
/// new of the same id.
const WRITE: &str = concat!(
    "
    INSERT INTO records (tenant, kind, id, shape, body)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM jsonb_each($1)
        WHERE true ON CONFLICT (tenant, kind, id) DO UPDATE
        SET shape = excluded.shape, body = excluded.body;
    DELETE FROM records WHERE (tenant, kind, id) IN (
        SELECT value->>0, value->>1, value->>2 FROM jsonb_each($2));
    ",
    gone!(),
    "UPDATE event_pages SET events = (
            SELECT json_group_array(iif(event.value->>'$[3].data.reply' IS NOT NULL
                    AND event.value->>'$[3].data.message' IN (SELECT message FROM gone),
                json_remove(json_set(event.value, '$[3].data.reply', ''),
                    '$[3].data.reference'), json(event.value)))
            FROM json_each(event_pages.events) AS event)
        WHERE last_place IN (SELECT page.last_place FROM gone
            CROSS JOIN messages ON messages.message = gone.message
            CROSS JOIN event_pages AS page
                ON page.last_place BETWEEN messages.told_from AND messages.told_to);
    ",
    gone!(),
    "UPDATE messages SET facts = $4, reply = NULL, told_from = -1, told_to = NULL,
            superseded = iif(status IN ('ready', 'sending', 'unreadable'), 1, superseded),
            due_ms = iif(status IN ('ready', 'sending'), min(due_ms, gone.at_ms), due_ms)
        FROM gone
        WHERE messages.message = gone.message AND messages.tenant = gone.tenant
        AND messages.client = gone.client;
    ",
    "
    INSERT INTO tellings (tenant, cause, kind, client, booking, channels, at_ms)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6
        FROM jsonb_each($5);
    INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, status,
            shape, facts, due_ms, deadline_ms, lease, topic, secret, superseded, segments,
            first_due_ms, told_from, lane)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
            value->>7, value->>8, value->>9, value->>10, value->>11, value->>12,
            value->>13, value->>'$[14][0]', value->>'$[14][1]', value->>'$[14][2]', value->>10,
            iif(value->>'$[14][1]', -1, NULL), value->>'$[14][3]'
        FROM jsonb_each($6);
    UPDATE messages SET superseded = 1, due_ms = min(due_ms, old.value->>2)
        FROM jsonb_each($7) AS old
        WHERE messages.message = old.value->>1 AND messages.tenant = old.value->>0
        AND messages.status IN ('ready', 'sending');
    DELETE FROM timers WHERE (tenant, key) IN (
        SELECT value->>0, value->>1 FROM jsonb_each($8) WHERE value->>2 IS NULL);
    INSERT INTO timers (tenant, key, due_ms)
        SELECT value->>0, value->>1, value->>2 FROM jsonb_each($8)
        WHERE value->>2 IS NOT NULL ON CONFLICT (tenant, key) DO UPDATE
        SET due_ms = excluded.due_ms WHERE timers.due_ms <> excluded.due_ms;
    INSERT INTO event_pages (last_place, at_ms, events) SELECT $9, $10, $11 WHERE $9 IS NOT NULL;
    UPDATE partitions SET last_seq = span.value->>1 FROM jsonb_each($14) AS span
        WHERE partitions.part = span.value->>0;
    UPDATE messages SET status = v.value->>3, lease = NULL, attempts = v.value->>5,
            doubts = v.value->>6, provider = v.value->>7,
            reply = iif(told_from IS -1, NULL, v.value->>8),
            told_from = iif(v.value->>10, coalesce(told_from, span.value->>2), told_from),
            told_to = iif(v.value->>10, span.value->>3, told_to),
            due_ms = iif(superseded = 1, min(v.value->>4, v.value->>9), v.value->>4),
            settled_ms = iif(v.value->>3 = 'ready', NULL, v.value->>9),
            facts = iif(secret = 1 AND v.value->>3 <> 'ready', $13, facts)
        FROM jsonb_each($12) AS v
            LEFT JOIN jsonb_each($14) AS span ON span.value->>0 = v.value->>11
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    COMMIT;
",
);

/// A page of events that need not wait for the rest.
const WRITE_PAGE: &str = "INSERT INTO event_pages (last_place, at_ms, events) VALUES ($1, $2, $3)";

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
            Rows::of(batch, &claims, lease)
        });
    let (leased, forgotten, last, rows) = match (taken?, rows?) {
        (Taken::Before, _) => return Ok(None),
        (Taken::Fenced(parts), _) => return Err(CommitError::Fenced(parts)),
        (Taken::Stale(tenants), _) => return Err(CommitError::Stale(tenants)),
        (Taken::Now { leased, forgotten, last }, rows) => (leased, forgotten, last, rows),
    };
    let settled = leased.iter().map(|place| (batch.settled[*place], forgotten.contains(place)));
    let settled: Vec<(&Settled, bool)> = settled.collect();
    let events = rows::events(&batch.units, &settled, &last, &held.partitions)?;
    write(connection, rows, &events, outcomes).await?;
    Ok(Some(Committed { held: leased, events }))
}

/// What is written whatever the first trip finds.
struct Rows {
    at: Option<i64>,
    state: rows::State,
    erased: rows::Erased,
    tellings: String,
    messages: String,
    superseded: String,
    timers: String,
}

impl Rows {
    fn of(batch: &Batch<'_>, claims: &Claims<'_>, lease: Incarnation) -> Result<Self, StoreError> {
        let units = &batch.units;
        Ok(Self {
            at: batch.at().map(Timestamp::as_millisecond),
            state: rows::State::of(units)?,
            erased: rows::Erased::of(units)?,
            tellings: rows::tellings(units)?,
            messages: rows::messages(units, lease)?,
            superseded: rows::superseded(units)?,
            timers: rows::timers(&claims.timers)?,
        })
    }
}

async fn write(
    connection: &mut SqliteConnection,
    rows: Rows,
    events: &[StoredEvent],
    outcomes: String,
) -> Result<(), StoreError> {
    let Rows { at, state, erased, tellings, messages, superseded, timers } = rows;
    let mut pages = rows::pages(events)?;
    let (last_place, page) = pages.pop().unzip();
    for (last_place, page) in pages {
        let page = sqlx::query(WRITE_PAGE).bind(last_place).bind(at).bind(page);
        page.execute(&mut *connection).await?;
    }
    sqlx::query(WRITE)
        .bind(state.written)
        .bind(state.removed)
        .bind(erased.clients)
        .bind(emptied()?)
        .bind(tellings)
        .bind(messages)
        .bind(superseded)
        .bind(timers)
        .bind(last_place)
        .bind(at)
        .bind(page)
        .bind(outcomes)
        .bind(purged()?)
        .bind(rows::spans(events)?)
        .bind(erased.later)
        .bind(erased.bookings)
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
    let [before, partitions, tenants @ .., messages] = &answers[..] else {
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
    if !stale.is_empty() {
        return Ok(Taken::Stale(stale.into_iter().collect()));
    }
    let sending: Vec<(String, i64)> = list(messages)?;
    let sending: HashMap<String, i64> = sending.into_iter().collect();
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
    Ok(Taken::Now { leased, forgotten, last })
}

fn list<T: DeserializeOwned>(row: &SqliteRow) -> Result<Vec<T>, StoreError> {
    from_json("list", row.try_get(0)?)
}
