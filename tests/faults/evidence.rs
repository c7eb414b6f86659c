//! What is found in the end, and what it is compared with.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::StreamExt;
use lapin::{
    Connection, ConnectionProperties,
    options::{BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicQosOptions},
    types::FieldTable,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::books::Books;
use crate::model::Fate;
use crate::support::{events::DeadCommand, eventually, scripted_sink::Accepted};
use crate::table::Row;
use crate::traffic::Account;

const TOLD_DEADLINE: Duration = Duration::from_secs(60);
/// Nothing more is there where nothing came for so long.
const SILENCE: Duration = Duration::from_secs(1);
/// Events that are on their way at once, and acknowledged at once.
const AT_ONCE: u16 = 1000;
const ACKNOWLEDGED: usize = 100;

/// An event as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    pub part: i64,
    pub seq: i64,
    pub tenant: String,
    pub kind: String,
    pub cause: String,
    pub data: String,
}

/// A message as it is kept.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    pub tenant: String,
    pub kind: String,
    pub channel: String,
    pub client: String,
    pub booking: String,
    pub cause: String,
    pub status: String,
    pub superseded: bool,
    pub doubts: i64,
}

/// Places of events, in the order in which each came first.
#[derive(Debug, Default)]
struct Heard {
    order: Vec<(i64, i64)>,
    seen: BTreeSet<(i64, i64)>,
}

impl Heard {
    /// Takes what is in the queue, until there are so many and nothing more.
    async fn listen(&mut self, url: &str, queue: &str, wanted: usize) -> lapin::Result<()> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.basic_qos(AT_ONCE, BasicQosOptions::default()).await?;
        let (options, table) = (BasicConsumeOptions::default(), FieldTable::default());
        let mut consumer = channel.basic_consume(queue.into(), "".into(), options, table).await?;
        while self.order.len() < wanted
            && let Ok(Some(message)) = timeout(SILENCE, consumer.next()).await
        {
            let message = message?;
            self.hears(&message.data);
            if self.order.len().is_multiple_of(ACKNOWLEDGED) {
                message.ack(BasicAckOptions { multiple: true }).await?;
            }
        }
        connection.close(200, "heard".into()).await?;
        // What is behind, if anything is: it comes again, and may be more than there should be.
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let options = BasicGetOptions { no_ack: false };
        while let Some(message) = channel.basic_get(queue.into(), options).await? {
            self.hears(&message.data);
        }
        connection.close(200, "heard".into()).await
    }

    fn hears(&mut self, event: &[u8]) {
        let event: Value = serde_json::from_slice(event).unwrap();
        let sequence = event["sequence"].as_str().and_then(|it| it.parse().ok());
        let place = (event["partition"].as_i64().unwrap_or(0), sequence.unwrap());
        if self.seen.insert(place) {
            self.order.push(place);
        }
    }
}

/// All of it.
#[derive(Debug)]
pub struct Evidence {
    pub books: Books,
    pub accounts: BTreeMap<String, Account>,
    /// Commands that were laid aside, by tenant and id, and how often each was.
    pub dead: BTreeMap<(String, String), usize>,
    /// Tenant and command: when it was taken, and why it was refused.
    pub inbox: BTreeMap<(String, String), (i64, Option<String>)>,
    pub events: Vec<Kept>,
    pub messages: BTreeMap<String, Message>,
    pub mails: Vec<Accepted>,
    /// Part and number of each event, in the order in which each was first heard over AMQP.
    pub heard: Vec<(i64, i64)>,
    /// How long a mail may have been on its way when it was called back.
    pub on_its_way: Duration,
    /// How many faults there were.
    pub faults: usize,
}

