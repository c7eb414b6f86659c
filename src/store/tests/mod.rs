//! What every database must do, written once against [`Store`] and run for each.
//!
//! A property is an async function over a [`Bench`]; [`on_every_backend`] makes a test of it for
//! each database. The units that are written are real decisions of a [`Shop`].

mod backlog;
mod claim;
mod commit;
mod erase;
mod events;
mod file;
mod forget;
mod inbox;
mod load;
mod outcome;
mod records;
mod recover;
mod settle;
mod texts;
mod timers;
mod uptime;
mod views;

use std::path::PathBuf;
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
use crate::domain::client::{Client, Contact};
use crate::domain::command::{ClientFields, Command, RegisterClient, RequestBooking};
use crate::domain::decision::Decision;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::id::{BookingId, CauseId, ClientId};
use crate::domain::kind::{Kind, Profile};
use crate::domain::message::{Facts, Message, MessageStatus, Topic};
use crate::domain::plan::Plans;
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::Texts;
use crate::domain::timer::DueTimer;
use crate::domain::{Ctx, Input, Rejection, RejectionReason, TenantState, decide};
use crate::store::view::ChannelVerdict;
use crate::wire::BodyHash;

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
    };
}
use on_every_backend;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// An empty store, and a way to reach behind it.
struct Bench {
    store: Store,
    /// This daemon's run.
    lease: Incarnation,
    file: PathBuf,
    _folder: TempDir,
}

