//! An upstream app that asked for the results of its commands.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use lapin::{
    Channel, Connection, ConnectionProperties, Consumer,
    options::{BasicConsumeOptions, QueueDeclareOptions},
    types::FieldTable,
};
use serde_json::Value;
use uuid::Uuid;

const DEADLINE: Duration = Duration::from_secs(30);

/// A queue of its own that results are sent to.
#[derive(Debug)]
pub struct Replies {
    queue: String,
    consumer: Consumer,
    _channel: Channel,
    _connection: Connection,
}

impl Replies {
    /// Declares a queue that commands may name.
    pub async fn subscribe(url: &str) -> Self {
        Self::subscribe_named(url, &format!("replies.{}", Uuid::now_v7())).await
    }

    /// Declares the queue of that name.
    pub async fn subscribe_named(url: &str, name: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let own = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare(name.into(), own, FieldTable::default()).await.unwrap();
        let name = queue.name().clone();
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let consumer = channel
            .basic_consume(name.clone(), "".into(), options, FieldTable::default())
            .await
            .unwrap();
        Self { queue: name.to_string(), consumer, _channel: channel, _connection: connection }
    }

    /// For the property `reply_to`.
    pub fn address(&self) -> &str {
        &self.queue
    }

    /// Whether nothing has come.
    pub fn is_silent(&mut self) -> bool {
        self.consumer.next().now_or_never().is_none()
    }

    /// The next result: its correlation id, empty if there is none, and the event.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn next(&mut self) -> (String, Value) {
        let reply = tokio::time::timeout(DEADLINE, self.consumer.next()).await;
        let reply = reply.expect("a reply in time").expect("an open channel").unwrap();
        let correlation_id = reply.properties.correlation_id().as_ref();
        let correlation_id = correlation_id.map(ToString::to_string).unwrap_or_default();
        (correlation_id, serde_json::from_slice(&reply.data).unwrap())
    }
}
