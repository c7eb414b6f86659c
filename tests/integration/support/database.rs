//! A PostgreSQL database of one test's own, on the server that `tests/run` started, or another.

use sqlx::{AssertSqlSafe, Connection, Executor, FromRow, PgConnection, postgres::PgRow};

use super::services::postgres_url;

/// A database, which is gone with this.
#[derive(Debug)]
pub struct Database {
    /// As the daemon's configuration names it.
    pub url: String,
    /// As the test reaches it.
    own_url: String,
    /// The server's default database.
    server: String,
    name: String,
}

impl Database {
    /// An empty one.
    pub async fn create() -> Self {
        Self::on(&postgres_url()).await
    }

    /// An empty one on the server with this default database.
    pub async fn on(server: &str) -> Self {
        let name = format!("bellhop_{}", uuid::Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let mut url = url::Url::parse(server).unwrap();
        url.set_path(&name);
        let own_url = String::from(url);
        Self { url: own_url.clone(), own_url, server: server.to_owned(), name }
    }

    /// The same, which the daemon reaches at another host and port, with this behind the `?`.
    #[must_use]
    pub fn reached(mut self, host: &str, port: u16, query: &str) -> Self {
        let mut url = url::Url::parse(&self.own_url).unwrap();
        url.set_host(Some(host)).unwrap();
        url.set_port(Some(port)).unwrap();
        url.set_query(Some(query));
        self.url = url.into();
        self
    }

    /// The port of its server.
    pub fn port(&self) -> u16 {
        url::Url::parse(&self.own_url).unwrap().port().unwrap()
    }

    /// A connection past whatever is in between.
    pub async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.own_url).await.unwrap()
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
        let mut connection = self.connection().await;
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }
}

/// In a thread of its own: a test's runtime may be at its end.
impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let mut server = PgConnection::connect(&server).await.unwrap();
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                server.execute(AssertSqlSafe(drop)).await.unwrap();
            });
        });
        // A test that fails fails by itself.
        let _ = gone.join();
    }
}
