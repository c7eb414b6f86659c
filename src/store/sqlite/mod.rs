//! SQLite: one file, one writer, as many readers as wanted.
//!
//! WAL with `synchronous=FULL`: a commit that returned is on the disk. One connection writes,
//! in `BEGIN IMMEDIATE` transactions (a deferred one that upgrades is refused at once whatever
//! the busy timeout), another folds the log into the file, a small pool reads. Nothing that was
//! overwritten stays in the log for long. A lock on the database itself keeps a second daemon out,
//! by whatever name it comes: leases of another incarnation are taken for orphans, which only
//! holds for one daemon.

mod backlog;
mod cache;
mod claim;
mod commit;
mod correspondents;
mod enclose;
mod events;
mod fold;
mod load;
mod lock;
mod recover;
mod rows;
mod shift;
mod timers;
mod uptime;
mod views;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use tokio::sync::{Mutex, MutexGuard};

use super::error::StoreError;
use super::migrate;
use fold::Folder;

/// How long a statement waits for a lock held by another process (an operator's shell).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of 4 KiB in the write-ahead log at which a commit folds it itself: only if nobody else
/// has come to it.
const WAL_PAGES: u32 = 64_000;
/// Memory for pages, per connection that reads.
const CACHE_KIB: u32 = 16 * 1024;
/// Memory for pages of the one that writes: enough for what all tenants touch between two folds
/// of the log.
const WRITER_CACHE_KIB: u32 = 64 * 1024;
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 64;
/// Rows on their way from SQLite's thread: a page, so that it need not wait to be read.
const ROWS_BUFFERED: usize = 1024;

/// A SQLite store.
#[derive(Debug, Clone)]
pub struct Sqlite {
    path: PathBuf,
    writer: Arc<Mutex<Pen>>,
    folder: Folder,
    readers: SqlitePool,
    lock: Option<Arc<File>>,
}

impl Sqlite {
    /// Opens the file, creating and migrating it where needed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(path: &Path, readers: u32) -> Result<Self, StoreError> {
        let lock = lock::take(path)?;
        let options = options(path);
        let mut writer =
            options.clone().pragma("cache_size", format!("-{WRITER_CACHE_KIB}")).connect().await?;
        migrate::sqlite()
            .run_direct(None, &mut writer, false)
            .await
            .map_err(|error| StoreError::Refused(format!("migration: {error}")))?;
        // What an earlier run left in the log may be what it was to forget.
        fold::truncate(&mut writer).await?;
        let last_seq = events::last_seq(&mut writer).await?;
        let folding = options.clone().connect().await?;
        let readers = pool(options, readers);
        let folder = Folder::over(Some(folding), readers.clone());
        let pen = Pen { connection: Some(writer), interrupted: false, last_seq };
        let writer = Arc::new(Mutex::new(pen));
        let (path, lock) = (path.to_owned(), Some(Arc::new(lock)));
        Ok(Self { path, writer, folder, readers, lock })
    }

    /// Opens an existing file for reading only, beside a daemon that may have it.
    ///
    /// # Errors
    /// If there is no such file.
    pub async fn inspect(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Misplaced(format!("{} does not exist", path.display())));
        }
        let readers = pool(options(path), 1);
        let (path, folder) = (path.to_owned(), Folder::over(None, readers.clone()));
        Ok(Self { path, writer: Arc::default(), folder, readers, lock: None })
    }

    async fn writer(&self) -> Result<Writer<'_>, StoreError> {
        let mut guard = self.writer.lock().await;
        self.folder.truncate_soon(&self.writer);
        let interrupted = std::mem::replace(&mut guard.interrupted, true);
        let mut writer = Writer(guard);
        if interrupted {
            let connection = writer.connection()?;
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
            // Whoever had it may have got as far as the commit.
            writer.0.last_seq = events::last_seq(connection).await?;
        }
        Ok(writer)
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// What a query counts.
    #[cfg(test)]
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.readers).await.unwrap()
    }

    /// See [`crate::store::Store::still_there`].
    pub fn still_there(&self) -> Result<(), StoreError> {
        self.lock.as_ref().map_or(Ok(()), |locked| lock::still_holds(&self.path, locked))
    }

    /// Closes every connection; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.folder.close().await;
        if let Some(writer) = self.writer.lock().await.connection.take() {
            let _ = sqlx::Connection::close(writer).await;
        }
    }
}

/// The write connection.
#[derive(Debug, Default)]
struct Pen {
    connection: Option<SqliteConnection>,
    /// Whoever had it last was dropped or failed half way: a transaction may be open, or done.
    interrupted: bool,
    /// The place of the last event: nobody else writes any.
    last_seq: i64,
}

/// The right to write, held until dropped.
struct Writer<'a>(MutexGuard<'a, Pen>);

impl Writer<'_> {
    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = self.0.connection.as_mut();
        connection
            .ok_or_else(|| StoreError::Unavailable("the store is closed or read-only".to_owned()))
    }

    fn last_seq(&self) -> i64 {
        self.0.last_seq
    }

    fn wrote_events(&mut self, count: usize) {
        self.0.last_seq += i64::try_from(count).unwrap_or(i64::MAX);
    }

    /// No transaction is open.
    fn finished(mut self) {
        self.0.interrupted = false;
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        sqlx::query("BEGIN IMMEDIATE").execute(self.connection()?).await?;
        Ok(())
    }

    /// Commits what succeeded and rolls back what did not.
    async fn end<T, E>(mut self, written: Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError> + From<sqlx::Error>,
    {
        let connection = self.connection()?;
        if written.is_ok()
            && let Err(error) = sqlx::query("COMMIT").execute(&mut *connection).await
        {
            // A COMMIT that failed may leave the transaction open.
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
            return Err(error.into());
        }
        if written.is_err() {
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        }
        self.finished();
        written
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("wal_autocheckpoint", WAL_PAGES.to_string())
        .pragma("cache_size", format!("-{CACHE_KIB}"))
        // A statement over many rows journals the pages it touches; not in a file.
        .pragma("temp_store", "MEMORY")
        // What is forgotten is overwritten, not merely unlinked.
        .pragma("secure_delete", "ON")
        .statement_cache_capacity(STATEMENTS_MAX)
        .row_buffer_size(ROWS_BUFFERED)
        .disable_statement_logging()
}

fn pool(options: SqliteConnectOptions, readers: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(readers)
        .connect_lazy_with(options.pragma("query_only", "ON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_was_left_open_is_rolled_back_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("bellhop.db"), 1).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        writer.begin().await.unwrap();
        let insert = "INSERT INTO tenants VALUES ('half', 1)";
        sqlx::query(insert).execute(writer.connection().unwrap()).await.unwrap();
        drop(writer);
        let mut writer = store.writer().await.unwrap();
        writer.begin().await.unwrap();
        writer.end(Ok::<(), StoreError>(())).await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tenants");
        assert_eq!(count.fetch_one(&store.readers).await.unwrap(), 0);
    }
}
