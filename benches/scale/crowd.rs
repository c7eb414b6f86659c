//! Many salons like one.

use std::path::Path;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

use super::broker::command;
use super::daemon::Daemon;
use super::people::{books, registers, take};

/// Of each salon.
pub const BOOKINGS: usize = 10;
/// Tables whose rows are a salon's, and what is in place of a column that points elsewhere.
const COPIED: [(&str, &[(&str, &str)]); 4] =
    [("tenants", &[("last_told", "NULL")]), ("records", &[]), ("timers", &[]), ("inbox", &[])];

/// A store with many salons.
pub struct Crowd {
    folder: TempDir,
}

/// One salon with its bookings; their mails have left.
pub async fn sow(daemon: &Daemon) {
    let settings = json!({
        "name": "Salone Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic",
    });
    let opens = command(0, "open", "tenant.configure", &settings);
    take(daemon.base(), std::iter::once(opens)).await;
    take(daemon.base(), (0..BOOKINGS).map(|client| registers(0, client))).await;
    take(daemon.base(), (0..BOOKINGS).map(|client| books(0, client, "sown"))).await;
    daemon.wait_sent(BOOKINGS).await;
}

/// Takes so many salons into memory.
pub async fn wake(daemon: &Daemon, salons: usize) {
    let looks = (0..salons).map(|salon| {
        let data = json!({ "client": "c0", "name": "Ada" });
        command(salon, "wakes", "client.update", &data)
    });
    take(daemon.base(), looks).await;
}

impl Crowd {
    /// Copies the salon of another store so many times.
    pub async fn grow(seed: &Path, salons: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(seed.join("bellhop.db"), folder.path().join("bellhop.db")).unwrap();
        let crowd = Self { folder };
        let mut store = crowd.open().await;
        let numbers = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})",
            salons - 1
        );
        let mut transaction = store.begin().await.unwrap();
        for (table, other) in COPIED {
            let names = columns(&mut transaction, table).await;
            let values: Vec<&str> = names.iter().map(|name| value(name, other)).collect();
            let sql = format!(
                "{numbers} INSERT INTO {table} ({}) SELECT {} FROM {table}, n \
                 WHERE tenant = 'tenant-0' ORDER BY 'tenant-' || i",
                names.join(", "),
                values.join(", "),
            );
            transaction.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        let names = columns(&mut transaction, "messages").await;
        let waits = waiting();
        let values: Vec<&str> = names.iter().map(|name| value(name, &waits)).collect();
        let sql = format!(
            "{numbers} INSERT INTO messages ({}) SELECT {} FROM \
             (SELECT * FROM messages WHERE tenant = 'tenant-0' LIMIT 1), n",
            names.join(", "),
            values.join(", "),
        );
        transaction.execute(AssertSqlSafe(sql)).await.unwrap();
        transaction.commit().await.unwrap();
        store.close().await.unwrap();
        crowd
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn bytes(&self) -> u64 {
        std::fs::metadata(self.folder.path().join("bellhop.db")).unwrap().len()
    }

    /// A message that has waited is due now.
    pub async fn makes_one_due(&self) {
        let mut store = self.open().await;
        let due = "UPDATE messages SET due_ms = 0 WHERE message = \
                   (SELECT min(message) FROM messages WHERE status = 'ready')";
        assert_eq!(store.execute(due).await.unwrap().rows_affected(), 1);
        store.close().await.unwrap();
    }

    async fn open(&self) -> SqliteConnection {
        let path = self.folder.path().join("bellhop.db");
        let options = SqliteConnectOptions::new().filename(path);
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

async fn columns(store: &mut SqliteConnection, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(store).await.unwrap()
}

fn value<'a>(name: &'a str, other: &[(&str, &'a str)]) -> &'a str {
    let stands = other.iter().find(|(of, _)| *of == name).map(|(_, stands)| *stands);
    stands.unwrap_or(if name == "tenant" { "'tenant-' || i" } else { name })
}

/// A message of each salon that nobody has tried to send.
fn waiting() -> Vec<(&'static str, &'static str)> {
    const ID: &str = "printf('01a00000-%04x-7000-8000-%012x', i / 65536, i)";
    // In the year 2200.
    const DUE: &str = "7258118400000";
    vec![
        ("message", ID),
        ("status", "'ready'"),
        ("due_ms", DUE),
        ("deadline_ms", "NULL"),
        ("attempts", "0"),
        ("provider", "NULL"),
        ("reply", "NULL"),
        ("settled_ms", "NULL"),
        ("sent_to", "NULL"),
        ("told_from", "NULL"),
        ("told_to", "NULL"),
    ]
}
