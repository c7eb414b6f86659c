//! `[sms]`, `[push]`, `[inbox]`: who carries messages other than email.

use std::sync::Arc;

use serde::Serialize;

use super::email::PROVIDERS_MAX;
use super::error::ConfigError;
use super::http_gateway::HttpGateway;
use super::names::Names;
use super::outbox::OutboxFolder;
use super::prefix::{COUNTRIES_MAX, prefix};
use super::section::Section;
use crate::gateways::Medium;

/// The name in the address at which mails that came back are handed in.
const RESERVED: &str = "mail";

/// One of `[sms]`, `[push]` and `[inbox]`.
#[derive(Debug, Clone, Serialize)]
pub struct Gateways {
    /// Names of their own; without any the channel is not provided.
    pub providers: Vec<Gateway>,
}

/// One of `[[sms.providers]]` and the like.
#[derive(Debug, Clone, Serialize)]
pub struct Gateway {
    /// `[A-Za-z0-9_-]{1,32}`; labels metrics and events.
    pub name: Arc<str>,
    /// How messages leave.
    #[serde(flatten)]
    pub transport: GatewayTransport,
    /// Messages under way at once.
    pub connections: usize,
    /// Messages per second; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The share of the work against the other providers; 0 takes over when no other can.
    pub weight: u32,
    /// The beginnings of numbers that it may carry (E.164); empty: all. Text messages only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
}

/// How messages leave: the key `kind` and what belongs to it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum GatewayTransport {
    /// To a gateway that speaks HTTP.
    Http(Box<HttpGateway>),
    /// Into a folder, as `.json` files.
    Outbox(OutboxFolder),
    /// Into the store, where apps read it.
    Store,
}

impl Gateways {
    /// `mail_leaves` for real: then there are no outboxes that nobody asked for. They are for
    /// trying out; files would pile up, count as sent and keep what was to be forgotten. What is
    /// kept in the store is read, and forgotten with the rest.
    pub(super) fn read(
        section: &mut Section<'_>,
        medium: Medium,
        names: &mut Names,
        mail_leaves: bool,
    ) -> Result<Self, ConfigError> {
        let is_left_out =
            mail_leaves && medium != Medium::Inbox && section.is_built_in("providers");
        let mut unused = Names::default();
        let names = if is_left_out { &mut unused } else { names };
        let mut providers =
            section.sections("providers", "provider_defaults", 0..=PROVIDERS_MAX, |section| {
                Gateway::read(section, medium, names)
            })?;
        if is_left_out {
            providers.clear();
        }
        Ok(Self { providers })
    }
}

impl Gateway {
    /// What is allowed, and hardly meant.
    pub(super) fn remark(&self, medium: Medium) -> Option<String> {
        let GatewayTransport::Http(http) = &self.transport else { return None };
        let (name, target, medium) = (&self.name, http.gateway.target(), medium.noun());
        target.is_exposed().then(|| {
            format!(
                "{medium} provider {name}: http://{target} is not encrypted: whoever is in between \
                 reads its messages and its secrets"
            )
        })
    }

    fn read(
        section: &mut Section<'_>,
        medium: Medium,
        names: &mut Names,
    ) -> Result<Self, ConfigError> {
        let name = names.read(section)?;
        let kind = section.text("kind", |kind| Kind::parse(kind, medium))?;
        if &*name == RESERVED {
            return Err(section.invalid("name", "must not be \"mail\": bounces are reported there"));
        }
        let folder = OutboxFolder::read(section)?;
        let http = HttpGateway::read(section, medium)?;
        let countries = match medium {
            Medium::Sms => countries(section)?,
            Medium::Push | Medium::Inbox => Vec::new(),
        };
        let transport = match (kind, http) {
            (Kind::Http, Some(http)) => GatewayTransport::Http(Box::new(http)),
            (Kind::Outbox, None) => GatewayTransport::Outbox(folder),
            (Kind::Store, None) => GatewayTransport::Store,
            (Kind::Http, None) => {
                return Err(section.invalid("url", "is missing: kind \"http\" needs it"));
            }
            (Kind::Outbox, Some(_)) => {
                return Err(section.invalid("url", "has no meaning for kind \"outbox\""));
            }
            (Kind::Store, Some(_)) => {
                return Err(section.invalid("url", "has no meaning for kind \"store\""));
            }
        };
        Ok(Self {
            name,
            transport,
            connections: section.count("connections", 1..=1000)?,
            rate: section.optional_number("rate", 0.001..=100_000.0)?,
            weight: section.count("weight", 0..=1000)?,
            countries,
        })
    }
}

/// What stands in the key `kind`.
enum Kind {
    Http,
    Outbox,
    Store,
}

impl Kind {
    fn parse(text: &str, medium: Medium) -> Result<Self, String> {
        match (text, medium) {
            ("http", _) => Ok(Self::Http),
            ("outbox", _) => Ok(Self::Outbox),
            ("store", Medium::Inbox) => Ok(Self::Store),
            (_, Medium::Inbox) => Err("must be \"store\", \"http\" or \"outbox\"".to_owned()),
            (_, Medium::Sms | Medium::Push) => Err("must be \"http\" or \"outbox\"".to_owned()),
        }
    }
}

fn countries(section: &mut Section<'_>) -> Result<Vec<String>, ConfigError> {
    let countries = section.optional_texts("countries", 1..=COUNTRIES_MAX, prefix);
    Ok(countries?.unwrap_or_default())
}
