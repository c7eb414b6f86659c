//! A delivery, free of the client library.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::FieldTable;

/// Where a publisher wants the result sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyAddress {
    /// The queue, reached through the default exchange.
    pub queue: String,
    /// Echoed in the reply.
    pub correlation_id: Option<String>,
}

/// One message from a partition queue.
#[derive(Debug)]
pub struct Delivered {
    /// Acknowledges it, on the subscription that delivered it.
    pub tag: u64,
    /// `cmd.<tenant>`.
    pub routing_key: String,
    /// The body.
    pub body: Vec<u8>,
    /// The publisher, as validated by the broker.
    pub user: Option<String>,
    /// Where the result is wanted.
    pub reply: Option<ReplyAddress>,
    properties: BasicProperties,
}

impl Delivered {
    pub(super) fn new(delivery: Delivery) -> Self {
        let properties = delivery.properties;
        let text = |value: &Option<lapin::types::ShortString>| {
            value.as_ref().map(|text| text.as_str().to_owned())
        };
        let correlation_id = text(properties.correlation_id());
        Self {
            tag: delivery.delivery_tag,
            routing_key: delivery.routing_key.as_str().to_owned(),
            body: delivery.data,
            user: text(properties.user_id()),
            reply: text(properties.reply_to()).map(|queue| ReplyAddress { queue, correlation_id }),
            properties,
        }
    }

    /// Whether the publisher also addressed it to others: such headers bypass the broker's topic
    /// permissions, so that the routing key proves nothing.
    pub fn has_carbon_copies(&self) -> bool {
        self.headers().is_some_and(|headers| {
            headers.inner().contains_key("CC") || headers.inner().contains_key("BCC")
        })
    }

    pub(super) fn headers(&self) -> Option<&FieldTable> {
        self.properties.headers().as_ref()
    }

    pub(super) fn properties(&self) -> &BasicProperties {
        &self.properties
    }
}
