//! The only place that speaks SQL.
//!
//! [`Store`] is a small enum over the databases; its methods are the whole interface, and the
//! same tests run against each backend. Everything that one command changes is one [`Unit`],
//! many units are one transaction ([`Store::commit`]), and a unit is written only where the
//! tenant's revision is still the one that its decision rests on, and what it answers, a command
//! or a timer, has not been answered yet.
//!
//! Two things are forgotten: a secret with its message's last attempt, and a person when a
//! decision erases them. What is finished is kept for a while ([`What`]).

/// Hands a call to the database that is behind the store.
macro_rules! forward {
    ($self:ident.$method:ident($($arg:expr),*)) => {
        match $self {
            Store::Sqlite(store) => store.$method($($arg),*).await,
            Store::Postgres(store) => {
                let call = store.$method($($arg),*);
                $crate::store::postgres::in_time(stringify!($method), call).await
            }
            #[cfg(test)]
            Store::Tampered(store, tampering) => {
                tampering.around(stringify!($method), store.$method($($arg),*)).await
            }
        }
    };
}

mod asked;
mod both;
mod claim;
pub mod copy;
mod departures;
mod error;
mod event;
mod fence;
mod hold;
mod holder;
mod instance;
mod letters;
mod loaded;
mod mailbox;
mod measures;
mod migrate;
mod postgres;
mod queue;
mod receipts;
mod record;
mod retention;
mod slots;
mod sqlite;
#[cfg(test)]
pub mod tamper;
mod timer;
mod unit;
mod uptime;
mod view;

#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;
use postgres::Postgres;
use sqlite::Sqlite;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::message::MessageId;

pub use claim::{Claims, Looked, NextDue, Rest, Wanted};
pub use departures::Leaves;
pub use error::{CommitError, StoreError};
pub use event::{Cursor, StoredEvent};
pub use holder::Holder;
pub use instance::{Instance, InstanceView};
pub use letters::{
    AuditView, Deed, FoundLetter, JobState, JobView, LETTERS_MAX, LaidAside, LetterFilter,
    LetterStatus, LetterView, NewJob,
};
pub use loaded::{Claimed, LoadedTenant, PAGE_MAX};
pub use mailbox::{ITEMS_MAX, ItemView, Mailbox, NewItem, Posted};
pub use measures::{Limit, Measured, NewLimit, Parking};
pub use postgres::{Candidate, check_url as check_postgres_url};
pub use queue::{Behind, OpenMessage, Queued};
pub use receipts::{DueReceipt, Found, NewReceipt, PutOff, RECEIPTS_MAX, Taken};
pub use retention::{
    Ageing, Choice, FileSize, Key, Page, Search, Shed, Sizes, TableSize, What, choose,
};
pub use slots::{Run, Slot, Stage};
pub use timer::UnreadableTimer;
pub use unit::{
    ATTEMPTS_MAX, Batch, Claim, ClientKey, Committed, InboxEntry, InboxKey, Incarnation, Recovered,
    Settled, StoredMessage, Trigger, Unit,
};
pub use uptime::{Beat, OUTAGES_MAX, Shift};
pub use view::{
    AttemptView, Backlog, ChannelVerdict, Concern, Correspondents, DeviceView, Late, Linked,
    MessageView, Numbered, Spoken, SuppressedView, TellingView, TenantView, ToldOf, Unread,
    Waiting,
};

/// The durable memory of a daemon.
#[derive(Debug, Clone)]
pub enum Store {
    /// A file of its own: one node.
    Sqlite(Sqlite),
    /// A database on a server.
    Postgres(Postgres),
    /// The same, where a test wants it to fail.
    #[cfg(test)]
    Tampered(Sqlite, std::sync::Arc<tamper::Tampering>),
}

