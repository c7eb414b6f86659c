//! A downstream app: collects what the daemon publishes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures_util::StreamExt;
use lapin::{
    Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, QueueBindOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde_json::Value;

/// The exchange events come from.
pub const EVENTS: &str = "bellhop.events";
/// Where commands that cannot be read end.
pub const DEAD_COMMANDS: &str = "bellhop.commands.dead";

/// Every event published since [`Events::subscribe`].
#[derive(Debug)]
pub struct Events {
    received: Arc<Mutex<Vec<(Value, FieldTable)>>>,
    _connection: Connection,
}

impl Events {
    /// Binds a queue of its own to the events exchange, which must exist.
    pub async fn subscribe(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let own = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare("".into(), own, FieldTable::default()).await.unwrap();
        let name = queue.name().clone();
        channel
            .queue_bind(
                name.clone(),
                EVENTS.into(),
                "#".into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
            .unwrap();
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let mut consumer =
            channel.basic_consume(name, "".into(), options, FieldTable::default()).await.unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&received);
        tokio::spawn(async move {
            // Holds the channel, which would close when dropped.
            let _channel = channel;
            while let Some(Ok(delivery)) = consumer.next().await {
                let event = serde_json::from_slice(&delivery.data).unwrap_or(Value::Null);
                let headers = delivery.properties.headers().clone().unwrap_or_default();
                sink.lock().unwrap().push((event, headers));
            }
        });
        Self { received, _connection: connection }
    }

    /// All events so far.
    pub fn all(&self) -> Vec<Value> {
        self.received.lock().unwrap().iter().map(|(event, _)| event.clone()).collect()
    }

    /// The AMQP header of that name, a text, of the event with this id.
    pub fn header(&self, event: &Value, name: &str) -> Option<String> {
        let received = self.received.lock().unwrap();
        let (_, headers) = received.iter().find(|(of, _)| of["id"] == event["id"])?;
        let text = headers.inner().get(name)?.as_long_string()?;
        Some(String::from_utf8(text.as_bytes().to_vec()).unwrap())
    }

    /// The events of one type, such as `message.dead`.
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.all().into_iter().filter(|event| event["type"] == kind).collect()
    }
}

/// A command the daemon could not read, as it put it aside.
#[derive(Debug)]
pub struct DeadCommand {
    /// Header `x-bellhop-reason`.
    pub reason: String,
    /// Header `x-bellhop-detail`.
    pub detail: String,
    /// Every header whose value is a text.
    pub headers: BTreeMap<String, String>,
    /// Untouched.
    pub body: Vec<u8>,
}

/// Binds a quorum queue to every event.
pub async fn bind_quorum(url: &str, queue: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut kind = FieldTable::default();
    kind.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, kind).await.unwrap();
    let every = ("#".into(), QueueBindOptions::default(), FieldTable::default());
    channel.queue_bind(queue.into(), EVENTS.into(), every.0, every.1, every.2).await.unwrap();
}

/// Takes everything out of the queue of unreadable commands.
pub async fn take_dead_commands(url: &str) -> Vec<DeadCommand> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut dead = Vec::new();
    while let Some(message) =
        channel.basic_get(DEAD_COMMANDS.into(), BasicGetOptions::default()).await.unwrap()
    {
        message.ack(BasicAckOptions::default()).await.unwrap();
        let headers = message.properties.headers().clone().unwrap_or_default();
        let texts = headers.inner().iter().filter_map(|(name, value)| {
            Some((name.to_string(), value.as_long_string()?.to_string()))
        });
        let headers: BTreeMap<String, String> = texts.collect();
        let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
        dead.push(DeadCommand {
            reason: header("x-bellhop-reason"),
            detail: header("x-bellhop-detail"),
            headers,
            body: message.data.clone(),
        });
    }
    dead
}
