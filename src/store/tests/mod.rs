//! What every database must do, written once against [`Store`] and run for each.
//!
//! A property is an async function over a [`Bench`]; [`on_every_backend`] makes a test of it for
//! each database. The units that are written are real decisions of a [`Shop`].

mod attempts;
mod backlog;
mod claim;
mod commit;
mod copy;
mod database;
mod erase;
mod events;
mod fallback;
mod file;
mod forget;
mod inbox;
mod instances;
mod letters;
mod load;
mod mailbox;
mod measures;
mod numbers;
mod outcome;
mod partitions;
mod parts;
mod postgres;
mod receipts;
mod records;
mod recover;
mod retention;
mod settle;
mod shed;
mod shop;
mod short_texts;
mod space;
mod spend;
mod standstill;
mod suppressed;
mod texts;
mod timers;
mod told;
mod traces;
mod uptime;
mod views;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::clock;
use crate::domain::address::EmailAddress;
use crate::domain::booking::Party as By;
use crate::domain::channel::{Channel, Channels};
use crate::domain::client::Contact;
use crate::domain::command::{ClientFields, Command, RegisterClient, RequestBooking};
use crate::domain::decision::Decision;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::id::{BookingId, CauseId, ClientId, EntryId};
use crate::domain::kind::{Kind, Lane, Profile};
use crate::domain::message::{Facts, Message, MessageStatus, Topic};
use crate::domain::outcome::{Attempt, Outcome, Tried};
use crate::domain::plan::Plans;
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateKey};
use crate::domain::timer::DueTimer;
use crate::domain::{Ctx, Input, Rejection, RejectionReason, TenantState, decide};
use crate::store::view::ChannelVerdict;
use crate::wire::BodyHash;
use database::Database;
use short_texts::ShortTexts;