impl Evidence {
    /// Reads the store.
    pub async fn gather(
        books: &Books,
        accounts: BTreeMap<String, Account>,
        dead: Vec<DeadCommand>,
    ) -> Self {
        let mut laid_aside = BTreeMap::new();
        for command in dead {
            let envelope: Value = serde_json::from_slice(&command.body).unwrap_or_default();
            let text = |name: &str| envelope[name].as_str().unwrap_or_default().to_owned();
            *laid_aside.entry((text("tenant"), text("id"))).or_default() += 1;
        }
        let inbox: Vec<(String, String, i64, Option<String>)> =
            books.rows("SELECT tenant, command, at_ms, rejection FROM inbox").await;
        let inbox = inbox.into_iter().map(|(tenant, id, at, why)| ((tenant, id), (at, why)));
        Self {
            books: books.clone(),
            accounts,
            dead: laid_aside,
            inbox: inbox.collect(),
            events: events(books).await,
            messages: messages(books).await,
            mails: Vec::new(),
            heard: Vec::new(),
            on_its_way: Duration::ZERO,
            faults: 0,
        }
    }

    /// Takes what was published of the events, which may be a little late.
    pub async fn told(&mut self, url: &str, queue: &str) {
        let heard = tokio::sync::Mutex::new(Heard::default());
        let wanted = self.events.len();
        eventually("every event is published", TOLD_DEADLINE, || async {
            let mut heard = heard.lock().await;
            // A broker that was killed may not answer at once; what nobody acknowledged comes
            // again.
            if let Err(error) = heard.listen(url, queue, wanted).await {
                eprintln!("listening again: {error}");
            }
            (heard.order.len() >= wanted).then_some(())
        })
        .await;
        self.heard = heard.into_inner().order;
    }

    /// Fills in what the table says.
    pub fn account_for(&self, row: &mut Row) {
        let lines = self.accounts.values().flat_map(|account| &account.log);
        for line in lines.filter(|line| line.is_confirmed()) {
            let (tenant, id) = (&line.asked.command.tenant, &line.asked.command.id);
            let key = (tenant.clone(), id.clone());
            row.confirmed += 1;
            let is_there = match line.asked.fate {
                Fate::LaidAside => self.dead.contains_key(&key),
                _ => self.inbox.contains_key(&key),
            };
            row.lost += usize::from(!is_there);
        }
        let distinct: BTreeSet<&str> =
            self.mails.iter().map(|mail| mail.message_id.as_str()).collect();
        row.mails = self.mails.len();
        row.twice = self.mails.len() - distinct.len();
    }

    /// Everything that must hold.
    ///
    /// # Panics
    /// When something does not.
    pub async fn assert_all(&self) {
        self.assert_commands();
        self.assert_order_of_commands();
        self.assert_state().await;
        self.assert_offers().await;
        self.assert_events();
        self.assert_messages();
        self.assert_mails();
        self.assert_nothing_is_late();
        self.assert_apart().await;
    }
}

async fn events(books: &Books) -> Vec<Kept> {
    let sql = "SELECT part, seq, tenant, type, coalesce(cause, ''), CAST(data AS text) \
         FROM events ORDER BY part, seq";
    let rows: Vec<(i64, i64, String, String, String, String)> = books.rows(sql).await;
    let kept =
        |(part, seq, tenant, kind, cause, data)| Kept { part, seq, tenant, kind, cause, data };
    rows.into_iter().map(kept).collect()
}

async fn messages(books: &Books) -> BTreeMap<String, Message> {
    let sql = "SELECT CAST(message AS text), tenant, kind, channel, client, \
         coalesce(booking, ''), cause, status, CAST(CAST(superseded AS integer) AS bigint), \
         CAST(doubts AS bigint) FROM messages";
    type Row = (String, String, String, String, String, String, String, String, i64, i64);
    let rows: Vec<Row> = books.rows(sql).await;
    let message = |row: Row| {
        let (id, tenant, kind, channel, client, booking, cause, status, superseded, doubts) = row;
        let superseded = superseded == 1;
        Message { id, tenant, kind, channel, client, booking, cause, status, superseded, doubts }
    };
    rows.into_iter().map(message).map(|message| (message.id.clone(), message)).collect()
}
