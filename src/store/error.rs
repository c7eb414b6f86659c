//! What can go wrong with the store, named by what the caller does about it.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

use super::instance::Instance;
use crate::domain::id::TenantId;
use crate::domain::partition::Part;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot answer now: full disk, locked file, lost connection. Wait and retry.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// There is none at this path, or can be none: correct it.
    #[error("no store can be opened: {0}")]
    Misplaced(String),
    /// The store refuses what it was given. Retrying the same will not help.
    #[error("the store refused: {0}")]
    Refused(String),
    /// What the store holds cannot be read: it was written by something else.
    #[error("the store holds an unreadable {what}: {why}")]
    Corrupt {
        /// Which kind of row.
        what: &'static str,
        /// Why it cannot be read.
        why: String,
    },
    /// The file was moved, removed or replaced while it was in use: what is written goes to the
    /// old one. Touch nothing more.
    #[error("{0} was moved, removed or replaced while bellhop had it open")]
    Replaced(String),
    /// A living daemon has the store; this one may stand by until that ends.
    #[error("{} has the store", .0.name)]
    Taken(Instance),
    /// Another daemon has this store open.
    #[error("another bellhop has {0} open")]
    InUse(String),
}

/// Why a batch did not commit. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// These tenants' units rest on a state that is no longer theirs, or repeat a command that
    /// was taken or a timer that fired meanwhile. The others may be tried again without them.
    #[error("{} tenants' units are stale", .0.len())]
    Stale(Vec<TenantId>),
    /// Another has taken these partitions over: whatever was decided for their tenants is no longer
    /// this run's to write.
    #[error("another bellhop has taken over {} partitions", .0.len())]
    Fenced(Vec<Part>),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if is_refusal(&**db) => {
                StoreError::Refused(error.to_string())
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) => {
                StoreError::Corrupt { what: "row", why: error.to_string() }
            }
            _ => StoreError::Unavailable(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        CommitError::Store(error.into())
    }
}

/// Whether it is about what was given, and not about the database.
fn is_refusal(error: &dyn DatabaseError) -> bool {
    let code = error.code();
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(_) => is_refused_by_postgres(code.as_deref()),
        None => !is_passing(code.as_deref()),
    }
}

/// PostgreSQL's classes of codes that are about data
/// (<https://www.postgresql.org/docs/15/errcodes-appendix.html>): what cannot be stored, what
/// breaks a constraint, what is too long for an index. All else passes by itself or by an
/// operator's hand: a lock, a full disk, a server that stops or only reads, a right or a table that
/// is missing.
fn is_refused_by_postgres(code: Option<&str>) -> bool {
    let class = code.and_then(|code| code.get(..2));
    matches!(class, Some("22" | "23" | "54"))
}

/// SQLite's primary result codes that pass by themselves or by an operator's hand
/// (<https://www.sqlite.org/rescode.html>): BUSY, LOCKED, NOMEM, READONLY, IOERR,
/// FULL, CANTOPEN.
fn is_passing(code: Option<&str>) -> bool {
    let primary = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
    matches!(primary, Some(5 | 6 | 7 | 8 | 10 | 13 | 14))
}
