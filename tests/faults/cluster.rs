//! A PostgreSQL server of one test's own, which it may stop and start.

use std::path::PathBuf;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::services::{script, variable};

/// A server, gone on drop.
#[derive(Debug)]
pub struct Cluster {
    /// Of its default database.
    pub url: String,
    dir: TempDir,
}

impl Cluster {
    /// Starts it, in the folder of the services, so that whoever stops those stops this too.
    pub async fn own() -> Self {
        let services = variable("BELLHOP_TEST_SERVICES_DIR");
        let dir = tempfile::Builder::new().prefix("postgres-").tempdir_in(services).unwrap();
        let path = dir.path().to_path_buf();
        spawn_blocking(move || script("postgres-start", &path, &[])).await.unwrap();
        let env = std::fs::read_to_string(dir.path().join("env")).unwrap();
        let url =
            env.lines().find_map(|line| line.strip_prefix("export BELLHOP_TEST_POSTGRES_URL="));
        Self { url: url.expect("DIR/env names the address").to_owned(), dir }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        url::Url::parse(&self.url).unwrap().port().unwrap()
    }

    /// `pg_ctl stop -m immediate`: nothing is written down any more.
    pub async fn crash(&self) {
        self.steer("postgres-crash").await;
    }

    /// Starts it again, on the same port with the same data.
    pub async fn start(&self) {
        self.steer("postgres-start").await;
    }

    /// Ends every other session; how many there were.
    pub async fn terminate_all(&self) -> usize {
        let mut server = PgConnection::connect(&self.url).await.unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let ended = sqlx::query(sql).fetch_all(&mut server).await.unwrap();
        let _ = server.close().await;
        ended.len()
    }

    async fn steer(&self, command: &'static str) {
        let dir: PathBuf = self.dir.path().to_path_buf();
        spawn_blocking(move || script(command, &dir, &[])).await.unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        script("postgres-crash", self.dir.path(), &[]);
    }
}
