//! `[amqp]`: the broker.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::domain::id::TenantId;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};
use super::tree::{Node, Value};
use super::trust::Trust;
use super::url::{Parts, SecretUrl};
use super::values::{mismatch, text_of, wrong};

/// Stands for every tenant.
const ALL: &str = "*";
/// Stands for the tenant in a prefix.
const TENANT: &str = "{tenant}";
/// Bellhop's own queues, and the broker's.
const NOT_FOR_REPLIES: [&str; 2] = ["bellhop.", "amq."];
/// What a URL may say of the connection, as the client library reads it.
const PARAMETERS: [&str; 5] =
    ["auth_mechanism", "channel_max", "connection_timeout", "frame_max", "heartbeat"];
/// Names of queues end at 255 bytes.
const REPLY_PREFIX_MAX_BYTES: usize = 128;

/// Nodes of the broker besides the one of the URL.
const HOSTS_MAX: usize = 15;

/// `[amqp]` with a url.
#[derive(Debug, Clone, Serialize)]
pub struct Amqp {
    /// The broker (<https://www.rabbitmq.com/docs/uri-spec>).
    pub url: SecretUrl,
    /// Other nodes of the same cluster, asked in turn where the one before does not answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// Who may sign the broker's certificate; absent: the public authorities.
    #[serde(rename = "ca_file", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// The broker's management API, for whoever checks its topology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management: Option<SecretUrl>,
    /// Partition queues.
    pub partitions: u16,
    /// Unacknowledged commands per partition.
    pub prefetch: u16,
    /// Bytes of unacknowledged commands, over all partitions; one is taken whatever its size.
    pub prefetch_bytes: u64,
    /// Silence after which the connection counts as lost, whole seconds.
    #[serde(serialize_with = "span::iso")]
    pub heartbeat: Duration,
    /// The longest pause between two attempts to connect.
    #[serde(serialize_with = "span::iso")]
    pub reconnect_max: Duration,
    /// Events published and not yet confirmed.
    pub confirm_window: usize,
    /// The largest command, in bytes.
    pub body_max: usize,
    /// Which queues `reply_to` may name, besides RabbitMQ's direct replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_prefix: Option<ReplyPrefix>,
    /// Who may publish for whom; absent: not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishers: Option<Publishers>,
}

impl Amqp {
    /// `None` without a url: embedded mode. The other keys are checked all the same.
    pub(super) fn read(section: &mut Section<'_>) -> Result<Option<Self>, ConfigError> {
        let url = section.optional_secret("url", "amqp://not-read.invalid", parse_url)?;
        let hosts = section.optional_texts("hosts", 1..=HOSTS_MAX, Host::parse)?;
        let trust = section.optional_text("ca_file", Trust::load)?;
        let management =
            section.optional_secret("management", "http://not-read.invalid", parse_management)?;
        let partitions = section.count("partitions", 1..=256)?;
        let prefetch = section.count("prefetch", 1..=10_000)?;
        let prefetch_bytes = section.count("prefetch_bytes", 1 << 20..=1 << 40)?;
        let heartbeat = section.span("heartbeat", s(1)..=s(600))?;
        if heartbeat.subsec_nanos() != 0 {
            return Err(section.invalid("heartbeat", "must be whole seconds"));
        }
        let reconnect_max = section.span("reconnect_max", ms(100)..=s(300))?;
        let confirm_window = section.count("confirm_window", 1..=10_000)?;
        let body_max = section.count("body_max", 1024..=16 << 20)?;
        let reply_prefix = section.optional_text("reply_prefix", ReplyPrefix::parse)?;
        let publishers = section.optional_section("publishers", Publishers::read)?;
        Ok(url.map(|url| Self {
            url,
            hosts: hosts.unwrap_or_default(),
            trust,
            management,
            partitions,
            prefetch,
            prefetch_bytes,
            heartbeat,
            reconnect_max,
            confirm_window,
            body_max,
            reply_prefix,
            publishers,
        }))
    }
}

