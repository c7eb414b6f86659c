//! `[http]`: commands in, and the pages for operators.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;

use super::error::ConfigError;
use super::secret;
use super::section::Section;
use super::span::{self, s};

/// `[http]`.
#[derive(Debug, Clone, Serialize)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Bearer token (RFC 6750); always there outside the loopback addresses.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::redacted")]
    pub token: Option<SecretString>,
    /// The largest request body, in bytes.
    pub body_max: usize,
    /// Commands in one batch.
    pub batch_max: usize,
    /// A request without an answer after this is given up.
    #[serde(serialize_with = "span::iso")]
    pub request_timeout: Duration,
}

impl Http {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let http = Self {
            listen: section.text("listen", parse_listen)?,
            token: section.optional_secret("token", parse_token)?,
            body_max: section.count("body_max", 1024..=64 << 20)?,
            batch_max: section.count("batch_max", 1..=10_000)?,
            request_timeout: section.span("request_timeout", s(1)..=s(300))?,
        };
        if http.token.is_none() && !http.listen.ip().is_loopback() {
            let why = "is needed when listen is not a loopback address";
            return Err(section.invalid("token", why));
        }
        Ok(http)
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "must be an address and a port, such as 127.0.0.1:8025 or [::1]:8025".to_owned()
    })
}

fn parse_token(text: &str) -> Result<SecretString, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be visible ASCII characters without spaces, at least one".to_owned());
    }
    Ok(SecretString::from(text))
}
