//! A PostgreSQL database for one test, a copy of one that is made once for each schema.
//!
//! The server is the one of `tests/run`. Tests that need it are ignored where nobody asks for them
//! (`cargo test -- --include-ignored`), and fail where they are asked for and there is none. With a
//! pooler of all its databases in the environment, stores are opened through that.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use uuid::Uuid;

use crate::store::{Store, migrate};

const SERVER: &str = "BELLHOP_TEST_POSTGRES_URL";
/// A port of 127.0.0.1 with a PgBouncer in transaction mode before the server.
const POOLER: &str = "BELLHOP_TEST_PGBOUNCER_PORT";
/// Names the lock of whoever makes the first copy.
const LOCK: i64 = 0x7465_6d70_6c61_7465;

/// A database, which is gone with this.
pub(super) struct Database {
    /// As a store is opened.
    pub(super) url: String,
    name: String,
}

fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run this with tests/run, or `tests/services start DIR`")
    })
}

/// The same server, another database.
fn url_of(database: &str) -> String {
    let mut url = url::Url::parse(&server()).unwrap();
    url.set_path(database);
    url.into()
}

/// The same through the pooler, if there is one.
fn pooled(url: &str) -> String {
    let Ok(port) = std::env::var(POOLER) else { return url.to_owned() };
    let mut url = url::Url::parse(url).unwrap();
    url.set_port(port.parse().ok()).unwrap();
    url.query_pairs_mut().append_pair("pgbouncer", "true");
    url.into()
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.disable_statement_logging().connect().await.unwrap()
}

/// What all migrations come to, as a name.
fn template() -> String {
    let mut hasher = DefaultHasher::new();
    migrate::postgres().iter().for_each(|migration| migration.checksum.hash(&mut hasher));
    format!("bellhop_{:016x}", hasher.finish())
}

impl Database {
    /// An empty store, migrated.
    pub(super) async fn new() -> Self {
        let mut server = connect(&server()).await;
        let template = template();
        server.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({LOCK})"))).await.unwrap();
        let there = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(&template);
        if there.fetch_optional(&mut server).await.unwrap().is_none() {
            let half = format!("{template}_{}", std::process::id());
            server.execute(AssertSqlSafe(format!("CREATE DATABASE {half}"))).await.unwrap();
            Store::migrate_postgres(&url_of(&half)).await.unwrap();
            let whole = format!("ALTER DATABASE {half} RENAME TO {template}");
            server.execute(AssertSqlSafe(whole)).await.unwrap();
        }
        server.execute(AssertSqlSafe(format!("SELECT pg_advisory_unlock({LOCK})"))).await.unwrap();
        let name = format!("bellhop_{}", Uuid::now_v7().simple());
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        server.execute(AssertSqlSafe(copy)).await.unwrap();
        server.close().await.unwrap();
        Self { url: pooled(&url_of(&name)), name }
    }

    /// An empty database.
    pub(super) async fn bare() -> Self {
        let mut server = connect(&server()).await;
        let name = format!("bellhop_{}", Uuid::now_v7().simple());
        server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        server.close().await.unwrap();
        Self { url: pooled(&url_of(&name)), name }
    }

    /// A connection of the test's own.
    pub(super) async fn connection(&self) -> PgConnection {
        connect(&url_of(&self.name)).await
    }

    /// Does something behind the store's back; with how many rows.
    pub(super) async fn execute(&self, sql: &str) -> u64 {
        let mut connection = self.connection().await;
        // A column of JSON holds no half of one.
        let sql = sql.replace("body = '{'", "body = '{}'");
        let done = connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }

    /// The tables that have this text somewhere in a column.
    pub(super) async fn tables_with(&self, text: &str) -> Vec<String> {
        let mut connection = self.connection().await;
        let tables = "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
        let tables = connection.fetch_all(tables).await.unwrap();
        assert!(tables.len() > 20, "{} tables", tables.len());
        let mut found = Vec::new();
        for row in &tables {
            let table: String = row.get(0);
            let sql = format!("SELECT count(*) FROM {table} AS t WHERE strpos(t::text, $1) > 0");
            let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(text);
            if count.fetch_one(&mut connection).await.unwrap() > 0 {
                found.push(table);
            }
        }
        connection.close().await.unwrap();
        found
    }
}

/// In a thread of its own: a test's runtime may be at its end.
impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (server(), self.name.clone());
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let mut server = connect(&server).await;
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                server.execute(AssertSqlSafe(drop)).await.unwrap();
            });
        });
        // A test that fails fails by itself.
        let _ = gone.join();
    }
}
