//! A delivery, free of the client library.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::FieldTable;

use super::arrivals::Arrival;
use super::properties::Flaw;
use crate::domain::partition::Part;
use crate::domain::trace::TraceContext;

/// The header that says who had published what was laid aside, as validated by the broker.
pub(super) const FIRST_USER: &str = "x-bellhop-user";

/// Names of the header that says in which trace a message was sent, the first that is there before
/// the others: two of CloudEvents' own, by its binding to AMQP, and what tracing libraries set.
const TRACE_HEADERS: [&str; 3] =
    ["cloudEvents:traceparent", "cloudEvents_traceparent", TRACEPARENT];
/// The header's plain name, under which it is also sent.
pub(super) const TRACEPARENT: &str = "traceparent";

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
    /// The partition whose queue it comes from.
    pub part: Part,
    /// `cmd.<tenant>`.
    pub routing_key: String,
    pub body: Vec<u8>,
    /// The publisher: as validated by the broker, until [`Delivered::believe`] knows better.
    pub user: Option<String>,
    /// Where the result is wanted.
    pub reply: Option<ReplyAddress>,
    /// Why its properties could not be read: then none of them are here but the user.
    pub flaw: Option<Flaw>,
    /// How often the broker took it back from a connection that died.
    pub returns: u64,
    properties: BasicProperties,
}

impl Delivered {
    pub(super) fn new(part: Part, delivery: Delivery, arrival: Arrival) -> Self {
        let properties = delivery.properties;
        let text = |value: &Option<lapin::types::ShortString>| {
            value.as_ref().map(|text| text.as_str().to_owned())
        };
        let correlation_id = text(properties.correlation_id());
        Self {
            tag: delivery.delivery_tag,
            part,
            routing_key: delivery.routing_key.as_str().to_owned(),
            body: delivery.data,
            user: arrival.user,
            reply: text(properties.reply_to()).map(|queue| ReplyAddress { queue, correlation_id }),
            flaw: arrival.flaw,
            returns: arrival.returns,
            properties,
        }
    }

    /// Whether the publisher also addressed it to others. Blind copies cannot be told: the broker
    /// takes their header off.
    pub fn has_carbon_copies(&self) -> bool {
        self.headers().is_some_and(|headers| headers.inner().contains_key("CC"))
    }

    /// The trace in which it was sent, by its headers. One that is malformed is none.
    pub fn trace(&self) -> Option<TraceContext> {
        let headers = self.headers()?.inner();
        let value = TRACE_HEADERS.iter().find_map(|name| headers.get(*name))?;
        let text = std::str::from_utf8(value.as_long_string()?.as_bytes()).ok()?;
        TraceContext::parse(text)
    }

    /// A copy of a command that Bellhop had laid aside is its first publisher's still. Bellhop's
    /// own user says who that was: an empty name was nobody's.
    pub fn believe(&mut self, own_user: Option<&str>) {
        let is_ours = self.user.is_some() && self.user.as_deref() == own_user;
        if let Some(first) = self.first_user().filter(|_| is_ours) {
            self.user = Some(first.to_owned()).filter(|first| !first.is_empty());
        }
    }

    fn first_user(&self) -> Option<&str> {
        let user = self.headers()?.inner().get(FIRST_USER)?.as_long_string()?;
        std::str::from_utf8(user.as_bytes()).ok()
    }

    pub(super) fn headers(&self) -> Option<&FieldTable> {
        self.properties.headers().as_ref()
    }

    pub(super) fn properties(&self) -> &BasicProperties {
        &self.properties
    }
}
