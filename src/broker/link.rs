//! One connection.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lapin::options::{BasicQosOptions, ConfirmSelectOptions};
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};

use super::publisher::Publisher;
use super::subscription::Subscription;
use super::{BrokerError, topology};
use crate::config::Amqp;

/// How long connecting, with its handshake, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a polite goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// One connection to the broker.
pub struct Link {
    connection: Connection,
    /// A channel that is dropped closes itself; a connection closed meanwhile never hears that
    /// it is closed. So channels live as long as their connection.
    channels: Mutex<Vec<Channel>>,
}

impl Link {
    /// Connects and declares the topology. `name` is what the broker's own tools show.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] if the broker is absent, refuses us, or has something else of the
    /// same name.
    pub async fn open(settings: &Amqp, name: &str) -> Result<Self, BrokerError> {
        let mut uri: AMQPUri = settings.url.expose().parse().map_err(BrokerError::Lost)?;
        uri.query.heartbeat.get_or_insert_with(|| {
            u16::try_from(settings.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX)
        });
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = Connection::connect_uri(uri, properties);
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| BrokerError::Lost("connecting timed out".to_owned()))??;
        let link = Self { connection, channels: Mutex::default() };
        topology::declare(&link.connection, settings.partitions).await?;
        Ok(link)
    }

    /// Begins to consume every partition queue, with so many unacknowledged deliveries in each.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn subscribe(&self, settings: &Amqp) -> Result<Subscription, BrokerError> {
        let channel = self.channel().await?;
        channel.basic_qos(settings.prefetch, BasicQosOptions::default()).await?;
        Subscription::start(channel, settings.partitions).await
    }

    /// A channel that publishes with confirms.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn publisher(&self) -> Result<Publisher, BrokerError> {
        let channel = self.channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Publisher::new(channel))
    }

    async fn channel(&self) -> Result<Channel, BrokerError> {
        let channel = self.connection.create_channel().await?;
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).push(channel.clone());
        Ok(channel)
    }

    /// Whether the connection still stands, as far as we know.
    pub fn is_up(&self) -> bool {
        self.connection.status().connected()
    }

    /// Says goodbye; an answer is not waited for long.
    pub async fn close(self) {
        let closing = self.connection.close(200, "bellhop stops".into());
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing).await;
    }
}