impl Store {
    /// Opens (and creates and migrates) a SQLite file with so many read connections. Its
    /// partitions are the holder's from now on.
    ///
    /// # Errors
    /// If the file cannot be opened, or another daemon has it.
    pub async fn open_sqlite(
        path: &Path,
        readers: u32,
        holder: &Holder,
    ) -> Result<Self, StoreError> {
        Ok(Store::Sqlite(Sqlite::open(path, readers, holder).await?))
    }

    /// Opens an existing SQLite file to look at; it may be in use by a daemon.
    ///
    /// # Errors
    /// If there is no such file.
    pub async fn inspect_sqlite(path: &Path) -> Result<Self, StoreError> {
        Ok(Store::Sqlite(Sqlite::inspect(path).await?))
    }

    /// Opens (and migrates) a PostgreSQL database with so many read connections. Its partitions are
    /// the holder's from now on. What is being sent is noted in the file `slots`, on a disk of this
    /// machine's.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where a living daemon of another name has them: a [`Candidate`] waits
    /// for that. If there is no such database, it cannot be reached, or a newer version has
    /// migrated it.
    pub async fn open_postgres(
        url: &str,
        readers: u32,
        slots: &Path,
        holder: &Holder,
    ) -> Result<Self, StoreError> {
        Ok(Store::Postgres(Postgres::open(url, readers, slots, holder).await?))
    }

    /// Brings a PostgreSQL database up to date, creating its tables where there are none; a daemon
    /// may be using it.
    ///
    /// # Errors
    /// As [`Store::open_postgres`].
    pub async fn migrate_postgres(url: &str) -> Result<(), StoreError> {
        Postgres::migrate(url).await
    }

