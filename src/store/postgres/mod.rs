//! PostgreSQL 15 and later: one database, from any number of machines.
//!
//! A batch is one transaction ([`commit`]), and durable when that returns, as long as nobody sets
//! `synchronous_commit` to `off`. The rows of the partitions are what a lock on the file is to
//! SQLite: whoever opens the store takes them over and raises their epochs, and from then on an
//! earlier run neither commits nor leases.
//!
//! Nothing is left in a session: no `SET`, no lock, no `LISTEN`; with a pooler in between
//! (`?pgbouncer=true`) no prepared statement either, and each question is a transaction of its own,
//! which costs two more round trips.

mod ask;
mod commit;
mod dialect;
mod link;
mod migrate;
mod pen;
mod statements;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::{PgPool, PgPoolOptions};

use super::both::backend::Db;
use super::both::partitions;
use super::error::{CommitError, StoreError};
use super::holder::Holder;
use crate::telemetry::io_words;
use link::Link;

pub use commit::without_nul;
pub use link::check_url;

/// A PostgreSQL store.
pub type Postgres = Db<Server>;

/// Connections that write: one for batches, one for each channel that leases, and some for what
/// providers and operators do meanwhile.
const WRITERS: u32 = 8;
/// How long a call waits for a connection.
const CONNECTION_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// A connection that nobody used for so long is tried before it is used.
const TRIED_AFTER: std::time::Duration = std::time::Duration::from_secs(1);
/// How long a call waits for its answer. A commit whose answer does not come is asked for again, by
/// its number.
const ANSWER_WAIT: std::time::Duration = std::time::Duration::from_secs(30);
/// The same for what looks at everything that waits, once, at the start.
const RECOVERY_WAIT: std::time::Duration = std::time::Duration::from_secs(600);

/// The server, and the connections to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Without secrets.
    name: String,
    readers: PgPool,
    writers: PgPool,
    is_prepared: bool,
    only_looks: bool,
    /// Another has taken over.
    is_lost: Arc<AtomicBool>,
    slots: PathBuf,
}

impl Postgres {
    /// Connects, migrating the database where needed, and takes its partitions over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(
        url: &str,
        readers: u32,
        slots: &Path,
        holder: &Holder,
    ) -> Result<Self, StoreError> {
        let link = Link::parse(url)?;
        make_folder_of(slots)?;
        migrate::bring_up(&link).await?;
        let db = Server::over(&link, readers, slots, false);
        let held = partitions::take_over(&db, holder).await?;
        Ok(Self { db, held: Some(Arc::new(held)) })
    }

    /// Brings the database up to date, and takes nothing over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        migrate::bring_up(&Link::parse(url)?).await
    }

    /// Connects to a database that is there, for reading only, beside a daemon that may have it.
    ///
    /// # Errors
    /// If there is none, or nothing of Bellhop's in it.
    pub async fn inspect(url: &str) -> Result<Self, StoreError> {
        let link = Link::parse(url)?;
        migrate::find(&link).await?;
        Ok(Self { db: Server::over(&link, 1, Path::new(""), true), held: None })
    }

    /// Connects for whoever copies another store into this one, or compares it; nothing is taken
    /// over. With the mark of the copy that was begun in it, if one was. An empty database is
    /// brought up to date where it may be changed.
    ///
    /// # Errors
    /// [`StoreError::Misplaced`] where it is not up to date; see also [`Postgres::open`].
    pub async fn for_copy(
        url: &str,
        may_change: bool,
    ) -> Result<(Self, Option<String>), StoreError> {
        let link = Link::parse(url)?;
        let (mark, is_up_to_date) = migrate::find_copy(&link).await?;
        match (&mark, is_up_to_date) {
            (_, true) => {}
            (None, false) if may_change => migrate::bring_up(&link).await?,
            (None, false) => {
                return Err(StoreError::Misplaced(format!("{} holds no copy", link.name)));
            }
            (Some(_), false) => {
                return Err(StoreError::Misplaced(format!(
                    "{} holds half of a copy that another version began: begin anew in an empty \
                     database",
                    link.name
                )));
            }
        }
        Ok((Self { db: Server::over(&link, 1, Path::new(""), !may_change), held: None }, mark))
    }

    /// See [`crate::store::Store::still_there`]. Whether another has taken over, as far as was
    /// noticed.
    pub fn still_there(&self) -> Result<(), StoreError> {
        match self.db.is_lost.load(Ordering::Relaxed) {
            true => Err(StoreError::InUse(self.db.name.clone())),
            false => Ok(()),
        }
    }

    /// What a query counts.
    #[cfg(test)]
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.db.readers).await.unwrap()
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.db.readers.close().await;
        self.db.writers.close().await;
    }
}

impl Server {
    /// Where it is, without secrets.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn over(link: &Link, readers: u32, slots: &Path, only_looks: bool) -> Self {
        Self {
            name: link.name.clone(),
            readers: pool(link, readers),
            writers: pool(link, if only_looks { 1 } else { WRITERS }),
            is_prepared: link.is_prepared,
            only_looks,
            is_lost: Arc::default(),
            slots: slots.to_owned(),
        }
    }
}

fn pool(link: &Link, most: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(CONNECTION_WAIT)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                let is_fresh = about.idle_for < TRIED_AFTER;
                Ok(is_fresh || sqlx::Connection::ping(connection).await.is_ok())
            })
        })
        .connect_lazy_with(link.options.clone())
}

/// The folder in which slots note what they have in hand; nobody else may look.
fn make_folder_of(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| {
        StoreError::Misplaced(format!("{}: {}", folder.display(), io_words(&error)))
    })
}

/// What a call answers whose answer does not come.
pub trait Answer {
    /// That it did not come.
    fn late() -> Self;
}

fn late() -> StoreError {
    StoreError::Unavailable("PostgreSQL did not answer in time".to_owned())
}

impl<T> Answer for Result<T, StoreError> {
    fn late() -> Self {
        Err(late())
    }
}

impl<T> Answer for Result<T, CommitError> {
    fn late() -> Self {
        Err(late().into())
    }
}

impl Answer for () {
    fn late() -> Self {}
}

/// The answer to a call of this name, if it comes in time.
pub async fn in_time<T: Answer>(name: &str, call: impl Future<Output = T>) -> T {
    let wait = if name == "recover" { RECOVERY_WAIT } else { ANSWER_WAIT };
    tokio::time::timeout(wait, call).await.unwrap_or_else(|_| T::late())
}
