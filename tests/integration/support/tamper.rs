//! A hand in the daemon's SQLite file, for what does not happen by itself.

use std::{path::Path, time::Duration};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Runs a statement, beside a daemon or without one; returns how many rows it changed.
pub async fn execute(store: &Path, sql: &str) -> u64 {
    let options = SqliteConnectOptions::new().filename(store);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    done.rows_affected()
}

/// Whether somebody has been writing for as long as this, without an end.
pub async fn is_written(store: &Path, patience: Duration) -> bool {
    let options = SqliteConnectOptions::new().filename(store).busy_timeout(patience);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let began = sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await;
    // Whoever began has written nothing.
    connection.close().await.unwrap();
    let locked = |error: &sqlx::Error| error.to_string().contains("database is locked");
    began.is_err_and(|error| locked(&error) || panic!("{error}"))
}

/// Makes every waiting message due now, instead of when its pause ends.
pub async fn end_pauses(store: &Path) -> u64 {
    execute(store, "UPDATE messages SET due_ms = 0 WHERE status = 'ready'").await
}
