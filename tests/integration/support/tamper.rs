//! A hand in the daemon's SQLite file, for what does not happen by itself.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Runs a statement, beside a daemon or without one; returns how many rows it changed.
pub async fn execute(store: &Path, sql: &str) -> u64 {
    let options = SqliteConnectOptions::new().filename(store);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    done.rows_affected()
}

/// Makes every waiting message due now, instead of when its pause ends.
pub async fn end_pauses(store: &Path) -> u64 {
    execute(store, "UPDATE messages SET due_ms = 0 WHERE status = 'ready'").await
}
