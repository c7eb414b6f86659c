//! Folding the write-ahead log into the file, beside the writer.
//!
//! SQLite does it by itself in the commit that makes the log long, and everything waits. Here
//! another connection does nearly all of it while the writer goes on; what was written meanwhile
//! is little, and the writer folds that after its next commit, so that the log can begin anew
//! (<https://www.sqlite.org/wal.html#ckpt>).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::sqlite::SqliteConnection;
use tokio::sync::Mutex;

use crate::store::error::StoreError;

/// So much is written between two folds, in units and outcomes: some ten thousand pages.
const EVERY: usize = 2000;
/// Each pass leaves what is written while it runs, which is less each time.
const PASSES_MAX: usize = 3;
/// What is left to the writer, in pages.
const REST: i64 = 500;

/// Folds what a transaction of anybody has left.
const FOLD: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Whoever folds.
#[derive(Debug, Clone, Default)]
pub struct Folder(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    connection: Mutex<Option<SqliteConnection>>,
    written: AtomicUsize,
    /// The rest is for the writer.
    rest: AtomicBool,
}

impl Folder {
    pub fn over(connection: SqliteConnection) -> Self {
        let inner = Inner { connection: Mutex::new(Some(connection)), ..Inner::default() };
        Self(Arc::new(inner))
    }

    /// So many units and outcomes were written by this connection, and no transaction is open.
    ///
    /// # Errors
    /// What was written is durable all the same.
    pub async fn wrote(
        &self,
        count: usize,
        writer: &mut SqliteConnection,
    ) -> Result<(), StoreError> {
        if self.0.rest.swap(false, Ordering::Relaxed) {
            sqlx::query(FOLD).execute(writer).await?;
        }
        if self.0.written.fetch_add(count, Ordering::Relaxed) + count >= EVERY {
            self.0.written.store(0, Ordering::Relaxed);
            let folder = self.clone();
            tokio::spawn(async move {
                if let Err(error) = folder.fold().await {
                    tracing::warn!(%error, "the write-ahead log cannot be folded");
                }
            });
        }
        Ok(())
    }

    async fn fold(&self) -> Result<(), StoreError> {
        // One at a time: who comes meanwhile is not needed.
        let Ok(mut guard) = self.0.connection.try_lock() else { return Ok(()) };
        let Some(connection) = guard.as_mut() else { return Ok(()) };
        for _ in 0..PASSES_MAX {
            let (_busy, log, done): (i64, i64, i64) =
                sqlx::query_as(FOLD).fetch_one(&mut *connection).await?;
            if log - done <= REST {
                break;
            }
        }
        self.0.rest.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub async fn close(&self) {
        if let Some(connection) = self.0.connection.lock().await.take() {
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}
