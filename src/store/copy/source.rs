//! The store that is copied: a SQLite file that no daemon has.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::cell::hex;
use super::error::CopyError;
use super::pages::count;
use super::tables::{Numbered, Table};
use crate::store::both::fields::Fields as _;
use crate::store::both::question::Question;
use crate::store::error::StoreError;
use crate::store::migrate;
use crate::store::sqlite::{Base, Sqlite};

/// A file, locked as a daemon locks it, for as long as this lives. Nothing is written to it.
pub struct Source {
    store: Sqlite,
}

impl Source {
    /// Opens a file, if it can be copied as it is.
    ///
    /// # Errors
    /// [`CopyError::Refused`] where it is of another version, or was not left in order;
    /// [`StoreError::InUse`] where a daemon has it.
    pub async fn open(path: &Path) -> Result<Self, CopyError> {
        let source = Self { store: Sqlite::inspect_alone(path)? };
        let name = path.display().to_string();
        source.check_version(&name).await?;
        source.check_order(&name).await?;
        Ok(source)
    }

    /// Where its tables are read.
    pub fn db(&self) -> &Base {
        &self.store.db
    }

    /// What tells this state of this store from any other: a daemon that starts changes it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn mark(&self) -> Result<String, StoreError> {
        let mut mark = Sha256::new();
        mark.update(self.store.hooks_key().await?);
        let parts = Question::new("SELECT part, epoch, last_seq FROM partitions ORDER BY part");
        for row in parts.all(self.db()).await? {
            for place in 0..3_usize {
                mark.update(row.get::<i64>(place)?.to_be_bytes());
            }
        }
        Ok(hex(&mark.finalize()))
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn count(&self, table: &Table) -> Result<u64, StoreError> {
        count(self.db(), table).await
    }

    /// The highest number that a row of the table ever had, as far as anything goes by it. Rows
    /// that are gone count where SQLite keeps count, and where another row still names them.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn last_number(&self, table: &Table) -> Result<i64, StoreError> {
        let key = table.columns.first().map_or("", |column| column.name);
        let there = Question::new(format!("SELECT max({key}) FROM {}", table.name));
        let gone = match table.numbered {
            Numbered::Sequence(_) => Question::new("SELECT max(last_told) FROM tenants"),
            _ => Question::new("SELECT max(seq) FROM sqlite_sequence WHERE name = $1")
                .bind(table.name),
        };
        let there: Option<i64> = there.one(self.db()).await?.get(0)?;
        let gone: Option<i64> = gone.one(self.db()).await?.get(0)?;
        Ok(there.max(gone).unwrap_or(0))
    }

    /// When its daemon last said that it lived, in milliseconds since 1970.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn last_alive(&self) -> Result<Option<i64>, StoreError> {
        let alive = Question::new("SELECT wall_ms FROM signs_of_life");
        alive.optional(self.db()).await?.map(|row| row.get(0)).transpose()
    }

    /// Lets go of the file.
    pub async fn close(self) {
        self.store.close().await;
    }

    async fn check_version(&self, name: &str) -> Result<(), CopyError> {
        let refused = |why: &str| Err(CopyError::Refused(format!("{name} {why}")));
        let there = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
        if Question::new(there).one(self.db()).await?.get::<i64>(0)? == 0 {
            return refused("holds no store");
        }
        let applied = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
        let mut applied = Question::new(applied).all(self.db()).await?.into_iter();
        let known = migrate::sqlite();
        for step in known.iter() {
            let Some(row) = applied.next() else {
                return refused(
                    "is older than this version: run `bellhop migrate` with its configuration \
                     first",
                );
            };
            let (version, checksum): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if version != step.version || checksum != *step.checksum {
                return refused("is of another version than this");
            }
        }
        match applied.next() {
            None => Ok(()),
            Some(_) => refused("was written by a later version than this"),
        }
    }

    /// Of what was being sent when a daemon died only the next one on this machine knows whether it
    /// left: beside the file lies what each slot had in hand.
    async fn check_order(&self, name: &str) -> Result<(), CopyError> {
        let sending = "SELECT count(*) FROM messages WHERE status = 'sending'";
        match Question::new(sending).one(self.db()).await?.get::<i64>(0)? {
            0 => Ok(()),
            some => Err(CopyError::Refused(format!(
                "{name} was not left in order: {some} messages were being sent when its daemon \
                 ended. Start the daemon on it once more and stop it: it finds out what may have \
                 left, and gives the rest back"
            ))),
        }
    }
}
