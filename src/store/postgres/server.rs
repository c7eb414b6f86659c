//! The server, and the connections to it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::postgres::{PgPool, PgPoolOptions};

use super::link::Link;
use super::pulse::Pulse;
use crate::store::error::StoreError;
use crate::store::hold::Hold;
use crate::telemetry::io_words;

/// Connections that write: one for batches, one for each channel that leases, and some for what
/// providers and operators do meanwhile.
const WRITERS: u32 = 8;
/// Connections for signs of life, and for what leaves.
const PULSES: u32 = 2;
/// How long a call waits for a connection.
const CONNECTION_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// A connection that nobody used for so long is tried before it is used.
const TRIED_AFTER: std::time::Duration = std::time::Duration::from_secs(1);

/// The server, and the connections to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is, without secrets.
    pub name: String,
    pub readers: PgPool,
    pub writers: PgPool,
    pub is_prepared: bool,
    pub only_looks: bool,
    /// How long it is certain that nobody else has taken over.
    pub hold: Hold,
    pub slots: PathBuf,
    /// Signs of life, and what leaves: they wait for nobody else.
    pub pulse: Pulse,
    _lock: Option<Arc<File>>,
}

impl Server {
    /// Over a link.
    pub fn over(
        link: &Link,
        readers: u32,
        slots: &Path,
        only_looks: bool,
        lock: Option<File>,
    ) -> Self {
        Self {
            name: link.name.clone(),
            readers: pool(link, readers),
            writers: pool(link, if only_looks { 1 } else { WRITERS }),
            is_prepared: link.is_prepared,
            only_looks,
            hold: Hold::default(),
            slots: slots.to_owned(),
            pulse: Pulse::over(pool(link, PULSES), link.is_prepared),
            _lock: lock.map(Arc::new),
        }
    }

    /// Another has taken over.
    pub fn loses(&self) {
        self.hold.loses();
    }
}

fn pool(link: &Link, most: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(CONNECTION_WAIT)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                let is_fresh = about.idle_for < TRIED_AFTER;
                Ok(is_fresh || sqlx::Connection::ping(connection).await.is_ok())
            })
        })
        .connect_lazy_with(link.options.clone())
}

/// The folder in which slots note what they have in hand; nobody else may look.
pub fn make_folder_of(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| {
        StoreError::Misplaced(format!("{}: {}", folder.display(), io_words(&error)))
    })
}