/// Where a node of the broker listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Without the brackets of an IPv6 address.
    pub name: String,
    /// Absent: the one of the URL.
    pub port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        let wanted = || "must be host or host:port; all else is as in url".to_owned();
        let url = format!("amqp://{text}");
        let Parts { userinfo: None, host, port, path: "", query: None, .. } =
            Parts::split(&url, &["amqp"]).map_err(|_| wanted())?
        else {
            return Err(wanted());
        };
        Ok(Self { name: host.to_owned(), port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.contains(':'), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.name),
            (true, None) => write!(f, "[{}]", self.name),
            (false, Some(port)) => write!(f, "{}:{port}", self.name),
            (false, None) => f.write_str(&self.name),
        }
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The beginning of the names of queues that replies may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReplyPrefix(String);

impl ReplyPrefix {
    fn parse(text: &str) -> Result<Self, String> {
        let may_be = |start: &&str| text.starts_with(start) || start.starts_with(text);
        if NOT_FOR_REPLIES.iter().any(may_be) {
            return Err("must begin the names of your own queues: not bellhop. or amq.".to_owned());
        }
        if text.len() > REPLY_PREFIX_MAX_BYTES {
            return Err(format!("must be at most {REPLY_PREFIX_MAX_BYTES} bytes"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a command of the tenant's may have its result sent to that queue.
    pub fn covers(&self, queue: &str, tenant: &TenantId) -> bool {
        queue.starts_with(&self.0.replace(TENANT, tenant.as_str()))
            && !NOT_FOR_REPLIES.iter().any(|start| queue.starts_with(start))
    }
}

/// What a client library leaves unread is a mistake all the same.
fn parse_url(text: &str) -> Result<SecretUrl, String> {
    let parts = Parts::split(text, &["amqp", "amqps"])?;
    if parts.path.trim_start_matches('/').contains('/') {
        return Err("names no vhost: behind the host stands one part, with %2f for a /".to_owned());
    }
    let mut given = BTreeSet::new();
    for parameter in parts.query.unwrap_or_default().split('&').filter(|of| !of.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        if !PARAMETERS.contains(&name) || !given.insert(name) {
            let known = PARAMETERS.join(", ");
            return Err(format!("may say after the ? only, and each once: {known}"));
        }
    }
    SecretUrl::parse(text, &["amqp", "amqps"])
}

/// The paths below it are the API's.
fn parse_management(text: &str) -> Result<SecretUrl, String> {
    let schemes = ["http", "https"];
    let parts = Parts::split(text, &schemes)?;
    if parts.query.is_some() {
        return Err("must end with its port or path: nothing stands after a ?".to_owned());
    }
    SecretUrl::parse(text, &schemes)
}

/// Which broker user may publish for which tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publishers(BTreeMap<String, Tenants>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tenants {
    All,
    These(BTreeSet<TenantId>),
}

impl Serialize for Tenants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tenants::All => serializer.serialize_str(ALL),
            Tenants::These(tenants) => serializer.collect_seq(tenants.iter().map(TenantId::as_str)),
        }
    }
}

impl Publishers {
    /// Whether `user`, as validated by the broker, may publish for `tenant`.
    pub fn allow(&self, user: &str, tenant: &TenantId) -> bool {
        match self.0.get(user) {
            Some(Tenants::All) => true,
            Some(Tenants::These(tenants)) => tenants.contains(tenant),
            None => false,
        }
    }

    /// Who may publish.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let users = section.rest().into_iter().map(|(user, node)| {
            let full = format!("amqp.publishers.{user}");
            Ok((user, Tenants::of(&full, &node)?))
        });
        Ok(Self(users.collect::<Result<_, ConfigError>>()?))
    }
}

impl Tenants {
    fn of(full: &str, node: &Node) -> Result<Self, ConfigError> {
        match &node.value {
            Value::Text(text) if text == ALL => Ok(Tenants::All),
            Value::List(items) => {
                let tenants = items.iter().map(|item| {
                    TenantId::parse(text_of(full, item)?)
                        .map_err(|why| wrong(full, item, why.to_string()))
                });
                Ok(Tenants::These(tenants.collect::<Result<_, _>>()?))
            }
            _ => Err(mismatch(full, node, "a list of tenants or \"*\"")),
        }
    }
}