impl Bench {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a folder/bellhop.db");
        let store = Store::open_sqlite(&file, 2).await.unwrap();
        Self { store, lease: Uuid::from_u128(1), file, _folder: folder }
    }

    /// The same store after a restart.
    async fn reopened(self) -> Self {
        let Self { store, lease, file, _folder } = self;
        store.close().await;
        drop(store);
        let store = Store::open_sqlite(&file, 2).await.unwrap();
        Self { store, lease, file, _folder }
    }

    async fn write(&self, units: &[&Unit]) -> Result<Vec<usize>, CommitError> {
        let batch = Batch { units: units.to_vec(), ..Batch::default() };
        Ok(self.store.commit(&batch, self.lease).await?.held)
    }

    /// A run begins, on the machine's same start; email is sent again after a minute, and after ten.
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
    async fn claim(&self, now: Timestamp, limit: u32) -> Vec<String> {
        let claimed = self.store.claim_due(self.lease, now, limit).await.unwrap();
        let booking = |claimed: &Claimed| claimed.stored.message.booking().unwrap().to_string();
        claimed.iter().map(booking).collect()
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

    /// Waits until neither has it.
    async fn files_forget(&self, text: &str) {
        let deadline = clock::instant() + Duration::from_secs(30);
        while self.files_hold(text) {
            assert!(clock::instant() < deadline, "the files still hold {text:?}");
            tokio::task::yield_now().await;
        }
    }

    /// The tables that have this text somewhere in a column.
    async fn tables_with(&self, text: &str) -> Vec<String> {
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

/// No text is longer than one SMS, and every one is fine.
#[derive(Debug)]
struct ShortTexts;

impl Texts for ShortTexts {
    fn sms_segments(
        &self,
        _: &Settings,
        _: &Client,
        _: Kind,
        _: &Facts,
        _: Option<&CustomText>,
        _: jiff::Timestamp,
    ) -> u32 {
        1
    }

    fn check(&self, _: &TemplateKey, _: &CustomText) -> Result<(), TemplateFault> {
        Ok(())
    }
}

/// A tenant whose decisions are written; it never waits for the disk.
struct Shop {
    tenant: TenantId,
    state: TenantState,
    revision: u64,
    commands: u32,
    now: Timestamp,
    page: usize,
}

impl Shop {
    fn new(tenant: &str) -> Self {
        Self {
            tenant: TenantId::parse(tenant).unwrap(),
            state: TenantState::default(),
            revision: 0,
            commands: 0,
            now: at("2026-12-01T12:00:00Z"),
            page: crate::domain::session::PAGE_PEOPLE,
        }
    }

    /// A shop that is configured and has a client, Anna, both in the store.
    async fn open(tenant: &str, bench: &Bench) -> Self {
        let mut shop = Self::new(tenant);
        let units = [shop.configure(), shop.register("anna", "Anna")];
        bench.write(&[&units[0], &units[1]]).await.unwrap();
        shop
    }

    /// Decides, takes the decision over, and returns what is to be written.
    fn does(&mut self, command: &Command) -> Unit {
        let cause = self.cause();
        let (decision, rejection) = match self.decide(&cause, Input::Command(command)) {
            Ok(decision) => (decision, None),
            Err(rejection) => {
                let events = vec![Event::CommandRejected(rejection.clone())];
                (Decision { events, ..Decision::default() }, Some(rejection))
            }
        };
        let entry = InboxEntry { body_hash: BodyHash([7; 16]), rejection };
        self.concludes(cause, Trigger::Command(entry), decision)
    }

    /// Decides on a timer that fired, likewise.
    fn turns_page(&mut self, timer: &DueTimer) -> Unit {
        let cause = self.cause();
        let decision = self.decide(&cause, Input::Timer(timer)).unwrap();
        self.concludes(cause, Trigger::Timer(timer.clone()), decision)
    }

    fn cause(&mut self) -> CauseId {
        self.commands += 1;
        CauseId::parse(&format!("command {}", self.commands)).unwrap()
    }

    fn decide(&self, cause: &CauseId, input: Input<'_>) -> Result<Decision, Rejection> {
        let Self { tenant, now, page, .. } = self;
        let ctx = Ctx {
            tenant,
            cause,
            now: *now,
            plans: &Plans::default(),
            provided: Channels::of(&[Channel::Email]),
            texts: &ShortTexts,
            outages: &[],
            page: *page,
        };
        decide(&ctx, &self.state, input)
    }

    /// Takes over a decision that a command might have led to.
    fn decides(&mut self, decision: Decision) -> Unit {
        let cause = self.cause();
        let entry = InboxEntry { body_hash: BodyHash([7; 16]), rejection: None };
        self.concludes(cause, Trigger::Command(entry), decision)
    }

    fn concludes(&mut self, cause: CauseId, trigger: Trigger, decision: Decision) -> Unit {
        self.state.apply(&decision);
        let claim = Some(Claim { trigger, revision: self.revision });
        self.revision += 1;
        Unit { tenant: self.tenant.clone(), cause, at: self.now, claim, decision, leased: 0 }
    }

    fn configure(&mut self) -> Unit {
        let settings = Settings::of_profile(self.tenant.as_str(), Profile::Appointments);
        self.does(&Command::ConfigureTenant(Box::new(settings)))
    }

    fn register(&mut self, id: &str, name: &str) -> Unit {
        let email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        let profile = ClientFields { email: Some(email), ..ClientFields::default() };
        let client = ClientId::parse(id).unwrap();
        let register = RegisterClient { client, name: name.to_owned(), profile, by: None };
        self.does(&Command::RegisterClient(Box::new(register)))
    }

    /// Anna books, which makes one message by email.
    fn book(&mut self, booking: &str) -> Unit {
        self.book_for(booking, "anna", None)
    }

    fn book_for(&mut self, booking: &str, client: &str, notes: Option<&str>) -> Unit {
        self.does(&Command::RequestBooking(RequestBooking {
            booking: BookingId::parse(booking).unwrap(),
            client: ClientId::parse(client).unwrap(),
            by: By::Client,
            starts_at: Some(at("2026-12-03T10:00:00.123456789Z")),
            ends_at: None,
            service: None,
            session: None,
            guest: false,
            join_queue: false,
            series: None,
            notes: notes.map(str::to_owned),
        }))
    }

    fn cancel(&mut self, booking: &str) -> Unit {
        let booking = BookingId::parse(booking).unwrap();
        self.does(&Command::CancelBooking { booking, by: By::Client, reason: None })
    }

    fn annotate(&mut self, booking: &str, notes: &str) -> Unit {
        let booking = BookingId::parse(booking).unwrap();
        self.does(&Command::AnnotateBooking { booking, notes: notes.to_owned() })
    }
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

/// The unit, all of its messages handed to the dispatcher at once.
fn leased(unit: Unit) -> Unit {
    Unit { leased: unit.decision.messages.len(), ..unit }
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
        event: Some(Event::Message(event)),
    }
}

/// The tenants of a stale batch.
fn stale(result: Result<Vec<usize>, CommitError>) -> Vec<String> {
    match result {
        Err(CommitError::Stale(tenants)) => tenants.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}
