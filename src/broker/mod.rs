//! The only place that speaks AMQP 0-9-1.
//!
//! A [`Link`] is one connection; it is never repaired: whoever holds it drops it at the first
//! error and opens another, declaring everything anew. Topology ([`needs`]):
//!
//! ```text
//! publishers ──▶ bellhop.commands (topic) ──cmd.*──▶ bellhop.p.00   quorum, single active consumer
//!           │ with several partitions: ─▶ bellhop.commands.hash (x-modulus-hash) ─▶ bellhop.p.00…
//! unreadable commands ──▶ bellhop.commands.dead (queue)
//! bellhop ──▶ bellhop.events (topic) ──<tenant>.<type>──▶ whoever binds a queue
//! ```
//!
//! What comes from the broker passes a [`sieve`] before the client library sees it: whoever may
//! publish for one tenant must not be able to break the connection, or the process, for all.
//!
//! Single active consumer gives each tenant's commands one reader at a time; limits on
//! redelivery and length are the broker's [`policy`]. [`probe`] looks whether all that is there.

mod address;
mod arrivals;
mod delivered;
mod gauge;
mod greeting;
mod kit;
mod laid_aside;
mod link;
mod needs;
mod policy;
mod probe;
mod properties;
mod publisher;
mod sieve;
mod stream;
mod subscription;
mod tls;
mod topology;
mod watch;

pub use address::check_url;
pub use delivered::{Delivered, ReplyAddress};
pub use gauge::Gauge;
pub use link::{Link, Standing, own_user};
pub use needs::{
    Binding, COMMANDS_EXCHANGE, DEAD_QUEUE, EVENTS_EXCHANGE, Exchange, HASH_EXCHANGE, HASH_KIND,
    Needs, Queue, Target,
};
pub use policy::{DEAD, Definition, PARTITIONS, Policy, in_effect};
pub use probe::{Found, Probe, has_exchange_kind};
pub use properties::Flaw;
pub use publisher::{Outgoing, Pending, Publisher};
pub use subscription::{Ack, Subscription};
pub use tls::client_config;
pub use watch::Watch;

use std::fmt;

use lapin::ErrorKind;

use crate::config::certificate_fault;
use crate::domain::partition::Part;
use crate::telemetry::connect_words;

/// AMQP's delivery mode for what must survive a broker restart.
const PERSISTENT: u8 = 2;

/// What can go wrong with the broker, named by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The connection or channel is gone, or was never made: open another after a pause.
    #[error("the broker connection failed: {0}")]
    Lost(String),
    /// The connection is up, and of no use: drop it, and open another.
    #[error("{0}")]
    Stalled(Stall),
    /// No queue takes what was published.
    #[error("the broker has no queue for it")]
    Unroutable,
    /// The broker refuses to store it now.
    #[error("the broker refused it")]
    Refused,
}

/// What does not come on a connection that is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stall {
    /// Confirms of what was published.
    Unconfirmed,
    /// Commands that wait in a partition queue.
    Undelivered(Part),
}

impl Stall {
    /// As a metric says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stall::Unconfirmed => "unconfirmed",
            Stall::Undelivered(_) => "undelivered",
        }
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stall::Unconfirmed => f.write_str("what was published is not confirmed"),
            Stall::Undelivered(part) => {
                write!(f, "commands wait in {} and are not delivered", part.queue())
            }
        }
    }
}

impl BrokerError {
    /// Whoever used the connection panicked: it is of no use any more, others may be.
    pub fn panicked() -> Self {
        BrokerError::Lost("its user panicked".to_owned())
    }
}

impl From<lapin::Error> for BrokerError {
    fn from(error: lapin::Error) -> Self {
        // In the broker's own words where it spoke, such as "NOT_ALLOWED - vhost x not found".
        BrokerError::Lost(match error.kind() {
            ErrorKind::ProtocolError(said) => said.get_message().to_string(),
            ErrorKind::IOError(error) => {
                certificate_fault(error).map_or_else(|| connect_words(error), str::to_owned)
            }
            ErrorKind::MissingHeartbeatError => "no heartbeat came".to_owned(),
            _ => error.to_string(),
        })
    }
}
