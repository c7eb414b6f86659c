//! The one connection that writes, and the right to use it.

use std::time::Duration;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use tokio::sync::MutexGuard;

use super::query::asked;
use crate::store::both::backend::{Writing, read_only};
use crate::store::both::question::Question;
use crate::store::error::StoreError;

/// How long a statement waits for a lock held by another process (an operator's shell).
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write connection.
#[derive(Debug, Default)]
pub struct Pen {
    pub connection: Option<SqliteConnection>,
    /// Whoever had it last was dropped or failed half way: a transaction may be open, or done.
    interrupted: bool,
}

impl Pen {
    /// Over a connection that nobody had yet.
    pub fn new(connection: SqliteConnection) -> Self {
        Self { connection: Some(connection), interrupted: false }
    }
}

/// The right to write, held until dropped.
pub struct Writer<'a>(MutexGuard<'a, Pen>);

impl<'a> Writer<'a> {
    /// Takes the pen. What was left open is rolled back.
    pub async fn taking(mut pen: MutexGuard<'a, Pen>) -> Result<Self, StoreError> {
        let interrupted = std::mem::replace(&mut pen.interrupted, true);
        let mut writer = Writer(pen);
        if interrupted {
            let connection = writer.connection()?;
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        }
        Ok(writer)
    }

    pub fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.0.connection.as_mut().ok_or_else(read_only)
    }

    /// No transaction is open.
    pub fn finished(mut self) {
        self.0.interrupted = false;
    }

    /// What was written in the transaction never was.
    pub async fn roll_back(&mut self) {
        if let Ok(connection) = self.connection() {
            let _ = sqlx::query("ROLLBACK").execute(connection).await;
        }
    }

    pub async fn begin(&mut self) -> Result<(), StoreError> {
        sqlx::query("BEGIN IMMEDIATE").execute(self.connection()?).await?;
        Ok(())
    }
}

impl Writing for Writer<'_> {
    type Row = SqliteRow;

    async fn rows(&mut self, question: Question) -> Result<Vec<SqliteRow>, StoreError> {
        Ok(asked(question)?.fetch_all(self.connection()?).await?)
    }

    async fn run(&mut self, question: Question) -> Result<u64, StoreError> {
        let done = asked(question)?.execute(self.connection()?).await?;
        Ok(done.rows_affected())
    }

    async fn end<T: Send>(mut self, written: Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection()?;
        if written.is_ok()
            && let Err(error) = sqlx::query("COMMIT").execute(&mut *connection).await
        {
            // A COMMIT that failed may leave the transaction open.
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
            return Err(error.into());
        }
        if written.is_err() {
            self.roll_back().await;
        }
        self.finished();
        written
    }
}
