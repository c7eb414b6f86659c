//! Publishing with confirms.

use std::sync::Arc;
use std::task::Poll;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};

use super::BrokerError;
use super::delivered::{Delivered, ReplyAddress, TRACEPARENT};
use super::needs::{DEAD_QUEUE, EVENTS_EXCHANGE};
use super::{PERSISTENT, laid_aside};
use crate::wire::traceparent;

/// The name of no queue.
const NOWHERE: &str = "bellhop.nowhere";

/// One CloudEvent to publish.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The exchange; empty for the default one.
    pub exchange: &'a str,
    pub routing_key: &'a str,
    /// The CloudEvents id, for consumers that deduplicate by `message-id`; it is left out of the
    /// properties where it is longer than they allow.
    pub message_id: &'a str,
    /// The CloudEvent as JSON.
    pub body: &'a [u8],
    /// Whether having no queue for it is an error.
    pub mandatory: bool,
}

/// A publish that the broker has not confirmed yet; it may not even be on the wire.
///
/// Pending publishes take memory: whoever makes them bounds their number.
pub struct Pending(BoxFuture<'static, lapin::Result<PublisherConfirm>>);

impl Pending {
    /// Waits until the broker has taken responsibility.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] in doubt, [`BrokerError::Unroutable`] and [`BrokerError::Refused`]
    /// for sure.
    pub async fn confirmed(self) -> Result<(), BrokerError> {
        let confirmation = self.0.await?.await?;
        let refused = matches!(confirmation, Confirmation::Nack(_));
        // A mandatory message that no queue takes is acked all the same, and returned.
        match (confirmation.take_message(), refused) {
            (Some(_), _) => Err(BrokerError::Unroutable),
            (None, true) => Err(BrokerError::Refused),
            (None, false) => Ok(()),
        }
    }
}

/// A channel that publishes with confirms.
pub struct Publisher {
    /// Shared: cloning a channel itself is dear.
    channel: Arc<Channel>,
}

impl Publisher {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel: Arc::new(channel) }
    }

    /// Publishes a CloudEvent; the confirmation comes later.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn publish(&self, outgoing: Outgoing<'_>) -> Result<Pending, BrokerError> {
        let properties = cloud_event(outgoing.message_id, outgoing.body);
        let properties = properties.with_delivery_mode(PERSISTENT);
        self.send(outgoing, properties).await
    }

    /// Publishes an event of a tenant's.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn publish_event(
        &self,
        tenant: &str,
        type_name: &str,
        id: &str,
        body: &[u8],
    ) -> Result<Pending, BrokerError> {
        let routing_key = format!("{tenant}.{type_name}");
        self.publish(Outgoing {
            exchange: EVENTS_EXCHANGE,
            routing_key: &routing_key,
            message_id: id,
            body,
            mandatory: false,
        })
        .await
    }

    /// Answers a publisher that asked for the result. It may have gone: then nobody reads it.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn reply(
        &self,
        to: &ReplyAddress,
        id: &str,
        body: &[u8],
    ) -> Result<Pending, BrokerError> {
        let mut properties = cloud_event(id, body);
        if let Some(correlation_id) = &to.correlation_id {
            properties = properties.with_correlation_id(correlation_id.as_str().into());
        }
        let outgoing = Outgoing {
            exchange: "",
            routing_key: &to.queue,
            message_id: id,
            body,
            mandatory: false,
        };
        self.send(outgoing, properties).await
    }

    /// Lays a delivery aside, body untouched, with the reason in its headers. Begun only once the
    /// broker takes what is published: what an alarm holds up on its way would lie there after the
    /// alarm, and once more when the delivery comes again.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn lay_aside(
        &self,
        delivered: &Delivered,
        reason: &str,
        detail: &str,
    ) -> Result<(), BrokerError> {
        self.taken().await?;
        let properties = laid_aside::properties(delivered, reason, detail);
        let outgoing = Outgoing {
            exchange: "",
            routing_key: DEAD_QUEUE,
            message_id: "",
            body: &delivered.body,
            mandatory: true,
        };
        self.send(outgoing, properties).await?.confirmed().await
    }

    /// Waits until the broker takes what is published, by something that goes nowhere: that there
    /// is an alarm it says only to who publishes, and keeps what it was given.
    async fn taken(&self) -> Result<(), BrokerError> {
        let nowhere = Outgoing {
            exchange: "",
            routing_key: NOWHERE,
            message_id: "",
            body: &[],
            mandatory: false,
        };
        self.send(nowhere, BasicProperties::default()).await?.confirmed().await
    }

    /// Hands the publish to the connection's thread, in order, and does not wait until it is
    /// written: that would cost a thread switch each way for every one, where many can share one.
    async fn send(
        &self,
        outgoing: Outgoing<'_>,
        properties: BasicProperties,
    ) -> Result<Pending, BrokerError> {
        let options = BasicPublishOptions { mandatory: outgoing.mandatory, ..Default::default() };
        let channel = Arc::clone(&self.channel);
        let (exchange, routing_key): (ShortString, ShortString) =
            (outgoing.exchange.into(), outgoing.routing_key.into());
        let body = outgoing.body.to_vec();
        let mut written = async move {
            channel.basic_publish(exchange, routing_key, options, &body, properties).await
        }
        .boxed();
        // The first poll puts the frames into the connection's queue.
        Ok(Pending(match futures_util::poll!(&mut written) {
            Poll::Ready(confirm) => std::future::ready(Ok(confirm?)).boxed(),
            Poll::Pending => written,
        }))
    }
}

/// The properties of a CloudEvent. An id beyond the 255 bytes of an AMQP short string stands in
/// the body alone: lapin panics on it. The trace of an event of ours is also where tracing
/// libraries look for it.
fn cloud_event(id: &str, body: &[u8]) -> BasicProperties {
    let mut properties =
        BasicProperties::default().with_content_type("application/cloudevents+json".into());
    if let Some(trace) = traceparent(body) {
        let mut headers = FieldTable::default();
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString(trace.into()));
        properties = properties.with_headers(headers);
    }
    match ShortString::try_new(id) {
        Ok(id) => properties.with_message_id(id),
        Err(_) => properties,
    }
}