    /// Looks into an existing PostgreSQL database; it may be in use by a daemon.
    ///
    /// # Errors
    /// If there is none, or it is not up to date.
    pub async fn inspect_postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Store::Postgres(Postgres::inspect(url).await?))
    }

    /// Writes the batch in one transaction. The same batch again, under its number, is not written
    /// twice: so whoever did not hear what came of it asks again.
    ///
    /// # Errors
    /// [`CommitError::Stale`] names the tenants to leave out; nothing was written, nor is it where
    /// another has taken over ([`CommitError::Fenced`]).
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Committed, CommitError> {
        forward!(self.commit(batch, lease))
    }

    /// What is known of these commands, in the order asked.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn lookup(
        &self,
        keys: &[InboxKey<'_>],
    ) -> Result<Vec<Option<InboxEntry>>, StoreError> {
        forward!(self.lookup(keys))
    }

    /// Whether anything was ever written for this tenant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn knows_tenant(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        forward!(self.knows_tenant(tenant))
    }

    /// A tenant's whole state, as of one instant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn load_tenant(&self, tenant: &TenantId) -> Result<LoadedTenant, StoreError> {
        forward!(self.load_tenant(tenant))
    }

    /// Leases messages of a channel that are due, as far as there is room for them, and a fair part
    /// of each tenant's where there is none for all. A message that cannot be read is set aside
    /// until the next start, and not among them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim_due(
        &self,
        lease: Incarnation,
        now: Timestamp,
        channel: Channel,
        wanted: &[Wanted],
    ) -> Result<Claims, StoreError> {
        forward!(self.claim_due(lease, now, channel, wanted))
    }

    /// Makes the messages ready again whose lease is not this run's: their daemon is gone. What
    /// may have left is in doubt and waits as after any doubt; what was in hand counts as a crash
    /// and waits the longer the more of them there were; what waited in memory is due at once. What
    /// an earlier run could not read is looked at again.
    ///
    /// Returns this run's slots, in which it notes what it has in hand.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn recover(
        &self,
        run: &Run,
        now: Timestamp,
    ) -> Result<(Recovered, Vec<Slot>), StoreError> {
        forward!(self.recover(run, now))
    }

    /// Gives back whatever this incarnation has leased on a channel, `except` what it knows of: a
    /// claim may have leased what nobody heard of. Returns how many that were.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn give_back(
        &self,
        lease: Incarnation,
        channel: Channel,
        except: &[MessageId],
    ) -> Result<u64, StoreError> {
        forward!(self.give_back(lease, channel, except))
    }

    /// Messages that wait and may have arrived before, at most `limit`, the latest first. What
    /// cannot be read is not among them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn doubtful(&self, limit: usize) -> Result<Vec<StoredMessage>, StoreError> {
        forward!(self.doubtful(limit))
    }

    /// When the earliest message that waits on a channel is due, by lane.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_due(&self, channel: Channel) -> Result<NextDue, StoreError> {
        forward!(self.next_due(channel))
    }

    /// Events behind what was read, at most `limit` and none if there are no more: of each
    /// partition in order, and so of each tenant.
    ///
    /// With several partitions each has its share of the page, so that none waits for another;
    /// there may be more although the page is not full. What was written before their number
    /// changed comes before what was written after it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn events_after(
        &self,
        read: &Cursor,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        forward!(self.events_after(read, limit))
    }

    /// Over how many partitions a reader of events goes: all that there are or ever were.
    pub fn partitions_ever(&self) -> u16 {
        match self {
            Store::Sqlite(store) => store.partitions_ever(),
            Store::Postgres(store) => store.partitions_ever(),
            #[cfg(test)]
            Store::Tampered(store, _) => store.partitions_ever(),
        }
    }

    /// Whether everything was read that was written before the number of partitions last changed:
    /// from here on a tenant's events are in one partition.
    pub fn is_behind_changes(&self, read: &Cursor) -> bool {
        match self {
            Store::Sqlite(store) => store.is_behind_changes(read),
            Store::Postgres(store) => store.is_behind_changes(read),
            #[cfg(test)]
            Store::Tampered(store, _) => store.is_behind_changes(read),
        }
    }

    /// The run that owns the partitions; nil where the store was opened to look.
    pub fn run(&self) -> Incarnation {
        match self {
            Store::Sqlite(store) => store.run(),
            Store::Postgres(store) => store.run(),
            #[cfg(test)]
            Store::Tampered(store, _) => store.run(),
        }
    }

    /// How far the reader of that name has come.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cursor(&self, name: &str) -> Result<Cursor, StoreError> {
        forward!(self.cursor(name))
    }

    /// Remembers how far the reader of that name has come.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn set_cursor(&self, name: &str, read: &Cursor) -> Result<(), StoreError> {
        forward!(self.set_cursor(name, read))
    }

    /// The number that was noted under a name; 0 if none was.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn noted(&self, name: &str) -> Result<i64, StoreError> {
        forward!(self.noted(name))
    }

    /// Notes a number under a name, for this run or a later one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn note(&self, name: &str, number: i64) -> Result<(), StoreError> {
        forward!(self.note(name, number))
    }

    /// The key by which the addresses are signed that providers are given to report to: the
    /// store's own, made with it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hooks_key(&self) -> Result<Vec<u8>, StoreError> {
        forward!(self.hooks_key())
    }

    /// Whether the store is still where it was opened, and this run's: a look at the file system,
    /// or a sign of life for others.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] where it is not: then nothing may be asked of it, nor may it be
    /// closed, which would remove the other one's log. [`StoreError::InUse`] where another has
    /// taken it over.
    pub async fn still_there(&self) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(store) => store.still_there(),
            Store::Postgres(store) => postgres::in_time("still_there", store.still_there()).await,
            #[cfg(test)]
            Store::Tampered(store, _) => store.still_there(),
        }
    }

    /// Whether it is certain that nobody else has taken it over: else nothing leaves.
    pub fn is_held(&self) -> bool {
        !matches!(self, Store::Postgres(store) if !store.is_held())
    }

    /// Flushes and closes; nothing may be asked afterwards.
    pub async fn close(&self) {
        forward!(self.close());
    }
}