/// Makes a test of each property for each database.
macro_rules! on_every_backend {
    ($($property:ident)*) => {
        mod sqlite {
            use super::super::Bench;
            $(
                #[tokio::test]
                async fn $property() {
                    super::$property(Bench::sqlite().await).await;
                }
            )*
        }
        mod postgres {
            use super::super::Bench;
            $(
                #[tokio::test]
                #[ignore = "needs a PostgreSQL server: tests/run"]
                async fn $property() {
                    super::$property(Bench::postgres().await).await;
                }
            )*
        }
    };
}
use on_every_backend;
use shop::Shop;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A run over so many partitions.
fn holder(partitions: u16) -> Holder {
    Holder::new(Uuid::from_u128(1), partitions)
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// An empty store, and a way to reach behind it.
struct Bench {
    store: Store,
    /// This daemon's run.
    lease: Incarnation,
    /// SQLite's database; with another, what slots note is beside it.
    file: PathBuf,
    database: Option<Database>,
    _folder: TempDir,
}

impl Bench {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a folder/bellhop.db");
        let store = Store::open_sqlite(&file, 2, &holder(1)).await.unwrap();
        Self { store, lease: Uuid::from_u128(1), file, database: None, _folder: folder }
    }

    async fn postgres() -> Self {
        let database = Database::new().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a folder/bellhop.db");
        let store = open(Some(&database), &file, &holder(1)).await;
        let lease = Uuid::from_u128(1);
        Self { store, lease, file, database: Some(database), _folder: folder }
    }

    /// The same store after a restart.
    async fn reopened(self) -> Self {
        self.over(1).await
    }

    /// The same store after a restart with so many partitions.
    async fn over(self, partitions: u16) -> Self {
        self.store.close().await;
        let Self { store, lease, file, database, _folder } = self;
        drop(store);
        let store = open(database.as_ref(), &file, &holder(partitions)).await;
        Self { store, lease, file, database, _folder }
    }

    /// Another run that takes this store over while the first still has it open.
    async fn wrested(&self) -> Store {
        match &self.database {
            None => Store::wrested(&self.file).await,
            other => {
                let elsewhere = self.file.with_added_extension("elsewhere");
                open(other.as_ref(), &elsewhere, &Holder::new(Uuid::from_u128(2), 1)).await
            }
        }
    }

    async fn write(&self, units: &[&Unit]) -> Result<Vec<usize>, CommitError> {
        let batch = Batch { units: units.to_vec(), ..Batch::default() };
        Ok(self.store.commit(&batch, self.lease).await?.held)
    }

    /// A run begins, on the machine's same start; email is sent again after a minute, and after
    /// ten.
    async fn recover(&self, lease: Incarnation, now: Timestamp) -> Recovered {
        let doubts = vec![(Channel::Email, [60, 600].map(Duration::from_secs).to_vec())];
        let run = Run { lease, boot: "a".to_owned(), slots: 4, doubts };
        self.store.recover(&run, now).await.unwrap().0
    }

    async fn settle(&self, settled: &[&Settled]) -> Vec<usize> {
        let batch = Batch { settled: settled.to_vec(), ..Batch::default() };
        self.store.commit(&batch, self.lease).await.unwrap().held
    }

    /// What is claimed at this instant, by booking.
    async fn claim(&self, now: Timestamp, limit: usize) -> Vec<String> {
        let claimed = self.due(now, limit).await;
        let booking = |claimed: &Claimed| claimed.stored.message.booking().unwrap().to_string();
        claimed.iter().map(booking).collect()
    }

    /// What is claimed at this instant, of each lane of email.
    async fn due(&self, now: Timestamp, limit: usize) -> Vec<Claimed> {
        self.due_for(self.lease, now, limit).await
    }

    async fn due_for(&self, lease: Incarnation, now: Timestamp, limit: usize) -> Vec<Claimed> {
        claim_any(&self.store, lease, now, limit).await.unwrap()
    }

    /// When the next email is due.
    async fn next_due(&self) -> Option<Timestamp> {
        let next = self.store.next_due(Channel::Email).await.unwrap();
        next.into_iter().flatten().min()
    }

    async fn view(&self, message: &Message, shop: &Shop) -> MessageView {
        let ids = [message.id.to_string()];
        self.store.messages(&shop.tenant, &ids).await.unwrap().remove(0)
    }

    async fn status(&self, message: &Message, shop: &Shop) -> String {
        self.view(message, shop).await.status
    }

    /// Does behind the store's back what no daemon would.
    async fn vandalize(&self, sql: &str) {
        if let Some(database) = &self.database {
            assert_ne!(database.execute(sql).await, 0, "{sql}");
            return;
        }
        let url = format!("sqlite://{}", self.file.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        assert_ne!(done.rows_affected(), 0, "{sql}");
        connection.close().await.unwrap();
    }

    /// Whether the file or its log has this text anywhere.
    fn files_hold(&self, text: &str) -> bool {
        ["", "-wal"].iter().any(|suffix| {
            let mut file = self.file.clone().into_os_string();
            file.push(suffix);
            let bytes = std::fs::read(file).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }

    /// Waits until neither has it. What a server does with its files is its own affair.
    async fn files_forget(&self, text: &str) {
        if self.database.is_some() {
            return;
        }
        let deadline = clock::instant() + Duration::from_secs(30);
        while self.files_hold(text) {
            assert!(clock::instant() < deadline, "the files still hold {text:?}");
            tokio::task::yield_now().await;
        }
    }

    /// The tables that have this text somewhere in a column.
    async fn tables_with(&self, text: &str) -> Vec<String> {
        if let Some(database) = &self.database {
            return database.tables_with(text).await;
        }
        let url = format!("sqlite://{}", self.file.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let columns = sqlx::query(
            "SELECT t.name AS \"table\", c.name AS \"column\" FROM sqlite_schema AS t, \
             pragma_table_info(t.name) AS c WHERE t.type = 'table'",
        );
        let columns = columns.fetch_all(&mut connection).await.unwrap();
        assert!(columns.len() > 50, "{} columns", columns.len());
        let mut found = Vec::new();
        for column in &columns {
            let (table, column): (String, String) = (column.get(0), column.get(1));
            let sql =
                format!("SELECT count(*) FROM {table} WHERE instr(CAST({column} AS TEXT), $1)");
            let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(text);
            if count.fetch_one(&mut connection).await.unwrap() > 0 && !found.contains(&table) {
                found.push(table);
            }
        }
        connection.close().await.unwrap();
        found.sort();
        found
    }
}

/// Opens the store, in a database or else in a file.
async fn open(database: Option<&Database>, file: &Path, holder: &Holder) -> Store {
    let store = match database {
        Some(Database { url, .. }) => Store::open_postgres(url, 2, &slots(file), holder).await,
        None => Store::open_sqlite(file, 2, holder).await,
    };
    store.unwrap()
}

/// Where slots note what they have in hand.
fn slots(file: &Path) -> PathBuf {
    let mut slots = file.as_os_str().to_owned();
    slots.push("-slots");
    slots.into()
}

/// The unit's line in the inbox.
fn entry(unit: &Unit) -> InboxEntry {
    match &unit.claim.as_ref().unwrap().trigger {
        Trigger::Command(entry) => entry.clone(),
        trigger => panic!("{trigger:?}"),
    }
}

/// The unit's only message.
fn message(unit: &Unit) -> &Message {
    match unit.decision.messages.as_slice() {
        [message] => message,
        messages => panic!("{} messages", messages.len()),
    }
}

/// Claims what is due, of each lane of email.
async fn claim_any(
    store: &Store,
    lease: Incarnation,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Claimed>, StoreError> {
    let wanted = Lane::ALL.map(|lane| Wanted::any(lane, limit));
    Ok(store.claim_due(lease, now, Channel::Email, &wanted).await?.claimed)
}

/// The unit, all of its messages handed to the dispatcher at once.
fn leased(unit: Unit) -> Unit {
    Unit { leased: vec![true; unit.decision.messages.len()], ..unit }
}

/// An outcome of the unit's only message, five minutes after it was decided.
fn settled(unit: &Unit, status: MessageStatus) -> Settled {
    let message = message(unit);
    let settled_at = unit.at + minutes(5);
    let event = MessageEvent {
        message: message.id,
        kind: message.kind,
        channel: message.channel,
        client: message.client.clone(),
        attempt: 1,
        provider: "relay".to_owned(),
        reply: "250 ok".to_owned(),
        reference: None,
        fallback_of: None,
        fate: Fate::Sent,
    };
    Settled {
        tenant: unit.tenant.clone(),
        message: message.id,
        cause: unit.cause.clone(),
        status,
        due: unit.at + minutes(30),
        attempts: 1,
        doubts: 0,
        provider: "relay".to_owned(),
        reply: "250 ok".to_owned(),
        at: settled_at,
        reason: None,
        sent_to: None,
        tried: Vec::new(),
        item: None,
        event: Some(Event::Message(event)),
        trace: unit.decision.trace,
    }
}

/// The provider that was asked, and spoke so.
fn said(unit: &Unit, reply: &str) -> Vec<Tried> {
    let (provider, reply) = ("relay".to_owned(), reply.to_owned());
    let reference = Some(reply.clone());
    let attempt = Attempt {
        outcome: Outcome::Transient,
        provider,
        reply,
        reference,
        devices: Vec::new(),
        parts: Vec::new(),
    };
    vec![Tried { at: unit.at, attempt }]
}

/// The tenants of a stale batch.
fn stale(result: Result<Vec<usize>, CommitError>) -> Vec<String> {
    match result {
        Err(CommitError::Stale(tenants)) => tenants.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}
