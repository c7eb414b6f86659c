//! The statements of a commit, each over all rows of the batch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, Sqlite as Db};

use crate::domain::id::TenantId;
use crate::domain::message::{Message, MessageStatus};
use crate::store::bulk::{chunks, placeholders};
use crate::store::error::{CommitError, StoreError};
use crate::store::record::{SHAPE, to_json, to_row, verdicts};
use crate::store::unit::{Batch, Incarnation, Settled, Unit};
use crate::wire::event;

type Query<'q> = sqlx::query::Query<'q, Db, SqliteArguments>;

/// Runs one statement per chunk; `sql` gets the list of placeholders.
async fn run<R>(
    connection: &mut SqliteConnection,
    rows: &[R],
    columns: usize,
    sql: impl Fn(&str) -> String,
    bind: impl for<'q> Fn(Query<'q>, &R) -> Query<'q>,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let mut returned = Vec::new();
    for chunk in chunks(rows) {
        let text = sql(&placeholders(chunk.len(), columns));
        let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(text)), &bind);
        returned.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(returned)
}

/// The revisions that a tenant's units go from and to.
pub struct Revisions {
    pub from: u64,
    pub to: u64,
}

/// Raises the revisions that are as expected; returns those tenants.
pub async fn raise_revisions(
    connection: &mut SqliteConnection,
    steps: &BTreeMap<&TenantId, Revisions>,
) -> Result<HashSet<String>, CommitError> {
    let rows: Vec<(&str, i64, i64)> = steps
        .iter()
        .map(|(tenant, step)| (tenant.as_str(), to_i64(step.from), to_i64(step.to)))
        .collect();
    let new: Vec<_> = rows.iter().filter(|row| row.1 == 0).collect();
    run(
        connection,
        &new,
        2,
        |values| {
            format!("INSERT INTO tenants (tenant, revision) VALUES {values} ON CONFLICT DO NOTHING")
        },
        |query, row| query.bind(row.0).bind(0_i64),
    )
    .await?;
    let raised = run(
        connection,
        &rows,
        3,
        |values| {
            format!(
                "WITH step (tenant, old, new) AS (VALUES {values}) \
                 UPDATE tenants SET revision = step.new FROM step \
                 WHERE tenants.tenant = step.tenant AND tenants.revision = step.old \
                 RETURNING tenants.tenant"
            )
        },
        |query, row| query.bind(row.0).bind(row.1).bind(row.2),
    )
    .await?;
    Ok(raised.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Takes the commands; returns the tenants of those that were taken before.
pub async fn inbox(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<BTreeSet<TenantId>, CommitError> {
    let rows: Vec<_> = units.iter().filter(|unit| unit.claim.is_some()).collect();
    let taken = run(
        connection,
        &rows,
        6,
        |values| {
            format!(
                "INSERT INTO inbox (tenant, command, body_hash, rejection, detail, at_ms) \
                 VALUES {values} ON CONFLICT DO NOTHING RETURNING tenant, command"
            )
        },
        |query, unit| {
            let entry = unit.claim.as_ref().map(|claim| &claim.entry);
            let rejection = entry.and_then(|entry| entry.rejection.as_ref());
            query
                .bind(unit.tenant.as_str())
                .bind(unit.cause.as_str())
                .bind(entry.map(|entry| entry.body_hash.as_bytes()))
                .bind(rejection.map(|rejection| rejection.reason.as_str()))
                .bind(rejection.map(|rejection| rejection.detail.as_str()))
                .bind(unit.at.as_millisecond())
        },
    )
    .await?;
    if taken.len() == rows.len() {
        return Ok(BTreeSet::new());
    }
    let taken: HashSet<(String, String)> = taken
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let key = |unit: &Unit| (unit.tenant.to_string(), unit.cause.to_string());
    Ok(rows
        .iter()
        .filter(|unit| !taken.contains(&key(unit)))
        .map(|unit| unit.tenant.clone())
        .collect())
}

/// Writes the state rows; of several versions of one row in the batch only the last.
pub async fn records(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<(), CommitError> {
    let mut last = HashMap::new();
    for unit in units {
        for record in &unit.decision.records {
            let row = to_row(record)?;
            last.insert((unit.tenant.as_str(), row.kind, row.id), row.body);
        }
    }
    let rows: Vec<_> = last.into_iter().collect();
    run(
        connection,
        &rows,
        5,
        |values| {
            format!(
                "INSERT INTO records (tenant, kind, id, shape, body) VALUES {values} \
                 ON CONFLICT (tenant, kind, id) DO UPDATE \
                 SET shape = excluded.shape, body = excluded.body"
            )
        },
        |query, ((tenant, kind, id), body)| {
            query.bind(*tenant).bind(*kind).bind(id.as_str()).bind(SHAPE).bind(body.as_str())
        },
    )
    .await?;
    Ok(())
}

/// Records what was decided of each thing to tell.
pub async fn tellings(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<(), CommitError> {
    let mut rows = Vec::new();
    for unit in units {
        for telling in &unit.decision.tellings {
            rows.push((*unit, telling, verdicts(telling)?));
        }
    }
    run(
        connection,
        &rows,
        7,
        |values| {
            format!(
                "INSERT INTO tellings (tenant, cause, kind, client, booking, channels, at_ms) \
                 VALUES {values}"
            )
        },
        |query, (unit, telling, verdicts)| {
            query
                .bind(unit.tenant.as_str())
                .bind(unit.cause.as_str())
                .bind(telling.kind.as_str())
                .bind(telling.client.as_str())
                .bind(telling.booking.as_ref().map(|booking| booking.as_str()))
                .bind(verdicts.as_str())
                .bind(unit.at.as_millisecond())
        },
    )
    .await?;
    Ok(())
}

struct MessageRow<'a> {
    unit: &'a Unit,
    message: &'a Message,
    facts: String,
    leased: bool,
}

/// Inserts the messages: `sending` those that the dispatcher has room for, the rest `ready`.
pub async fn messages(
    connection: &mut SqliteConnection,
    units: &[&Unit],
    lease: Incarnation,
) -> Result<(), CommitError> {
    let mut rows = Vec::new();
    for unit in units {
        for (place, message) in unit.decision.messages.iter().enumerate() {
            let facts = to_json(&message.facts)?;
            rows.push(MessageRow { unit, message, facts, leased: place < unit.leased });
        }
    }
    let lease = lease.to_string();
    run(
        connection,
        &rows,
        13,
        |values| {
            format!(
                "INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, \
                 status, shape, facts, due_ms, deadline_ms, lease) VALUES {values}"
            )
        },
        |query, row| {
            let message = row.message;
            let status = if row.leased { MessageStatus::Sending } else { MessageStatus::Ready };
            query
                .bind(row.unit.tenant.as_str())
                .bind(message.id.to_string())
                .bind(message.kind.as_str())
                .bind(message.channel.as_str())
                .bind(message.client.as_str())
                .bind(message.booking().map(|booking| booking.as_str()))
                .bind(row.unit.cause.as_str())
                .bind(status.as_str())
                .bind(SHAPE)
                .bind(row.facts.as_str())
                .bind(message.due.as_millisecond())
                .bind(message.deadline.map(|deadline| deadline.as_millisecond()))
                .bind(row.leased.then_some(lease.as_str()))
        },
    )
    .await?;
    Ok(())
}

/// Marks messages that must not leave any more; the dispatcher finds and settles them.
pub async fn superseded(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<(), CommitError> {
    let rows: Vec<(&str, String)> = units
        .iter()
        .flat_map(|unit| {
            let messages = unit.decision.superseded.iter();
            messages.map(|(_, message)| (unit.tenant.as_str(), message.to_string()))
        })
        .collect();
    run(
        connection,
        &rows,
        2,
        |values| {
            format!(
                "WITH old (tenant, message) AS (VALUES {values}) \
                 UPDATE messages SET superseded = 1, due_ms = 0 FROM old \
                 WHERE messages.tenant = old.tenant AND messages.message = old.message \
                 AND messages.status IN ('ready', 'sending')"
            )
        },
        |query, row| query.bind(row.0).bind(row.1.as_str()),
    )
    .await?;
    Ok(())
}

/// Writes outcomes where the lease still holds; returns the places of those.
pub async fn settled(
    connection: &mut SqliteConnection,
    settled: &[&Settled],
    lease: Incarnation,
) -> Result<Vec<usize>, CommitError> {
    let lease = lease.to_string();
    let held = run(
        connection,
        settled,
        10,
        |values| {
            format!(
                "WITH v (tenant, message, lease, status, due, attempts, doubts, provider, reply, \
                 at) AS (VALUES {values}) \
                 UPDATE messages SET status = v.status, lease = NULL, attempts = v.attempts, \
                 doubts = v.doubts, provider = v.provider, reply = v.reply, \
                 due_ms = CASE WHEN superseded = 1 THEN 0 ELSE v.due END, \
                 settled_ms = CASE WHEN v.status = 'ready' THEN NULL ELSE v.at END \
                 FROM v WHERE messages.tenant = v.tenant AND messages.message = v.message \
                 AND messages.status = 'sending' AND messages.lease = v.lease \
                 RETURNING message"
            )
        },
        |query, settled| {
            query
                .bind(settled.tenant.as_str())
                .bind(settled.message.to_string())
                .bind(lease.as_str())
                .bind(settled.status.as_str())
                .bind(settled.due.as_millisecond())
                .bind(i64::from(settled.attempts))
                .bind(i64::from(settled.doubts))
                .bind(settled.provider.as_str())
                .bind(settled.reply.as_str())
                .bind(settled.at.as_millisecond())
        },
    )
    .await?;
    let held: HashSet<String> =
        held.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?;
    let places = settled.iter().enumerate();
    Ok(places
        .filter(|(_, settled)| held.contains(&settled.message.to_string()))
        .map(|(place, _)| place)
        .collect())
}

struct EventRow<'a> {
    tenant: &'a str,
    id: String,
    type_name: &'static str,
    cause: &'a str,
    data: String,
    at: i64,
}

/// Appends what upstream is told. An event's id derives from its cause and place, so that it is
/// the same however often the command is decided.
pub async fn events(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    held: &[usize],
) -> Result<(), CommitError> {
    let mut rows = Vec::new();
    for unit in &batch.units {
        for (place, event) in unit.decision.events.iter().enumerate() {
            rows.push(EventRow {
                tenant: unit.tenant.as_str(),
                id: format!("{}/{}/{place}", unit.tenant, unit.cause),
                type_name: event.type_name(),
                cause: unit.cause.as_str(),
                data: to_json(&event::encode(event))?,
                at: unit.at.as_millisecond(),
            });
        }
    }
    for settled in held.iter().filter_map(|place| batch.settled.get(*place)) {
        let Some(event) = &settled.event else { continue };
        let tries = settled.attempts + settled.doubts;
        rows.push(EventRow {
            tenant: settled.tenant.as_str(),
            id: format!("{}/{}/{tries}/{}", settled.tenant, settled.message, event.type_name()),
            type_name: event.type_name(),
            cause: settled.cause.as_str(),
            data: to_json(&event::encode(event))?,
            at: settled.at.as_millisecond(),
        });
    }
    run(
        connection,
        &rows,
        6,
        |values| {
            format!("INSERT INTO events (tenant, id, type, cause, data, at_ms) VALUES {values}")
        },
        |query, row| {
            query
                .bind(row.tenant)
                .bind(row.id.as_str())
                .bind(row.type_name)
                .bind(row.cause)
                .bind(row.data.as_str())
                .bind(row.at)
        },
    )
    .await?;
    Ok(())
}

fn to_i64(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Refused(error.to_string())
    }
}
