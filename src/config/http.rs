//! `[http]`: commands in, and the pages for operators.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::error::ConfigError;
use super::links::parse_url as parse_public_url;
use super::secret;
use super::section::Section;
use super::span::{self, s};

/// The shortest token outside the loopback addresses, in bytes: 128 bits in hexadecimal digits
/// have twice that, and so has no word that somebody thinks of.
const TOKEN_MIN_BYTES: usize = 16;

const TOKEN_STAND_IN: &str = "a-token-that-was-not-read";

/// `[http]`.
#[derive(Debug, Clone, Serialize)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Where providers reach the daemon, without a final slash; absent: they are not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Bearer token (RFC 6750); always there outside the loopback addresses.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::redacted")]
    pub token: Option<SecretString>,
    /// The largest request body, in bytes.
    pub body_max: usize,
    /// Commands in one batch.
    pub batch_max: usize,
    /// Bodies in memory whose commands are not yet durable, in bytes, in all; at least `body_max`.
    pub bodies_max: usize,
    /// Connections at once.
    pub connections_max: usize,
    /// From a connection's opening, or its last answer, to the end of a request's headers.
    #[serde(serialize_with = "span::iso")]
    pub header_timeout: Duration,
    /// From the headers to the end of the body; and how long a client may take nothing of its
    /// answer.
    #[serde(serialize_with = "span::iso")]
    pub body_timeout: Duration,
    /// A request without an answer after this is given up.
    #[serde(serialize_with = "span::iso")]
    pub request_timeout: Duration,
}

impl Http {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let body_max = section.count("body_max", 1024..=64 << 20)?;
        let http = Self {
            listen: section.text("listen", parse_listen)?,
            public_url: section.optional_text("public_url", parse_public_url)?,
            token: section.optional_secret("token", TOKEN_STAND_IN, parse_token)?,
            body_max,
            batch_max: section.count("batch_max", 1..=10_000)?,
            bodies_max: section.count("bodies_max", body_max..=4 << 30)?,
            connections_max: section.count("connections_max", 1..=65_536)?,
            header_timeout: section.span("header_timeout", s(1)..=s(300))?,
            body_timeout: section.span("body_timeout", s(1)..=s(300))?,
            request_timeout: section.span("request_timeout", s(1)..=s(300))?,
        };
        if !http.listen.ip().is_loopback() {
            http.check_token().map_err(|why| section.invalid("token", why))?;
        }
        Ok(http)
    }

    /// Whoever can reach the port may try as many tokens as they like.
    fn check_token(&self) -> Result<(), String> {
        let Some(token) = &self.token else {
            return Err("is needed when listen is not a loopback address".to_owned());
        };
        if token.expose_secret().len() < TOKEN_MIN_BYTES {
            return Err(format!(
                "must have at least {TOKEN_MIN_BYTES} characters when listen is not a loopback \
                 address, such as those of: openssl rand -hex 32"
            ));
        }
        Ok(())
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
