//! Bearer tokens: the one without a name, and those with a name and a role.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::error::ConfigError;
use super::names::parse_name;
use super::secret;
use super::section::Section;
use crate::web::access::{ANONYMOUS, Caller, Role};

/// The shortest token outside the loopback addresses, in bytes: 128 bits in hexadecimal digits
/// have twice that, and so has no word that somebody thinks of.
const MIN_BYTES: usize = 16;
/// The most tokens with a name.
const TOKENS_MAX: usize = 64;
const STAND_IN: &str = "a-token-that-was-not-read";
/// Who has the token without a name; the name of no other, for the dot.
const UNNAMED: &str = "http.token";

/// `[[http.tokens]]`.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// Whose it is, in the audit.
    pub name: Arc<str>,
    /// Bearer token (RFC 6750).
    #[serde(serialize_with = "secret::redacted")]
    pub token: SecretString,
    /// What it is good for.
    pub role: Role,
}

impl Token {
    /// Who brings it.
    pub fn caller(&self) -> Caller {
        Caller { name: self.name.clone(), role: self.role }
    }

    /// The one without a name, which is good for everything.
    pub(super) fn unnamed(token: SecretString) -> Self {
        Self { name: Arc::from(UNNAMED), token, role: Role::Operate }
    }
}

/// The token without a name.
pub(super) fn read_one(section: &mut Section<'_>) -> Result<Option<SecretString>, ConfigError> {
    section.optional_secret("token", STAND_IN, parse_token)
}

/// Those with a name, of which no two have the same name, or are the same as another or as `one`.
pub(super) fn read_many(
    section: &mut Section<'_>,
    one: Option<&SecretString>,
) -> Result<Vec<Token>, ConfigError> {
    let mut tokens: Vec<Token> = Vec::new();
    section.optional_sections("tokens", 1..=TOKENS_MAX, |section| {
        let token = read_token(section)?;
        if let Some(at) = tokens.iter().position(|other| other.name == token.name) {
            return Err(section.invalid("name", format!("is the name of http.tokens[{at}] too")));
        }
        let is_same = |other: &SecretString| {
            let (other, token) = (other.expose_secret(), token.token.expose_secret());
            other == token && ![STAND_IN, secret::REDACTED].contains(&token)
        };
        if one.is_some_and(is_same) {
            return Err(section.invalid("token", "is that of http.token too"));
        }
        if let Some(at) = tokens.iter().position(|other| is_same(&other.token)) {
            return Err(section.invalid("token", format!("is that of http.tokens[{at}] too")));
        }
        tokens.push(token);
        Ok(())
    })?;
    Ok(tokens)
}

fn read_token(section: &mut Section<'_>) -> Result<Token, ConfigError> {
    Ok(Token {
        name: section.text("name", parse_token_name)?,
        token: section.secret("token", STAND_IN, parse_token)?,
        role: section.text("role", parse_role)?,
    })
}

/// Whoever can reach the port may try as many tokens as they like. The error completes "<key> …".
pub(super) fn check_strength(token: &SecretString) -> Result<(), String> {
    if token.expose_secret().len() >= MIN_BYTES {
        return Ok(());
    }
    Err(format!(
        "must have at least {MIN_BYTES} characters when listen is not a loopback address, such as \
         those of: openssl rand -hex 32"
    ))
}

fn parse_token_name(name: &str) -> Result<Arc<str>, String> {
    match name {
        ANONYMOUS => {
            Err(format!("must not be {ANONYMOUS}: that is the name of a caller without a token"))
        }
        name => parse_name(name),
    }
}

fn parse_role(name: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(name).ok_or_else(|| format!("must be one of {names}"))
}

fn parse_token(text: &str) -> Result<SecretString, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be visible ASCII characters without spaces, at least one".to_owned());
    }
    Ok(SecretString::from(text))
}
