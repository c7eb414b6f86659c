//! An upstream app: publishes commands as it should, with confirms and `mandatory`.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use serde_json::{Value, json};

/// The exchange commands go to.
pub const COMMANDS: &str = "bellhop.commands";
/// Commands sent and not yet confirmed.
const WINDOW: usize = 256;
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// A lost connection is not always noticed by the client.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a broker may be away.
const CONNECT_DEADLINE: Duration = Duration::from_secs(60);

/// A command to be published, in its CloudEvents envelope.
#[derive(Debug, Clone)]
pub struct Command {
    /// The tenant in envelope and routing key.
    pub tenant: String,
    /// The envelope's id.
    pub id: String,
    /// The whole envelope.
    pub envelope: Value,
}

/// `data` as a command of `tenant`, in an envelope with the present time.
pub fn command(tenant: &str, id: &str, kind: &str, data: Value) -> Command {
    let envelope = json!({
        "specversion": "1.0",
        "id": id,
        "source": "/tests",
        "type": kind,
        "time": jiff::Timestamp::now().to_string(),
        "tenant": tenant,
        "data": data,
    });
    Command { tenant: tenant.to_owned(), id: id.to_owned(), envelope }
}

impl Command {
    /// `cmd.<tenant>`.
    pub fn routing_key(&self) -> String {
        format!("cmd.{}", self.tenant)
    }

    /// The same command under another id.
    #[must_use]
    pub fn under_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self.envelope["id"] = json!(id);
        self
    }

    /// The message's body.
    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.envelope).unwrap()
    }
}

/// A connection to a vhost, made again whenever it is lost.
#[derive(Debug)]
pub struct Publisher {
    url: String,
    link: Option<Link>,
    confirmed: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Link {
    channel: Channel,
    _connection: Connection,
}

impl Publisher {
    /// Connects, or keeps trying while the broker is away.
    pub async fn connect(url: &str) -> Self {
        let mut publisher = Self { url: url.to_owned(), link: None, confirmed: Arc::default() };
        publisher.channel().await;
        publisher
    }

    /// Counts the commands confirmed so far; for a task that injects faults meanwhile.
    pub fn confirmed(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.confirmed)
    }

    /// Publishes one command and waits for its confirm.
    pub async fn publish(&mut self, command: &Command) {
        self.publish_all(std::slice::from_ref(command)).await;
    }

    /// Publishes commands in their order, many in flight, and returns when the broker has
    /// confirmed every one. After a lost connection what was not confirmed is published again,
    /// with the same id and still in order, so a command may arrive twice.
    pub async fn publish_all(&mut self, commands: &[Command]) {
        let mut start = 0;
        while start < commands.len() {
            start += self.publish_until_fault(&commands[start..]).await;
        }
    }

    /// How many, from the first on, were confirmed before the connection broke.
    async fn publish_until_fault(&mut self, commands: &[Command]) -> usize {
        let channel = self.channel().await;
        let mut in_flight = VecDeque::with_capacity(WINDOW);
        let mut confirmed = 0;
        let mut next = commands.iter();
        loop {
            let command = if in_flight.len() < WINDOW { next.next() } else { None };
            if let Some(command) = command {
                let properties = properties().with_message_id(command.id.as_str().into());
                let key = command.routing_key();
                let sent = send(&channel, COMMANDS, &key, &command.body(), properties).await;
                if let Ok(confirm) = sent {
                    in_flight.push_back((command, confirm));
                    continue;
                }
                // Broken: those in flight may still have been confirmed.
                next = [].iter();
            }
            let Some((command, confirm)) = in_flight.pop_front() else {
                break;
            };
            if !is_confirmed(command, confirm).await {
                break;
            }
            confirmed += 1;
            self.confirmed.fetch_add(1, Ordering::Relaxed);
        }
        if confirmed < commands.len() {
            self.link = None;
        }
        confirmed
    }

    /// Publishes any bytes to the commands exchange, confirmed once; for malformed input.
    pub async fn publish_raw(&mut self, key: &str, body: &[u8], properties: BasicProperties) {
        let channel = self.channel().await;
        let confirm = send(&channel, COMMANDS, key, body, properties).await.unwrap().await.unwrap();
        assert!(confirm.is_ack() && confirm.take_message().is_none(), "{key} was not taken");
    }

    async fn channel(&mut self) -> Channel {
        let started = Instant::now();
        loop {
            if let Some(link) = &self.link
                && link.channel.status().connected()
            {
                return link.channel.clone();
            }
            match open(&self.url).await {
                Ok(link) => self.link = Some(link),
                Err(error) => {
                    assert!(started.elapsed() < CONNECT_DEADLINE, "no broker: {error}");
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
            }
        }
    }
}

/// Persistent, and of the type the commands have.
pub fn properties() -> BasicProperties {
    const PERSISTENT: u8 = 2;
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/cloudevents+json".into())
}

async fn open(url: &str) -> lapin::Result<Link> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(Link { channel, _connection: connection })
}

async fn send(
    channel: &Channel,
    exchange: &str,
    key: &str,
    body: &[u8],
    properties: BasicProperties,
) -> lapin::Result<PublisherConfirm> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    channel.basic_publish(exchange.into(), key.into(), options, body, properties).await
}

/// False if the command must be sent again.
async fn is_confirmed(command: &Command, confirm: PublisherConfirm) -> bool {
    match tokio::time::timeout(CONFIRM_TIMEOUT, confirm).await {
        Ok(Ok(Confirmation::Ack(None))) => true,
        Ok(Ok(Confirmation::Ack(Some(returned)))) => {
            panic!("command {} was returned: {}", command.id, returned.reply_text)
        }
        Ok(Ok(Confirmation::NotRequested)) => panic!("the channel is not in confirm mode"),
        Ok(Ok(Confirmation::Nack(_)) | Err(_)) | Err(_) => false,
    }
}
