//! PostgreSQL 15 and later: one database, from any number of machines.
//!
//! A batch is one transaction ([`commit`]), and durable when that returns, as long as nobody sets
//! `synchronous_commit` to `off`. The rows of the partitions are what a lock on the file is to
//! SQLite: whoever takes them over raises their epochs, and from then on an earlier run neither
//! commits nor leases. A [`Candidate`] does so where nobody living has them.
//!
//! Nothing is left in a session: no `SET`, no lock, no `LISTEN`; with a pooler in between
//! (`?pgbouncer=true`) no prepared statement either, and each question is a transaction of its own,
//! which costs three more round trips.

mod ask;
mod candidate;
mod commit;
mod departures;
mod dialect;
mod link;
mod migrate;
mod patience;
mod pen;
mod pulse;
mod query;
mod server;
mod space;
mod statements;

use std::path::Path;

use super::both::backend::Db;
use super::error::StoreError;
use super::holder::Holder;
use super::instance::InstanceView;
use link::Link;
pub use server::Server;

pub use candidate::Candidate;
pub use commit::without_nul;
pub use link::check_url;
pub use patience::in_time;

/// A PostgreSQL store.
pub type Postgres = Db<Server>;

impl Postgres {
    /// Connects, migrating the database where needed, and takes its partitions over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(
        url: &str,
        readers: u32,
        slots: &Path,
        holder: &Holder,
    ) -> Result<Self, StoreError> {
        Candidate::stand(url, readers, slots, holder).await?.tries().await
    }

    /// Brings the database up to date, and takes nothing over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        migrate::bring_up(&Link::parse(url)?).await
    }

    /// Connects to a database that is there, for reading only, beside a daemon that may have it.
    ///
    /// # Errors
    /// If there is none, or nothing of Bellhop's in it.
    pub async fn inspect(url: &str) -> Result<Self, StoreError> {
        let link = Link::parse(url)?;
        migrate::find(&link).await?;
        Ok(Self { db: Server::over(&link, 1, Path::new(""), true, None), held: None })
    }

    /// Connects for whoever copies another store into this one, or compares it; nothing is taken
    /// over. With the mark of the copy that was begun in it, if one was. An empty database is
    /// brought up to date where it may be changed.
    ///
    /// # Errors
    /// [`StoreError::Misplaced`] where it is not up to date; see also [`Postgres::open`].
    pub async fn for_copy(
        url: &str,
        may_change: bool,
    ) -> Result<(Self, Option<String>), StoreError> {
        let link = Link::parse(url)?;
        let (mark, is_up_to_date) = migrate::find_copy(&link).await?;
        match (&mark, is_up_to_date) {
            (_, true) => {}
            (None, false) if may_change => migrate::bring_up(&link).await?,
            (None, false) => {
                return Err(StoreError::Misplaced(format!("{} holds no copy", link.name)));
            }
            (Some(_), false) => {
                return Err(StoreError::Misplaced(format!(
                    "{} holds half of a copy that another version began: begin anew in an empty \
                     database",
                    link.name
                )));
            }
        }
        let db = Server::over(&link, 1, Path::new(""), !may_change, None);
        Ok((Self { db, held: None }, mark))
    }

    /// See [`crate::store::Store::still_there`]. A sign of life that others see.
    pub async fn still_there(&self) -> Result<(), StoreError> {
        match &self.held {
            Some(held) => self.db.attest(&held.run).await,
            None => Ok(()),
        }
    }

    /// See [`crate::store::Store::is_held`].
    pub fn is_held(&self) -> bool {
        self.db.hold.is_certain()
    }

    /// See [`crate::store::Store::instances`].
    pub async fn instances(&self) -> Result<Vec<InstanceView>, StoreError> {
        self.db.instances().await
    }

    /// The only number in the answer to a query.
    #[cfg(test)]
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.db.readers).await.unwrap()
    }

    /// Closes every connection.
    pub async fn close(&self) {
        if let Some(held) = &self.held {
            self.db.leaves(&held.run).await;
        }
        self.db.pulse.close().await;
        self.db.readers.close().await;
        self.db.writers.close().await;
    }
}
