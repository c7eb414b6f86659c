//! Bringing a database up to date, and finding whether it is.
//!
//! All of it is one transaction, behind a lock that ends with it, so that two daemons that start at
//! once do not meet, and a pooler may be in between. Where nothing is to be done, nothing is asked
//! that needs a right to create tables.

use sqlx::migrate::Migration;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Postgres as Pg};

use super::link::Link;
use super::patience::{ANSWER_WAIT, late};
use crate::config::certificate_fault;
use crate::store::both::fields::Fields;
use crate::store::error::StoreError;
use crate::store::migrate::{self, HALF_COPIED};

/// Names the lock among those of the database: "bellhop" as a number.
const LOCK: i64 = 0x0062_656c_6c68_6f70;
/// How long a change waits for those who use what it changes: whoever comes behind it waits too.
const LOCK_WAIT: &str = "SET LOCAL lock_timeout = '10s'";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version bigint PRIMARY KEY,
    description text NOT NULL,
    installed_on timestamptz NOT NULL DEFAULT now(),
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
)";

/// Applies what is missing.
///
/// # Errors
/// [`StoreError::Misplaced`] where there is no such database or it does not let this user in;
/// [`StoreError::Refused`] where a newer version was here, or the user may not change tables.
pub async fn bring_up(link: &Link) -> Result<(), StoreError> {
    let mut connection = connect(link).await?;
    let done = async {
        if missing(link, &mut connection).await?.is_empty() {
            return Ok(());
        }
        let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
        connection.execute(AssertSqlSafe(lock)).await?;
        connection.execute(LOCK_WAIT).await?;
        connection.execute(TABLE).await?;
        for migration in missing(link, &mut connection).await? {
            apply(&mut connection, &migration).await?;
        }
        connection.execute("COMMIT").await?;
        Ok(())
    };
    let done = done.await;
    let _ = connection.close().await;
    done.map_err(|error: StoreError| match error {
        StoreError::Unavailable(why) if why.contains("permission denied") => StoreError::Refused(
            format!("{why}: run `bellhop migrate` as a user who may create tables"),
        ),
        other => other,
    })
}

/// Finds out whether there is something to look at.
///
/// # Errors
/// [`StoreError::Misplaced`] where there is not.
pub async fn find(link: &Link) -> Result<(), StoreError> {
    let mut connection = connect(link).await?;
    let missing = missing(link, &mut connection).await;
    let _ = connection.close().await;
    match missing?.len() {
        0 => Ok(()),
        _ => Err(StoreError::Misplaced(format!(
            "{} is not up to date: run `bellhop migrate`",
            link.name
        ))),
    }
}

/// The mark of the copy that was begun in a database, if one was, and whether all else in it is up
/// to date.
///
/// # Errors
/// As [`bring_up`].
pub async fn find_copy(link: &Link) -> Result<(Option<String>, bool), StoreError> {
    let mut connection = connect(link).await?;
    let applied = applied(&mut connection).await;
    let _ = connection.close().await;
    let (half, applied): (Vec<_>, Vec<_>) =
        applied?.into_iter().partition(|(version, _)| *version == HALF_COPIED);
    let mark = half.first().map(|(_, mark)| String::from_utf8_lossy(mark).into_owned());
    Ok((mark, missing_of(&applied)?.is_empty()))
}

/// A connection in a transaction: whoever closes it has it rolled back.
async fn connect(link: &Link) -> Result<PgConnection, StoreError> {
    let connected = tokio::time::timeout(ANSWER_WAIT, PgConnection::connect_with(&link.options));
    let connected = connected.await.map_err(|_| late())?;
    let mut connection = connected.map_err(|error| {
        if let Some(fault) = distrust(&error) {
            return StoreError::Misplaced(format!("{}: {fault}", link.name));
        }
        let why = format!("{}: {error}", link.name);
        match &error {
            sqlx::Error::Database(db) if is_of_place(db.code().as_deref()) => {
                StoreError::Misplaced(why)
            }
            sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => StoreError::Misplaced(why),
            _ => StoreError::Unavailable(why),
        }
    })?;
    connection.execute("BEGIN").await?;
    Ok(connection)
}

/// Why the server is not believed to be who it says it is.
fn distrust(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Io(error) = error else { return None };
    Some(certificate_fault(error)?.replace("ca_file", "sslrootcert"))
}

/// Whether nothing but a correction helps: no such database, no such user, another password
/// (<https://www.postgresql.org/docs/15/errcodes-appendix.html>).
fn is_of_place(code: Option<&str>) -> bool {
    matches!(code, Some("3D000" | "28000" | "28P01" | "42501"))
}

/// The migrations that have not been applied.
async fn missing(link: &Link, connection: &mut PgConnection) -> Result<Vec<Migration>, StoreError> {
    let applied = applied(connection).await?;
    if applied.iter().any(|(version, _)| *version == HALF_COPIED) {
        return Err(StoreError::Misplaced(format!(
            "{} holds half of a copy: run the same `bellhop store copy` again, which goes on where \
             it stopped",
            link.name
        )));
    }
    missing_of(&applied)
}

/// The migrations that have been applied, with their checksums.
async fn applied(connection: &mut PgConnection) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let there = row(connection, "SELECT to_regclass('_sqlx_migrations') IS NOT NULL").await?;
    let mut applied = Vec::new();
    if there.get(0)? {
        let rows = sqlx::query("SELECT version, checksum FROM _sqlx_migrations ORDER BY version");
        for row in rows.persistent(false).fetch_all(&mut *connection).await? {
            applied.push((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?));
        }
    }
    Ok(applied)
}

/// Which are not among these.
fn missing_of(applied: &[(i64, Vec<u8>)]) -> Result<Vec<Migration>, StoreError> {
    let known = migrate::postgres();
    for (version, checksum) in applied {
        let refused = |why: &str| {
            Err(StoreError::Refused(format!("migration: {version} was applied and {why}")))
        };
        match known.iter().find(|migration| migration.version == *version) {
            None => return refused("is not known to this version"),
            Some(migration) if *migration.checksum != **checksum => {
                return refused("is another one here");
            }
            Some(_) => {}
        }
    }
    let is_missing =
        |migration: &&Migration| applied.iter().all(|(version, _)| *version != migration.version);
    Ok(known.iter().filter(is_missing).cloned().collect())
}

async fn row(connection: &mut PgConnection, query: &'static str) -> Result<PgRow, StoreError> {
    Ok(sqlx::query::<Pg>(query).persistent(false).fetch_one(connection).await?)
}

async fn apply(connection: &mut PgConnection, migration: &Migration) -> Result<(), StoreError> {
    connection.execute(migration.sql.clone()).await?;
    let note = sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES ($1, $2, true, $3, 0)",
    );
    let note = note.bind(migration.version).bind(migration.description.to_string());
    note.bind(migration.checksum.to_vec()).persistent(false).execute(connection).await?;
    Ok(())
}
