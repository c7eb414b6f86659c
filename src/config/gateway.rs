//! `[sms]`, `[push]`, `[inbox]`: who carries messages other than email.

use std::sync::Arc;

use serde::Serialize;

use super::email::PROVIDERS_MAX;
use super::error::ConfigError;
use super::names::Names;
use super::outbox::OutboxFolder;
use super::section::Section;

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
    /// The share of the work against the other providers.
    pub weight: u32,
}

/// How messages leave: the key `kind` and what belongs to it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum GatewayTransport {
    /// Into a folder, as `.json` files.
    Outbox(OutboxFolder),
}

impl Gateways {
    /// `mail_leaves` for real: then there are no outboxes that nobody asked for. They are for
    /// trying out; files would pile up, count as sent and keep what was to be forgotten.
    pub(super) fn read(
        section: &mut Section<'_>,
        names: &mut Names,
        mail_leaves: bool,
    ) -> Result<Self, ConfigError> {
        let is_left_out = mail_leaves && section.is_built_in("providers");
        let mut unused = Names::default();
        let names = if is_left_out { &mut unused } else { names };
        let mut providers =
            section.sections("providers", "provider_defaults", 0..=PROVIDERS_MAX, |section| {
                Gateway::read(section, names)
            })?;
        if is_left_out {
            providers.clear();
        }
        Ok(Self { providers })
    }
}

impl Gateway {
    fn read(section: &mut Section<'_>, names: &mut Names) -> Result<Self, ConfigError> {
        let name = names.read(section)?;
        section.text("kind", |kind| match kind {
            "outbox" => Ok(()),
            _ => Err("must be \"outbox\"".to_owned()),
        })?;
        let folder = OutboxFolder::read(section)?;
        Ok(Self {
            name,
            transport: GatewayTransport::Outbox(folder),
            connections: section.count("connections", 1..=1000)?,
            rate: section.optional_number("rate", 0.001..=100_000.0)?,
            weight: section.count("weight", 1..=1000)?,
        })
    }
}
