//! `[http]`: commands in, and the pages for operators.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;

use super::error::ConfigError;
use super::links::parse_url as parse_public_url;
use super::section::Section;
use super::span::{self, s};
use super::token::{self, Token};
use super::{Secrets, secret};
use crate::web::access::Role;

/// `[http]`.
#[derive(Debug, Clone, Serialize)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Where providers reach the daemon, without a final slash; absent: they are not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Bearer token (RFC 6750) that is good for everything. Outside the loopback addresses it is
    /// there, or `tokens` are.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::redacted")]
    pub token: Option<SecretString>,
    /// Bearer tokens that are good for what their role says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Token>,
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
        let token = token::read_one(section)?;
        let http = Self {
            listen: section.text("listen", parse_listen)?,
            public_url: section.optional_text("public_url", parse_public_url)?,
            tokens: token::read_many(section, token.as_ref())?,
            token,
            body_max,
            batch_max: section.count("batch_max", 1..=10_000)?,
            bodies_max: section.count("bodies_max", body_max..=4 << 30)?,
            connections_max: section.count("connections_max", 1..=65_536)?,
            header_timeout: section.span("header_timeout", s(1)..=s(300))?,
            body_timeout: section.span("body_timeout", s(1)..=s(300))?,
            request_timeout: section.span("request_timeout", s(1)..=s(300))?,
        };
        if !http.listen.ip().is_loopback() {
            http.check_tokens(section)?;
        }
        Ok(http)
    }

    fn check_tokens(&self, section: &Section<'_>) -> Result<(), ConfigError> {
        if self.token.is_none() && self.tokens.is_empty() {
            let why = "is needed when listen is not a loopback address";
            return Err(section.invalid("token", why));
        }
        if let Some(one) = &self.token {
            token::check_strength(one).map_err(|why| section.invalid("token", why))?;
        }
        for (at, Token { token, .. }) in self.tokens.iter().enumerate() {
            let invalid = |why| section.invalid(&format!("tokens[{at}].token"), why);
            token::check_strength(token).map_err(invalid)?;
        }
        Ok(())
    }

    /// Whether no token is short; the error completes "<key> …".
    pub(super) fn check_strength(&self) -> Result<(), String> {
        let weak = |of: &Token| {
            let fault = token::check_strength(&of.token).err()?;
            Some(format!("is no loopback address, and the token {} {fault}", of.name))
        };
        self.all_tokens().iter().find_map(weak).map_or(Ok(()), Err)
    }

    /// Whether the tokens are enough for whoever reaches this address; else completes "<key> …".
    ///
    /// # Errors
    /// Without a token, or with a short one, where it is no loopback address.
    pub fn may_listen(&self, at: SocketAddr) -> Result<(), String> {
        match at.ip().is_loopback() {
            true => Ok(()),
            false if self.all_tokens().is_empty() => {
                Err("is no loopback address, and there is no token".to_owned())
            }
            false => self.check_strength(),
        }
    }

    /// Every token that opens something; none: everybody may do everything.
    pub fn all_tokens(&self) -> Vec<Token> {
        let one = self.token.clone().map(Token::unnamed);
        one.into_iter().chain(self.tokens.iter().cloned()).collect()
    }

    /// A token that is enough for this, the least that is.
    pub fn token_for(&self, needed: Role) -> Option<SecretString> {
        let mut enough = self.all_tokens();
        enough.retain(|token| token.role.is_enough_for(needed));
        let exact = enough.iter().find(|token| token.role == needed);
        exact.or(enough.first()).map(|token| token.token.clone())
    }
}

/// What is read for whoever speaks to the daemon over HTTP.
pub const TOKENS_ONLY: Secrets = Secrets::Only(&["http.token", "http.tokens.token"]);

pub(super) fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "must be an address and a port, such as 127.0.0.1:8025 or [::1]:8025".to_owned()
    })
}
