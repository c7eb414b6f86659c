//! One connection.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream as Sequence, StreamExt as _};
use lapin::options::{BasicQosOptions, ConfirmSelectOptions};
use lapin::uri::{AMQPScheme, AMQPUri, SASLMechanism};
use lapin::{AsyncTcpStream, Channel, Connection, ConnectionProperties, ConnectionStatus, Event};

use super::arrivals::Arrivals;
use super::gauge::Gauge;
use super::kit::Kit;
use super::publisher::Publisher;
use super::stream::Stream;
use super::subscription::Subscription;
use super::watch::Watch;
use super::{BrokerError, tls, topology};
use crate::config::{Amqp, Host};
use crate::domain::partition::Partitions;

/// How long each step may take: connecting with its handshake, declaring, subscribing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a polite goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// One connection to the broker.
pub struct Link {
    connection: Connection,
    arrivals: Arc<Arrivals>,
    /// A channel that is dropped closes itself; a connection closed meanwhile never hears that
    /// it is closed. So channels live as long as their connection.
    channels: Mutex<Vec<Channel>>,
}

/// How a connection stands, for whoever looks from outside.
#[derive(Debug, Clone)]
pub struct Standing(ConnectionStatus);

impl Standing {
    /// Whether it is there, as far as we know.
    pub fn is_up(&self) -> bool {
        self.0.connected()
    }

    /// Whether the broker takes nothing from it: an alarm of its memory or its disk.
    pub fn is_blocked(&self) -> bool {
        self.0.blocked()
    }
}

impl Link {
    /// Connects and declares the topology. `name` is what the broker's own tools show.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] if the broker is absent, refuses us, or has something else of the
    /// same name.
    pub async fn open(settings: &Amqp, name: &str, watch: Arc<Watch>) -> Result<Self, BrokerError> {
        let turn = watch.turn();
        let link = Self::connect(settings, name, watch.clone()).await?;
        let partitions = Partitions::new(settings.partitions);
        let declared = in_time(topology::declare(&link.connection, &partitions)).await;
        declared.inspect_err(|_| watch.passes(turn))?;
        Ok(link)
    }

    /// Connects and declares nothing.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] if the broker is absent or refuses us.
    pub(super) async fn connect(
        settings: &Amqp,
        name: &str,
        watch: Arc<Watch>,
    ) -> Result<Self, BrokerError> {
        let arrivals = Arc::new(Arrivals::new(settings.prefetch_bytes));
        let turn = watch.turn();
        let connected = in_time(connect(settings, turn, name, arrivals.clone())).await;
        let connection = connected.inspect_err(|_| watch.passes(turn))?;
        let frame_max = usize::try_from(connection.configuration().frame_max());
        arrivals.bound_frames(frame_max.unwrap_or(usize::MAX));
        tokio::spawn(tell_alarms(connection.events_listener(), watch));
        Ok(Self { connection, arrivals, channels: Mutex::default() })
    }

    /// Begins to consume every partition queue, with so many unacknowledged deliveries in each.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn subscribe(&self, settings: &Amqp) -> Result<Subscription, BrokerError> {
        let subscribing = async {
            let channel = self.channel().await?;
            channel.basic_qos(settings.prefetch, BasicQosOptions::default()).await?;
            let partitions = Partitions::new(settings.partitions);
            Subscription::start(channel, self.arrivals.clone(), &partitions).await
        };
        in_time(subscribing).await
    }

    /// Who asks queues how much waits in them.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn gauge(&self) -> Result<Gauge, BrokerError> {
        in_time(async { Ok(Gauge::new(self.channel().await?)) }).await
    }

    /// A channel that publishes with confirms.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn publisher(&self) -> Result<Publisher, BrokerError> {
        let preparing = async {
            let channel = self.channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            Ok(Publisher::new(channel))
        };
        in_time(preparing).await
    }

    /// Another channel.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub(super) async fn channel(&self) -> Result<Channel, BrokerError> {
        let channel = self.connection.create_channel().await?;
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).push(channel.clone());
        Ok(channel)
    }

    /// The broker's version, if it told.
    pub(super) fn version(&self) -> Option<String> {
        self.arrivals.version()
    }

    /// The virtual host, and the user that we are.
    pub(super) fn place(&self) -> (String, String) {
        let status = self.connection.status();
        (status.vhost().to_string(), status.username())
    }

    /// How it stands, now and later.
    pub fn standing(&self) -> Standing {
        Standing(self.connection.status().clone())
    }

    /// Says goodbye; an answer is not waited for long, and not at all where an alarm keeps the
    /// broker from reading.
    pub async fn close(self) {
        if self.standing().is_blocked() {
            return;
        }
        let closing = self.connection.close(200, "bellhop stops".into());
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing).await;
    }
}

