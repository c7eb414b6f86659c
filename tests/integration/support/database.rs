//! A PostgreSQL database of one test's own, on the server that `tests/run` started.

use sqlx::{AssertSqlSafe, Connection, Executor, FromRow, PgConnection, postgres::PgRow};

use super::services::postgres_url;

/// A database, which is gone with this.
#[derive(Debug)]
pub struct Database {
    /// As the daemon's configuration names it.
    pub url: String,
    name: String,
}

impl Database {
    /// An empty one.
    pub async fn create() -> Self {
        let name = format!("bellhop_{}", uuid::Uuid::now_v7().simple());
        let mut server = PgConnection::connect(&postgres_url()).await.unwrap();
        server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        server.close().await.unwrap();
        let mut url = url::Url::parse(&postgres_url()).unwrap();
        url.set_path(&name);
        Self { url: url.into(), name }
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// What a query finds, while a daemon may be writing.
    pub async fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }
}

/// In a thread of its own: a test's runtime may be at its end.
impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let mut server = PgConnection::connect(&postgres_url()).await.unwrap();
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                server.execute(AssertSqlSafe(drop)).await.unwrap();
            });
        });
        // A test that fails fails by itself.
        let _ = gone.join();
    }
}
