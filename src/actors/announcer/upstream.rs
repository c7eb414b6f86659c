//! Where events go: the broker, over a connection of our own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

#[cfg(test)]
use super::script::Script;
use crate::broker::{self, BrokerError, Link, Publisher, Watch};
use crate::config::Amqp;
use crate::store::StoredEvent;

/// What the broker's watch calls us.
const WE: &str = "events";
/// What the broker's own tools show.
const NAME: &str = "bellhop events";

/// Resolves when whoever took an event answers for it.
///
/// # Errors
/// As [`broker::Pending::confirmed`].
pub type Confirmed = BoxFuture<'static, Result<(), BrokerError>>;

/// Whom events are told.
pub struct Upstream {
    amqp: Amqp,
    watch: Arc<Watch>,
    #[cfg(test)]
    script: Option<Arc<Script>>,
}

impl Upstream {
    /// The broker; the watch tells of it.
    pub fn broker(amqp: Amqp, watch: Arc<Watch>) -> Self {
        Self {
            amqp,
            watch,
            #[cfg(test)]
            script: None,
        }
    }

    /// What follows a script, in the place of such a broker.
    #[cfg(test)]
    pub fn scripted(amqp: Amqp, script: Arc<Script>) -> Self {
        let watch = Arc::new(Watch::new(amqp.url.clone()));
        Self { script: Some(script), ..Self::broker(amqp, watch) }
    }

    /// A connection of our own.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub(super) async fn open(&self) -> Result<Line, BrokerError> {
        #[cfg(test)]
        if let Some(script) = &self.script {
            return script.open().map(|()| Line(Way::Script(script.clone())));
        }
        let link = Link::open(&self.amqp, NAME, self.watch.clone()).await?;
        let publisher = link.publisher().await?;
        Ok(Line(Way::Broker(Box::new(link), publisher)))
    }

    /// The connection works.
    pub(super) fn works(&self) {
        self.watch.works(WE);
    }

    /// The connection failed.
    pub(super) fn lost(&self, error: &BrokerError) {
        self.watch.lost(WE, error);
    }

    /// The longest pause before another connection.
    pub(super) fn reconnect_max(&self) -> Duration {
        self.amqp.reconnect_max
    }

    /// Within so long a connection that works is heard of.
    pub(super) fn heartbeat(&self) -> Duration {
        self.amqp.heartbeat
    }
}

/// A connection. It is never repaired.
pub struct Line(Way);

enum Way {
    Broker(Box<Link>, Publisher),
    #[cfg(test)]
    Script(Arc<Script>),
}

impl Line {
    /// Publishes an event; what it gives resolves when that is confirmed.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn publish(&self, event: &StoredEvent) -> Result<Confirmed, BrokerError> {
        let StoredEvent { tenant, type_name, id, body, .. } = event;
        match &self.0 {
            Way::Broker(_, publisher) => {
                let body = body.as_bytes();
                let pending = publisher.publish_event(tenant, type_name, id, body).await?;
                Ok(pending.confirmed().boxed())
            }
            #[cfg(test)]
            Way::Script(script) => script.publish(event),
        }
    }

    /// How it stands, now and later.
    pub fn standing(&self) -> Standing {
        match &self.0 {
            Way::Broker(link, _) => Standing(Footing::Broker(link.standing())),
            #[cfg(test)]
            Way::Script(script) => Standing(Footing::Script(script.clone())),
        }
    }

    /// Says goodbye; an answer is not waited for long.
    pub async fn close(self) {
        match self.0 {
            Way::Broker(link, _) => link.close().await,
            #[cfg(test)]
            Way::Script(_) => {}
        }
    }
}

/// How a connection stands, for whoever looks from outside.
#[derive(Debug)]
pub struct Standing(Footing);

#[derive(Debug)]
enum Footing {
    Broker(broker::Standing),
    #[cfg(test)]
    Script(Arc<Script>),
}

impl Standing {
    /// Whether it is there, as far as we know.
    pub fn is_up(&self) -> bool {
        match &self.0 {
            Footing::Broker(standing) => standing.is_up(),
            #[cfg(test)]
            Footing::Script(script) => script.is_up(),
        }
    }

    /// Whether nothing is taken from it: an alarm of the broker's memory or disk.
    pub fn is_blocked(&self) -> bool {
        match &self.0 {
            Footing::Broker(standing) => standing.is_blocked(),
            #[cfg(test)]
            Footing::Script(script) => script.is_blocked(),
        }
    }
}