/// Nothing on the way to a connection that works may take for ever.
async fn in_time<T>(step: impl Future<Output = Result<T, BrokerError>>) -> Result<T, BrokerError> {
    let late = |_| BrokerError::Lost("the broker did not answer in time".to_owned());
    tokio::time::timeout(CONNECT_TIMEOUT, step).await.map_err(late)?
}

/// Tells when the broker stops to take what is published, and when it takes it again; until the
/// connection is gone.
async fn tell_alarms(events: impl Sequence<Item = Event>, watch: Arc<Watch>) {
    let mut events = pin!(events);
    let mut is_blocked = false;
    while let Some(event) = events.next().await {
        match event {
            Event::ConnectionBlocked(reason) if !is_blocked => {
                is_blocked = true;
                watch.blocked(&reason);
            }
            Event::ConnectionUnblocked if is_blocked => {
                is_blocked = false;
                watch.unblocked();
            }
            _ => {}
        }
    }
    if is_blocked {
        watch.blocked_one_gone();
    }
}

/// The user as whom Bellhop publishes, if the address says so.
pub fn own_user(settings: &Amqp) -> Option<String> {
    let uri: AMQPUri = settings.url.expose().parse().ok()?;
    // With a certificate the broker makes its own name of it.
    let by_password = uri.query.auth_mechanism.is_none_or(|by| by == SASLMechanism::Plain);
    by_password.then_some(uri.authority.userinfo.username)
}

/// The address of the node whose turn it is: of the URL's host, or of one of the others.
fn address_of(settings: &Amqp, turn: usize) -> Result<AMQPUri, BrokerError> {
    let mut uri: AMQPUri = settings.url.expose().parse().map_err(BrokerError::Lost)?;
    let nodes = settings.hosts.len() + 1;
    if let Some(Host { name, port }) = (turn % nodes).checked_sub(1).map(|at| &settings.hosts[at]) {
        uri.authority.host.clone_from(name);
        uri.authority.port = port.unwrap_or(uri.authority.port);
    }
    Ok(uri)
}

async fn connect(
    settings: &Amqp,
    turn: usize,
    name: &str,
    arrivals: Arc<Arrivals>,
) -> Result<Connection, BrokerError> {
    let mut uri = address_of(settings, turn)?;
    uri.query.heartbeat.get_or_insert_with(|| {
        u16::try_from(settings.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX)
    });
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let tls = match uri.scheme {
        AMQPScheme::AMQP => None,
        AMQPScheme::AMQPS => Some(tls::client_config(settings.trust.as_ref())?),
    };
    let stream = async move |uri: AMQPUri, _| {
        let (host, port) = (&uri.authority.host, uri.authority.port);
        let stream = Stream::connect(host, port, tls.clone(), arrivals.clone()).await?;
        Ok(AsyncTcpStream::Plain(stream))
    };
    Ok(Connection::connector(uri, Kit::current(), stream, properties).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn each_node_has_its_turn_with_all_else_as_the_url_says() {
        let text = "[amqp]\nurl = \"amqps://anna:hunter2@one.example/prod?heartbeat=7\"\n\
                    hosts = [\"two.example\", \"[2001:db8::3]:5673\"]\n";
        let settings = Config::parse("f", text).unwrap().amqp.unwrap();
        let at = |turn| {
            let uri = address_of(&settings, turn).unwrap();
            assert_eq!((uri.vhost.as_str(), uri.query.heartbeat), ("prod", Some(7)));
            assert_eq!(uri.authority.userinfo.username, "anna");
            (uri.authority.host, uri.authority.port)
        };
        let nodes = [("one.example", 5671), ("two.example", 5671), ("2001:db8::3", 5673)];
        let nodes = nodes.map(|(host, port)| (host.to_owned(), port));
        assert_eq!([0, 1, 2].map(at), nodes);
        assert_eq!([3, 4, 5].map(at), nodes);
    }
}
