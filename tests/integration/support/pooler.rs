//! A PgBouncer of the test's own, in transaction mode: after each transaction a client has
//! another session.

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{
    database::Database,
    ports::free_port,
    services::{script, variable},
};

/// See the module. Stopped on drop.
#[derive(Debug)]
pub struct Pooler {
    dir: TempDir,
}

impl Pooler {
    /// In front of a database, over so many sessions at most; and the database as it is reached
    /// through it.
    pub async fn before(database: Database, sessions: u32) -> (Self, Database) {
        // Below the folder of the services, so that whoever stops those stops this too.
        let services = variable("BELLHOP_TEST_SERVICES_DIR");
        let dir = tempfile::Builder::new().prefix("pooler-").tempdir_in(services).unwrap();
        let port = free_port();
        std::fs::create_dir(dir.path().join("pooler")).unwrap();
        let settings = settings(database.port(), port, sessions);
        std::fs::write(dir.path().join("pooler/pgbouncer.ini"), settings).unwrap();
        let path = dir.path().to_owned();
        spawn_blocking(move || script("pooler-start", &path, &[])).await.unwrap();
        (Self { dir }, database.reached("127.0.0.1", port, "pgbouncer=true"))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.dir.path().join("pooler/server.out"));
        log.unwrap_or_default()
    }
}

/// As Debian's file, as far as that is of this site: nothing is put into
/// `ignore_startup_parameters`.
fn settings(server: u16, port: u16, sessions: u32) -> String {
    format!(
        "[databases]\n\
         * = host=127.0.0.1 port={server} user=bellhop\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = any\n\
         pool_mode = transaction\n\
         default_pool_size = {sessions}\n\
         max_db_connections = {sessions}\n"
    )
}

impl Drop for Pooler {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("---- pgbouncer log ----\n{}", self.log());
        }
        script("pooler-stop", self.dir.path(), &[]);
    }
}
