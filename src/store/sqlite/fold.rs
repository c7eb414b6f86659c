//! Folding the write-ahead log into the file, beside the writer.
//!
//! SQLite does it by itself in the commit that makes the log long, and everything waits. Here
//! another connection does nearly all of it while the writer goes on; what was written meanwhile
//! is little, and is folded between two commits, so that the log can begin anew
//! (<https://www.sqlite.org/wal.html#ckpt>). Nobody's answer waits for that.
//!
//! A log that begins anew still holds what it held, until it is written over. So whatever is
//! written, the log is emptied soon after: an erased person and a spent link are not to be found
//! in it because the daemon happens to be quiet. If it is, the memory that SQLite took goes too.
//! Where much is written the log is written over anyhow, and to cut off a long one takes a tenth of
//! a second in which nobody else writes: there it is done once a minute.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::cache;
use super::pen::{BUSY_TIMEOUT, Pen};
use crate::clock;
use crate::store::error::StoreError;
use crate::telemetry::spell::Told;

/// So much is written between two folds, by weight: some ten thousand pages.
const EVERY: usize = 20_000;
/// Each pass leaves what is written while it runs, which is less each time.
const PASSES_MAX: usize = 3;
/// What may be left to be folded while nobody writes, in pages.
const REST: i64 = 500;

/// Where less is written between two times that the log is emptied, little happens; by weight.
const QUIET: usize = 1_000;

/// How long what was forgotten may still stand in the log, while nobody reads from it.
const TRUNCATE_AFTER: Duration =
    if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(10) };
/// Where more than that was written meanwhile, by weight, the log is written over…
const BUSY: usize = EVERY;
/// …and what is behind is cut off after so long at the latest.
const TRUNCATE_AT_LATEST: Duration = Duration::from_secs(60);
/// The pause before the next try where somebody still reads from the log.
const TRUNCATE_AGAIN: Duration = Duration::from_secs(1);

/// Folds what a transaction of anybody has left.
const FOLD: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Empties the log, or says that it is busy.
const TRUNCATE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// Whoever folds.
#[derive(Debug, Clone)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Mutex<Option<SqliteConnection>>,
    written: AtomicUsize,
    /// What was written since the log was last emptied, by weight.
    lately: AtomicUsize,
    readers: SqlitePool,
    /// The log is to be emptied, and somebody will.
    truncating: AtomicBool,
    trouble: Told,
}

impl Folder {
    /// Folds over this connection, beside these readers; without one, nothing.
    pub fn over(connection: Option<SqliteConnection>, readers: SqlitePool) -> Self {
        Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            written: AtomicUsize::new(0),
            lately: AtomicUsize::new(0),
            readers,
            truncating: AtomicBool::new(false),
            trouble: Told::new(
                "the write-ahead log cannot be folded into the store",
                "the write-ahead log is folded into the store again",
            ),
        }))
    }

    fn judge(&self, folded: Result<(), StoreError>) {
        match folded {
            Ok(()) => self.0.trouble.worked(clock::instant()),
            Err(error) => self.0.trouble.failed(clock::instant(), &error),
        }
    }

    /// So much was written, by weight.
    pub fn wrote(&self, weight: usize, pen: &Arc<Mutex<Pen>>) {
        self.0.lately.fetch_add(weight, Ordering::Relaxed);
        if self.0.written.fetch_add(weight, Ordering::Relaxed) + weight >= EVERY {
            self.0.written.store(0, Ordering::Relaxed);
            let (folder, pen) = (self.clone(), Arc::downgrade(pen));
            tokio::spawn(async move { folder.judge(folder.fold_all(pen).await) });
        }
    }

    async fn fold_all(&self, pen: Weak<Mutex<Pen>>) -> Result<(), StoreError> {
        self.fold().await?;
        let Some(pen) = pen.upgrade() else { return Ok(()) };
        if let Some(connection) = pen.lock().await.connection.as_mut() {
            sqlx::query(FOLD).execute(connection).await?;
        }
        Ok(())
    }

    /// Folds most of it, while others write.
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
        Ok(())
    }

    /// Sees to it that the log is emptied soon: something is about to be written.
    pub fn truncate_soon(&self, pen: &Arc<Mutex<Pen>>) {
        if !self.0.truncating.swap(true, Ordering::Relaxed) {
            tokio::spawn(self.clone().truncate(Arc::downgrade(pen)));
        }
    }

    async fn truncate(self, pen: Weak<Mutex<Pen>>) {
        let (mut pause, began) = (TRUNCATE_AFTER, clock::instant());
        loop {
            tokio::time::sleep(pause).await;
            if pen.strong_count() == 0 {
                return;
            }
            if is_written_over(self.0.lately.load(Ordering::Relaxed), clock::since(began)) {
                self.0.lately.store(0, Ordering::Relaxed);
                pause = TRUNCATE_AFTER;
                continue;
            }
            // Most of it beside the writer, so that nobody who writes has to wait for it.
            if let Err(error) = self.fold().await {
                self.judge(Err(error));
            }
            // Closed in the meantime: SQLite has emptied it.
            let Some(pen) = pen.upgrade() else { return };
            let mut pen = pen.lock().await;
            let Some(connection) = pen.connection.as_mut() else { return };
            // What is written from now on is for the next.
            self.0.truncating.store(false, Ordering::Relaxed);
            match truncate(connection).await {
                Ok(true) => {
                    self.judge(Ok(()));
                    if self.0.lately.swap(0, Ordering::Relaxed) < QUIET {
                        cache::shrink(connection, &self.0.readers).await;
                    }
                    return;
                }
                Ok(false) => pause = TRUNCATE_AGAIN,
                Err(error) => {
                    self.judge(Err(error));
                    pause = TRUNCATE_AFTER;
                }
            }
            if self.0.truncating.swap(true, Ordering::Relaxed) {
                return;
            }
        }
    }

    pub async fn close(&self) {
        if let Some(connection) = self.0.connection.lock().await.take() {
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}

/// Whether the log need not be emptied yet, where so much was written in the last pause, of all
/// that it waited.
fn is_written_over(lately: usize, waited: Duration) -> bool {
    lately >= BUSY && waited < TRUNCATE_AT_LATEST
}

/// Empties the log; says no if somebody reads from it, at once: whoever writes is not to wait for
/// a reader.
///
/// # Errors
/// The log stays as it is.
pub async fn truncate(writer: &mut SqliteConnection) -> Result<bool, StoreError> {
    wait_for_locks(writer, Duration::ZERO).await?;
    let emptied = sqlx::query_as(TRUNCATE).fetch_one(&mut *writer).await;
    wait_for_locks(writer, BUSY_TIMEOUT).await?;
    let (busy, _log, _done): (i64, i64, i64) = emptied?;
    Ok(busy == 0)
}

async fn wait_for_locks(writer: &mut SqliteConnection, most: Duration) -> Result<(), StoreError> {
    let pragma = format!("PRAGMA busy_timeout = {}", most.as_millis());
    sqlx::query(sqlx::AssertSqlSafe(pragma)).execute(writer).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_written_over_is_cut_off_once_a_minute() {
        for (lately, waited, expected) in [
            (0, 10, false),
            (BUSY - 1, 10, false),
            (BUSY, 10, true),
            (BUSY, 59, true),
            (BUSY, 60, false),
            (BUSY - 1, 60, false),
        ] {
            let waited = Duration::from_secs(waited);
            assert_eq!(is_written_over(lately, waited), expected, "{lately} in {waited:?}");
        }
    }
}
