//! A daemon that would work on a database, and waits as long as another does.
//!
//! ```text
//!  stands ──▶ tries ── a living daemon has it ──▶ stands by, and tries again
//!               │ nobody has, or it was silent for 5 s, or it was this one before
//!               ▼
//!             has it ── signs of life every second ── taken over by another ──▶ ends
//! ```

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use sqlx::Row as _;

use super::dialect::RIVAL;
use super::link::Link;
use super::migrate;
use super::server::{Server, make_folder_of};
use crate::clock;
use crate::store::both::backend::Db;
use crate::store::both::partitions;
use crate::store::error::StoreError;
use crate::store::holder::Holder;
use crate::store::instance::{Instance, InstanceView};
use crate::store::record::instant;
use crate::store::unit::Incarnation;
use crate::telemetry::io_words;

/// Whoever gave no sign for so long is not remembered.
const FORGOTTEN: &str =
    "DELETE FROM instances WHERE seen < clock_timestamp() - interval '10 minutes'";
/// `$1` run, `$2` name, `$3` address, `$4` version. Of one name the latest counts.
const REGISTER: &str = "WITH before AS (DELETE FROM instances WHERE name = $2 AND run <> $1 \
        AND CAST(run AS text) NOT IN (SELECT owner FROM partitions)) \
    INSERT INTO instances (run, name, address, version) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (run) DO UPDATE SET seen = clock_timestamp()";
/// A sign of life of whoever has the partitions.
const ATTEST: &str = "UPDATE instances SET seen = clock_timestamp() WHERE run = $1 \
    AND EXISTS (SELECT 1 FROM partitions WHERE part = 0 AND owner = CAST($1 AS text))";
const LEAVE: &str = "WITH left_over AS ( \
        UPDATE partitions SET owner = '' WHERE owner = CAST($1 AS text)) \
    DELETE FROM instances WHERE run = $1";
const INSTANCES: &str = "SELECT run, name, address, version, \
        CAST(extract(epoch FROM since) * 1000 AS bigint), \
        CAST(extract(epoch FROM clock_timestamp() - seen) * 1000 AS bigint), \
        EXISTS (SELECT 1 FROM partitions WHERE owner = CAST(run AS text)) \
    FROM instances ORDER BY since, run";

/// See the module.
#[derive(Debug)]
pub struct Candidate {
    db: Server,
    holder: Holder,
}

impl Candidate {
    /// Connects, migrating the database where needed.
    ///
    /// # Errors
    /// See [`StoreError`]; [`StoreError::InUse`] where another of this machine's has the file in
    /// which slots note what they have in hand.
    pub async fn stand(
        url: &str,
        readers: u32,
        slots: &Path,
        holder: &Holder,
    ) -> Result<Self, StoreError> {
        let link = Link::parse(url)?;
        make_folder_of(slots)?;
        let lock = lock(slots)?;
        migrate::bring_up(&link).await?;
        let db = Server::over(&link, readers, slots, false, Some(lock));
        Ok(Self { db, holder: holder.clone() })
    }

    /// Gives a sign of life, and takes the store over if nobody living has it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] says who has; and see [`StoreError`].
    pub async fn tries(&self) -> Result<Db<Server>, StoreError> {
        let Holder { run, instance, .. } = &self.holder;
        let began = clock::instant();
        let register = sqlx::query(REGISTER).bind(run).bind(&instance.name);
        let register = register.bind(&instance.address).bind(env!("CARGO_PKG_VERSION"));
        self.db.pulse.run(register).await?;
        // Without a lock, which whoever is active would wait for.
        let rivals = self.db.pulse.rows(sqlx::query(RIVAL).bind(&instance.name)).await?;
        if let Some(rival) = rivals.first() {
            let (name, address) = (rival.try_get(0)?, rival.try_get(1)?);
            return Err(StoreError::Taken(Instance { name, address }));
        }
        let held = partitions::take_over(&self.db, &self.holder).await?;
        self.db.pulse.run(sqlx::query(FORGOTTEN)).await?;
        self.db.hold.begins(began);
        Ok(Db { db: self.db.clone(), held: Some(Arc::new(held)) })
    }

    /// Stands by no longer.
    pub async fn leaves(&self) {
        self.db.leaves(&self.holder.run).await;
    }
}

impl Server {
    /// Gives a sign of life. Nobody else can have taken over until some seconds behind its
    /// beginning.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where somebody has.
    pub async fn attest(&self, run: &Incarnation) -> Result<(), StoreError> {
        let began = clock::instant();
        if self.pulse.run(sqlx::query(ATTEST).bind(run)).await? == 0 {
            self.loses();
            return Err(StoreError::InUse(self.name.clone()));
        }
        self.hold.extends(began);
        Ok(())
    }

    /// Others may take over at once. As far as that can be said: else they wait.
    pub async fn leaves(&self, run: &Incarnation) {
        self.hold.loses();
        if let Err(error) = self.pulse.run(sqlx::query(LEAVE).bind(run)).await {
            tracing::debug!(%error, "others wait until this daemon is given up");
        }
    }

    /// All daemons on this database that gave a sign lately, the oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn instances(&self) -> Result<Vec<InstanceView>, StoreError> {
        let mut views = Vec::new();
        for row in self.pulse.rows(sqlx::query(INSTANCES)).await? {
            views.push(InstanceView {
                run: row.try_get(0)?,
                name: row.try_get(1)?,
                address: row.try_get(2)?,
                version: row.try_get(3)?,
                since: instant(row.try_get(4)?)?,
                silent_ms: u64::try_from(row.try_get::<i64, _>(5)?).unwrap_or_default(),
                is_active: row.try_get(6)?,
            });
        }
        Ok(views)
    }
}

/// No two daemons note in the same file, nor call themselves the same on one machine.
fn lock(slots: &Path) -> Result<File, StoreError> {
    let path = slots.with_added_extension("lock");
    let unavailable = |error: std::io::Error| {
        StoreError::Misplaced(format!("{}: {}", path.display(), io_words(&error)))
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(slots.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}
