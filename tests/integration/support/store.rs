//! The daemon's SQLite file, as one who only looks.

use std::path::Path;

use sqlx::{
    Connection, FromRow, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

/// What a query finds, while a daemon may be writing.
pub async fn rows<T>(path: &Path, sql: &'static str) -> Vec<T>
where
    T: for<'row> FromRow<'row, SqliteRow> + Send + Unpin,
{
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut store = SqliteConnection::connect_with(&options).await.unwrap();
    let rows = sqlx::query_as(sql).fetch_all(&mut store).await.unwrap();
    store.close().await.unwrap();
    rows
}

/// The one number that a query finds.
pub async fn number(path: &Path, sql: &'static str) -> i64 {
    let found: Vec<(i64,)> = rows(path, sql).await;
    assert_eq!(found.len(), 1, "{sql}");
    found[0].0
}
