//! Apps that go on publishing whatever happens, and note what became of each publish.
//!
//! Each tenant is an app of its own: it publishes its next command once the one before is
//! confirmed, so that the order in which commands arrive is known. What was not confirmed is
//! published again; many are published two or three times for no reason at all.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use lapin::{
    Channel, Confirmation, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use tokio::{sync::Mutex, task::JoinHandle, time::timeout};

use crate::model::{Asked, Fate, Model};
use crate::seed::Chance;
use crate::support::{
    Command,
    publish::{COMMANDS, properties},
};

/// A lost connection is not always noticed by the client.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// Between two commands of one tenant, at most.
const PACE: Duration = Duration::from_millis(120);

/// What an app knows of one publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    Confirmed,
    Nacked,
    /// The connection broke, or nobody answered: it may have arrived.
    Unknown,
}

/// A command, and every publish of it.
#[derive(Debug)]
pub struct Line {
    pub asked: Asked,
    pub publishes: Vec<Publish>,
}

impl Line {
    /// Whether the broker ever answered for it.
    pub fn is_confirmed(&self) -> bool {
        self.publishes.contains(&Publish::Confirmed)
    }
}

/// All that one tenant's app knows in the end.
#[derive(Debug)]
pub struct Account {
    pub model: Model,
    /// In the order in which commands arrived first.
    pub log: Vec<Line>,
}

/// Apps at work.
#[derive(Debug)]
pub struct Traffic {
    stop: Arc<AtomicBool>,
    apps: Vec<JoinHandle<Account>>,
}

impl Traffic {
    /// So many salons and studios, in turn.
    pub fn begin(url: &str, tenants: usize, with_phones: bool, chance: &mut Chance) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let link = Arc::new(Link {
            url: url.to_owned(),
            open: Mutex::default(),
            opened: AtomicUsize::default(),
        });
        let apps = (0..tenants).map(|number| {
            let mut model = Model::new(number, number % 2 == 1, chance.branch(number));
            model.with_phones = with_phones;
            let (link, stop) = (link.clone(), stop.clone());
            let chance = chance.branch(number + tenants);
            tokio::spawn(async move { App { link, model, chance }.works(&stop).await })
        });
        let apps = apps.collect();
        Self { stop, apps }
    }

    /// Ends once what each app has in hand is confirmed.
    pub async fn ends(self) -> BTreeMap<String, Account> {
        self.stop.store(true, Ordering::Relaxed);
        let mut accounts = BTreeMap::new();
        for app in self.apps {
            let account = app.await.unwrap();
            accounts.insert(account.model.tenant.clone(), account);
        }
        accounts
    }
}

struct App {
    link: Arc<Link>,
    model: Model,
    chance: Chance,
}

impl App {
    async fn works(mut self, stop: &AtomicBool) -> Account {
        let mut log = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let asked = self.model.next();
            let publishes = self.publish(&asked).await;
            log.push(Line { asked, publishes });
            let pace = PACE.mul_f64(self.chance.below(100) as f64 / 100.0);
            tokio::time::sleep(pace).await;
        }
        Account { model: self.model, log }
    }

    /// One to three times at once; and again until it is confirmed, but for what is published once
    /// whatever becomes of it.
    async fn publish(&mut self, asked: &Asked) -> Vec<Publish> {
        let command = &asked.command;
        if asked.fate == Fate::Perhaps {
            return vec![self.link.publish(command).await];
        }
        let copies = if self.chance.percent(70) { 1 } else { 2 + self.chance.below(2) };
        let at_once = (0..copies).map(|_| self.link.publish(command));
        let mut publishes = futures_util::future::join_all(at_once).await;
        while !publishes.contains(&Publish::Confirmed) {
            publishes.push(self.link.publish(command).await);
        }
        publishes
    }
}

/// One connection for all, made again when it breaks.
#[derive(Debug)]
struct Link {
    url: String,
    open: Mutex<Option<Open>>,
    opened: AtomicUsize,
}

#[derive(Debug)]
struct Open {
    channel: Channel,
    /// Tells it from those before it.
    number: usize,
    _connection: Connection,
}

impl Link {
    async fn publish(&self, command: &Command) -> Publish {
        let (number, channel) = self.channel().await;
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = properties().with_message_id(command.id.as_str().into());
        let (key, body) = (command.routing_key(), command.body());
        let confirm = async {
            let sent =
                channel.basic_publish(COMMANDS.into(), key.into(), options, &body, properties);
            sent.await?.await
        };
        let publish = match timeout(CONFIRM_TIMEOUT, confirm).await {
            Ok(Ok(Confirmation::Ack(None))) => Publish::Confirmed,
            // Not routed: while a queue is declared again, or for good, which the end will show.
            Ok(Ok(_)) => Publish::Nacked,
            Ok(Err(_)) | Err(_) => Publish::Unknown,
        };
        if publish == Publish::Unknown {
            self.breaks(number).await;
        }
        publish
    }

    /// The channel that everybody has now, which may be a new one.
    async fn channel(&self) -> (usize, Channel) {
        loop {
            let mut open = self.open.lock().await;
            if let Some(Open { channel, number, .. }) = &*open
                && channel.status().connected()
            {
                return (*number, channel.clone());
            }
            let number = self.opened.load(Ordering::Relaxed);
            if let Ok(Ok(link)) = timeout(CONNECT_TIMEOUT, connect(&self.url, number)).await {
                self.opened.store(number + 1, Ordering::Relaxed);
                let channel = link.channel.clone();
                *open = Some(link);
                return (number, channel);
            }
            drop(open);
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
    }

    /// Nobody takes this channel any more.
    async fn breaks(&self, number: usize) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|of_all| of_all.number == number) {
            *open = None;
        }
    }
}

async fn connect(url: &str, number: usize) -> lapin::Result<Open> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(Open { channel, number, _connection: connection })
}
