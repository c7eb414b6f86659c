//! The statements of a commit that change a tenant, each over all rows of the batch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, Sqlite as Db};

use crate::domain::id::TenantId;
use crate::store::bulk::{chunks, placeholders};
use crate::store::error::CommitError;
use crate::store::record::{SHAPE, to_row, verdicts};
use crate::store::unit::Unit;

type Query<'q> = sqlx::query::Query<'q, Db, SqliteArguments>;

/// Runs one statement per chunk; `sql` gets the list of placeholders.
pub async fn run<R>(
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
    let mut taken: HashSet<(String, String)> = taken
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let key = |unit: &Unit| (unit.tenant.to_string(), unit.cause.to_string());
    // Of a command that stands twice in the batch only one was taken.
    let repeated = rows.iter().filter(|unit| !taken.remove(&key(unit)));
    Ok(repeated.map(|unit| unit.tenant.clone()).collect())
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

fn to_i64(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}
