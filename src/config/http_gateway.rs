//! A gateway that speaks HTTP, of whatever kind.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};
use super::trust::Trust;
use crate::gateways::Gateway;

/// A gateway that speaks HTTP.
#[derive(Debug, Clone, Serialize)]
pub struct HttpGateway {
    /// What the operator wrote for this kind of gateway, without the secrets.
    #[serde(flatten)]
    pub written: toml::Table,
    /// The same, checked: what is sent, and what is heard.
    #[serde(skip)]
    pub gateway: Arc<dyn Gateway>,
    #[serde(flatten)]
    pub terms: HttpTerms,
}

/// How any gateway is spoken to.
#[derive(Debug, Clone, Serialize)]
pub struct HttpTerms {
    /// Whether it knows a message again, so that what is in doubt may be sent again.
    pub idempotent: bool,
    /// Who may sign its certificate; absent: the public authorities.
    #[serde(rename = "ca_file", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// How long a connection may lie idle and still be used.
    #[serde(serialize_with = "span::iso")]
    pub idle: Duration,
    /// Name look-up, TCP and TLS handshakes.
    #[serde(serialize_with = "span::iso")]
    pub connect_timeout: Duration,
    /// From the request's first byte to its answer's last.
    #[serde(serialize_with = "span::iso")]
    pub answer_timeout: Duration,
}

impl HttpTerms {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            idempotent: section.flag("idempotent")?,
            trust: section.optional_text("ca_file", Trust::load)?,
            idle: section.span("idle", ms(100)..=s(600))?,
            connect_timeout: section.span("connect_timeout", ms(100)..=s(300))?,
            answer_timeout: section.span("answer_timeout", ms(100)..=s(600))?,
        })
    }
}
