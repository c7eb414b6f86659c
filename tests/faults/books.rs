//! The daemon's store, as one who only looks.

use std::path::PathBuf;

use sqlx::{
    Connection, FromRow, PgConnection, SqliteConnection,
    postgres::PgRow,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

/// Where the store is.
#[derive(Debug, Clone)]
pub enum Books {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Books {
    /// What a query finds, while a daemon may be writing; an error while the database is away.
    pub async fn ask<T>(&self, sql: &'static str) -> sqlx::Result<Vec<T>>
    where
        T: for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        match self {
            Books::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let mut store = SqliteConnection::connect_with(&options).await?;
                let rows = sqlx::query_as(sql).fetch_all(&mut store).await?;
                store.close().await?;
                Ok(rows)
            }
            Books::Postgres(url) => {
                let mut store = PgConnection::connect(url).await?;
                let rows = sqlx::query_as(sql).fetch_all(&mut store).await?;
                store.close().await?;
                Ok(rows)
            }
        }
    }

    /// [`Books::ask`] where it must be there.
    pub async fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        self.ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// How many events were said, if the store answers: rises with every commit that says anything.
    pub async fn said(&self) -> Option<i64> {
        let sql = "SELECT CAST(coalesce(sum(last_seq), 0) AS bigint) FROM partitions";
        let found: Vec<(i64,)> = self.ask(sql).await.ok()?;
        found.first().map(|(said,)| *said)
    }

    /// Which instance works, if the store answers and one does.
    pub async fn active(&self) -> Option<String> {
        let sql = "SELECT i.name FROM instances AS i, partitions AS p \
             WHERE p.part = 0 AND p.owner = CAST(i.run AS text)";
        let found: Vec<(String,)> = self.ask(sql).await.ok()?;
        found.into_iter().next().map(|(name,)| name)
    }
}
