//! A PostgreSQL server of the test's own, which it may stop and start.

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::services::{script, variable};

/// See the module. Stopped on drop.
#[derive(Debug)]
pub struct PostgresServer {
    dir: TempDir,
}

impl PostgresServer {
    /// Speaks in the clear.
    pub async fn start() -> Self {
        Self::started(Vec::new()).await
    }

    /// Also speaks TLS, with a certificate and its key (PEM files).
    pub async fn with_certificate(certificate: &str, key: &str) -> Self {
        Self::started(vec![certificate.to_owned(), key.to_owned()]).await
    }

    async fn started(args: Vec<String>) -> Self {
        // Below the folder of the services, so that whoever stops those stops this too.
        let services = variable("BELLHOP_TEST_SERVICES_DIR");
        let dir = tempfile::Builder::new().prefix("postgres-").tempdir_in(services).unwrap();
        let path = dir.path().to_owned();
        spawn_blocking(move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            script("postgres-start", &path, &args)
        })
        .await
        .unwrap();
        Self { dir }
    }

    /// Its default database.
    pub fn url(&self) -> String {
        let port = std::fs::read_to_string(self.dir.path().join("postgres/port")).unwrap();
        format!("postgres://bellhop@127.0.0.1:{}/postgres", port.trim())
    }

    /// A fast stop: sessions are ended. Data and port stay.
    pub async fn stop(&self) {
        self.steer("postgres-stop").await;
    }

    /// Starts it again.
    pub async fn start_again(&self) {
        self.steer("postgres-start").await;
    }

    async fn steer(&self, command: &'static str) {
        let path = self.dir.path().to_owned();
        spawn_blocking(move || script(command, &path, &[])).await.unwrap();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        script("postgres-stop", self.dir.path(), &[]);
    }
}
