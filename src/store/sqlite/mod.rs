//! SQLite: one file, one writer, as many readers as wanted.
//!
//! WAL with `synchronous=FULL`: a commit that returned is on the disk. One connection writes,
//! in `BEGIN IMMEDIATE` transactions (a deferred one that upgrades is refused at once whatever
//! the busy timeout), another folds the log into the file, a small pool reads. Nothing that was
//! overwritten stays in the log for long. A lock on the database itself keeps a second daemon out,
//! by whatever name it comes: leases of another incarnation are taken for orphans, which only
//! holds for one daemon.

mod ask;
mod cache;
mod commit;
mod dialect;
mod fold;
mod lock;
mod pen;
mod query;
mod sizes;
mod space;
mod statements;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use tokio::sync::Mutex;

use super::both::backend::Db;
use super::both::partitions;
use super::error::StoreError;
use super::holder::Holder;
use super::migrate;
use fold::Folder;
use pen::{BUSY_TIMEOUT, Pen, Writer};

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

/// What is free stays, until it is asked for
/// (<https://www.sqlite.org/pragma.html#pragma_auto_vacuum>).
const SHRINKING: SqliteAutoVacuum = SqliteAutoVacuum::Incremental;

/// A SQLite store.
pub type Sqlite = Db<Base>;

/// The file, and the connections to it.
#[derive(Debug, Clone)]
pub struct Base {
    path: PathBuf,
    writer: Arc<Mutex<Pen>>,
    folder: Folder,
    readers: SqlitePool,
    lock: Option<Arc<File>>,
}

impl Sqlite {
    /// Opens the file, creating and migrating it where needed, and takes its partitions over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(path: &Path, readers: u32, holder: &Holder) -> Result<Self, StoreError> {
        let lock = lock::take(path)?;
        Self::take_over(path, readers, holder, Some(lock)).await
    }

    /// Takes the file over from whoever has it open, as no second daemon can.
    #[cfg(test)]
    pub async fn wrest(path: &Path, holder: &Holder) -> Result<Self, StoreError> {
        Self::take_over(path, 1, holder, None).await
    }

    async fn take_over(
        path: &Path,
        readers: u32,
        holder: &Holder,
        lock: Option<File>,
    ) -> Result<Self, StoreError> {
        let options = options(path);
        let writing = options.clone().pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
        // Of a new file what is free can be given back; an older one must be written anew for that.
        // Nobody else says so: it would be a transaction each time.
        let is_new = path.metadata().map_or(true, |about| about.len() == 0);
        let writing = if is_new { writing.auto_vacuum(SHRINKING) } else { writing };
        let mut writer = writing.connect().await?;
        migrate::sqlite()
            .run_direct(None, &mut writer, false)
            .await
            .map_err(|error| StoreError::Refused(format!("migration: {error}")))?;
        // What an earlier run left in the log may be what it was to forget.
        fold::truncate(&mut writer).await?;
        let folding = options.clone().connect().await?;
        let readers = pool(options, readers);
        let folder = Folder::over(Some(folding), readers.clone());
        let writer = Arc::new(Mutex::new(Pen::new(writer)));
        let (path, lock) = (path.to_owned(), lock.map(Arc::new));
        let db = Base { path, writer, folder, readers, lock };
        let held = partitions::take_over(&db, holder).await?;
        Ok(Self { db, held: Some(Arc::new(held)) })
    }

    /// Opens an existing file for reading only, beside a daemon that may have it.
    ///
    /// # Errors
    /// If there is no such file.
    pub async fn inspect(path: &Path) -> Result<Self, StoreError> {
        check_exists(path)?;
        Ok(Self::to_read(path, None))
    }

    /// The same, and keeps daemons out of it for as long as this lives.
    ///
    /// # Errors
    /// If there is no such file, or a daemon has it.
    pub fn inspect_alone(path: &Path) -> Result<Self, StoreError> {
        check_exists(path)?;
        Ok(Self::to_read(path, Some(lock::take(path)?)))
    }

    fn to_read(path: &Path, lock: Option<File>) -> Self {
        let readers = pool(options(path), 1);
        let (path, folder) = (path.to_owned(), Folder::over(None, readers.clone()));
        let db = Base { path, writer: Arc::default(), folder, readers, lock: lock.map(Arc::new) };
        Self { db, held: None }
    }

    #[cfg(test)]
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.db.readers).await.unwrap()
    }

    /// See [`crate::store::Store::still_there`].
    pub fn still_there(&self) -> Result<(), StoreError> {
        self.db.still_there()
    }

    /// Closes every connection; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.db.readers.close().await;
        self.db.folder.close().await;
        if let Some(writer) = self.db.writer.lock().await.connection.take() {
            let _ = sqlx::Connection::close(writer).await;
        }
    }
}

impl Base {
    async fn writer(&self) -> Result<Writer<'_>, StoreError> {
        let pen = self.writer.lock().await;
        self.folder.truncate_soon(&self.writer);
        Writer::taking(pen).await
    }

    fn still_there(&self) -> Result<(), StoreError> {
        self.lock.as_ref().map_or(Ok(()), |locked| lock::still_holds(&self.path, locked))
    }
}

fn check_exists(path: &Path) -> Result<(), StoreError> {
    match path.exists() {
        true => Ok(()),
        false => Err(StoreError::Misplaced(format!("{} does not exist", path.display()))),
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
    use crate::store::both::backend::Writing as _;
    use crate::store::unit::Incarnation;

    async fn open(path: &Path) -> Sqlite {
        Sqlite::open(path, 1, &Holder::new(Incarnation::nil(), 1)).await.unwrap()
    }

    #[tokio::test]
    async fn a_transaction_that_was_left_open_is_rolled_back_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("bellhop.db")).await;
        let mut writer = store.db.writer().await.unwrap();
        writer.begin().await.unwrap();
        let insert = "INSERT INTO tenants (tenant, revision) VALUES ('half', 1)";
        sqlx::query(insert).execute(writer.connection().unwrap()).await.unwrap();
        drop(writer);
        let mut writer = store.db.writer().await.unwrap();
        writer.begin().await.unwrap();
        writer.end(Ok::<(), StoreError>(())).await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tenants");
        assert_eq!(count.fetch_one(&store.db.readers).await.unwrap(), 0);
    }

    /// What `.cargo/config.toml` sets has come to the compiler.
    #[tokio::test]
    async fn sqlite_is_compiled_for_one_thread_a_connection() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("bellhop.db")).await;
        let options = sqlx::query_scalar::<_, String>("PRAGMA compile_options");
        let options = options.fetch_all(&store.db.readers).await.unwrap();
        let is_set = |name: &str| options.iter().any(|option| option == name);
        assert!(is_set("DEFAULT_MEMSTATUS=0") && is_set("SYSTEM_MALLOC"), "{options:?}");
        for unused in ["ENABLE_MEMORY_MANAGEMENT", "ENABLE_API_ARMOR", "ENABLE_FTS5"] {
            assert!(!is_set(unused), "{unused}");
        }
    }
}
