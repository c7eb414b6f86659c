//! Looking at what stands on the broker, over AMQP alone, and declaring single things.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use lapin::options::ExchangeDeclareOptions;
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{ErrorKind, ExchangeKind};

use super::gauge::waiting;
use super::needs::{Binding, Exchange, Queue};
use super::watch::Watch;
use super::{BrokerError, Link, topology};
use crate::config::Amqp;
use crate::domain::partition::Part;

/// One beyond the highest number of a partition that a configuration may have.
const PARTS_MAX: u16 = 256;
/// Queues asked for at once.
const LANES: usize = 16;

/// What was found under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// As it is needed; of a queue, with so many messages that wait.
    Same(u32),
    /// Nothing.
    Absent,
    /// Something else; in the broker's words.
    Other(String),
    /// Something that we may not declare; in the broker's words.
    Denied(String),
}

/// A connection that declares nothing by itself.
pub struct Probe {
    link: Link,
}

impl Probe {
    /// Connects.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] if the broker is absent or refuses us.
    pub async fn open(settings: &Amqp, name: &str) -> Result<Self, BrokerError> {
        let watch = Arc::new(Watch::new(settings.url.clone()));
        Ok(Self { link: Link::connect(settings, name, watch).await? })
    }

    /// The broker's version, if it told.
    pub fn version(&self) -> Option<String> {
        self.link.version()
    }

    /// The virtual host, and the user that we are.
    pub fn place(&self) -> (String, String) {
        self.link.place()
    }

    /// Looks at an exchange. One that is there is declared again as it is needed: if that is what
    /// it is, nothing changes, else the broker says what differs.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn exchange(&self, needed: &Exchange) -> Result<Found, BrokerError> {
        let channel = self.link.channel().await?;
        let passive = ExchangeDeclareOptions { passive: true, ..Default::default() };
        let kind = ExchangeKind::Custom(needed.kind.to_owned());
        let name = needed.name.into();
        match channel.exchange_declare(name, kind, passive, FieldTable::default()).await {
            Ok(()) => understood(topology::exchange(&channel, needed).await.map(|()| 0)),
            missing => understood(missing.map(|()| 0)),
        }
    }

    /// Looks at a queue, in the same way.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn queue(&self, needed: &Queue) -> Result<Found, BrokerError> {
        let channel = self.link.channel().await?;
        match waiting(&channel, &needed.name).await {
            Ok(count) => understood(topology::queue(&channel, needed).await.map(|()| count)),
            missing => understood(missing),
        }
    }

    /// The partition queues that are there beyond the first `count`, with what waits in each.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn beyond(&self, count: u16) -> Result<Vec<(String, u32)>, BrokerError> {
        let looked_at = stream::iter((count..PARTS_MAX).map(|number| Part::new(number).queue()));
        let looked_at = looked_at.map(|name: String| async move {
            let channel = self.link.channel().await?;
            let found = understood(waiting(&channel, &name).await)?;
            if let Found::Same(_) = found {
                channel.close(200, "seen".into()).await?;
            }
            Ok::<_, BrokerError>((name, found))
        });
        let all: Vec<_> = looked_at.buffered(LANES).try_collect().await?;
        let there = all.into_iter().filter_map(|(name, found)| match found {
            Found::Same(count) => Some((name, count)),
            _ => None,
        });
        Ok(there.collect())
    }

    /// Declares an exchange that is missing.
    ///
    /// # Errors
    /// [`BrokerError::Lost`], with what the broker said.
    pub async fn declare_exchange(&self, needed: &Exchange) -> Result<(), BrokerError> {
        Ok(topology::exchange(&self.link.channel().await?, needed).await?)
    }

    /// Declares a queue that is missing.
    ///
    /// # Errors
    /// [`BrokerError::Lost`], with what the broker said.
    pub async fn declare_queue(&self, needed: &Queue) -> Result<(), BrokerError> {
        Ok(topology::queue(&self.link.channel().await?, needed).await?)
    }

    /// Binds; what is bound already stays so.
    ///
    /// # Errors
    /// [`BrokerError::Lost`], with what the broker said.
    pub async fn bind(&self, needed: &Binding) -> Result<(), BrokerError> {
        Ok(topology::bind(&self.link.channel().await?, needed).await?)
    }

    /// Says goodbye.
    pub async fn close(self) {
        self.link.close().await;
    }
}

/// Whether the broker has exchanges of a type. Asked over a connection of its own, which the
/// broker ends where it has not; nothing is declared either way, for nobody may declare the
/// exchange without a name. `None` if the answer is another than those.
///
/// # Errors
/// [`BrokerError::Lost`] if there is no connection.
pub async fn has_exchange_kind(
    settings: &Amqp,
    name: &str,
    kind: &'static str,
) -> Result<Option<bool>, BrokerError> {
    let probe = Probe::open(settings, name).await?;
    let channel = probe.link.channel().await?;
    let answer = match topology::exchange(&channel, &Exchange { name: "", kind }).await {
        Ok(()) => None,
        Err(error) => match protocol_error(&error) {
            Some(AMQPErrorKind::Hard(AMQPHardError::COMMANDINVALID)) => Some(false),
            Some(AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)) => Some(true),
            _ => None,
        },
    };
    probe.close().await;
    Ok(answer)
}

fn protocol_error(error: &lapin::Error) -> Option<&AMQPErrorKind> {
    match error.kind() {
        ErrorKind::ProtocolError(said) => Some(said.kind()),
        _ => None,
    }
}

fn understood(answer: lapin::Result<u32>) -> Result<Found, BrokerError> {
    let error = match answer {
        Ok(count) => return Ok(Found::Same(count)),
        Err(error) => error,
    };
    let said = match error.kind() {
        ErrorKind::ProtocolError(said) => said.get_message().to_string(),
        _ => String::new(),
    };
    match protocol_error(&error) {
        Some(AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)) => Ok(Found::Absent),
        Some(AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)) => Ok(Found::Denied(said)),
        Some(AMQPErrorKind::Soft(_)) => Ok(Found::Other(said)),
        _ => Err(error.into()),
    }
}
