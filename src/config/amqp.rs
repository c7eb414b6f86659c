//! `[amqp]`: the broker.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::domain::id::TenantId;

use super::error::ConfigError;
use super::section::{Section, mismatch, text_of, wrong};
use super::span::{self, ms, s};
use super::tree::{Node, Value};
use super::url::SecretUrl;

/// Stands for every tenant.
const ALL: &str = "*";

/// `[amqp]` with a url.
#[derive(Debug, Clone, Serialize)]
pub struct Amqp {
    /// The broker (<https://www.rabbitmq.com/docs/uri-spec>).
    pub url: SecretUrl,
    /// Partition queues.
    pub partitions: u16,
    /// Unacknowledged commands per partition.
    pub prefetch: u16,
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
    /// Who may publish for whom; absent: not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishers: Option<Publishers>,
}

impl Amqp {
    /// `None` without a url: embedded mode. The other keys are checked all the same.
    pub(super) fn read(section: &mut Section<'_>) -> Result<Option<Self>, ConfigError> {
        let url = section.optional_secret("url", "amqp://not-read.invalid", |text| {
            SecretUrl::parse(text, &["amqp", "amqps"])
        })?;
        let partitions = section.count("partitions", 1..=256)?;
        let prefetch = section.count("prefetch", 1..=10_000)?;
        let heartbeat = section.span("heartbeat", s(1)..=s(600))?;
        if heartbeat.subsec_nanos() != 0 {
            return Err(section.invalid("heartbeat", "must be whole seconds"));
        }
        let reconnect_max = section.span("reconnect_max", ms(100)..=s(300))?;
        let confirm_window = section.count("confirm_window", 1..=10_000)?;
        let body_max = section.count("body_max", 1024..=16 << 20)?;
        let publishers = section.optional_section("publishers", Publishers::read)?;
        Ok(url.map(|url| Self {
            url,
            partitions,
            prefetch,
            heartbeat,
            reconnect_max,
            confirm_window,
            body_max,
            publishers,
        }))
    }
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
