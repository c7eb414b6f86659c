//! `[links]`: links in messages that act.

use secrecy::SecretString;
use serde::Serialize;

use super::error::ConfigError;
use super::secret;
use super::section::Section;
use super::url::{Parts, is_loopback};

/// The longest `url`, in bytes: with the longest token behind it, it still fits into one line of a
/// mail's header (RFC 5322 §2.1.1).
const URL_MAX_BYTES: usize = 90;
/// The shortest `key`, in bytes: as much as HMAC-SHA256 gives (RFC 2104 §3).
const KEY_MIN_BYTES: usize = 32;
/// The most keys: one a month for two years.
const KEYS_MAX: usize = 24;
/// Where the key is not read. Whatever is signed with it is not to be sent.
const KEY_STAND_IN: &str = "a key that was not read from its file";

/// `[links]` with a url.
#[derive(Debug, Clone, Serialize)]
pub struct Links {
    /// Where clients reach the pages, without a final slash.
    pub url: String,
    /// What links are signed with, at least 32 bytes.
    #[serde(serialize_with = "secret::redacted")]
    pub key: SecretString,
    /// Whose links are read as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ReadKey>,
}

/// What links may be signed with.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct ReadKey {
    #[serde(serialize_with = "secret::redacted")]
    pub secret: SecretString,
}

impl Links {
    /// `None` without a url: no message has a link of ours.
    pub(super) fn read(section: &mut Section<'_>) -> Result<Option<Self>, ConfigError> {
        let url = section.optional_text("url", parse_url)?;
        // Checked in any case.
        let key = section.optional_secret("key", KEY_STAND_IN, parse_key)?;
        let keys = section.optional_secrets("keys", 1..=KEYS_MAX, KEY_STAND_IN, parse_key)?;
        let mut keys = keys.into_iter();
        let Some(url) = url else { return Ok(None) };
        let key = match key.or_else(|| keys.next()) {
            Some(key) => key,
            None => section.secret("key", KEY_STAND_IN, parse_key)?,
        };
        let keys = keys.map(|secret| ReadKey { secret }).collect();
        Ok(Some(Self { url, key, keys }))
    }
}

/// A link is worth a click of somebody else's: only loopback goes without TLS.
pub(super) fn parse_url(text: &str) -> Result<String, String> {
    let parts = Parts::split(text, &["https", "http"])?;
    if parts.scheme == "http" && !is_loopback(parts.host) {
        return Err("must be https:// but for loopback addresses".to_owned());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    if parts.userinfo.is_some() || parts.query.is_some() || !parts.path.chars().all(plain) {
        return Err("must be a host and perhaps a path, without a user or a query".to_owned());
    }
    let url = text.trim_end_matches('/');
    if url.len() > URL_MAX_BYTES {
        return Err(format!("must have at most {URL_MAX_BYTES} bytes"));
    }
    Ok(url.to_owned())
}

fn parse_key(text: &str) -> Result<SecretString, String> {
    if text.len() < KEY_MIN_BYTES {
        return Err(format!(
            "must have at least {KEY_MIN_BYTES} bytes, such as those of: openssl rand -hex 32"
        ));
    }
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_that_clients_can_be_sent_to() {
        for (text, url) in [
            ("https://salon.example", "https://salon.example"),
            ("https://salon.example:8443/", "https://salon.example:8443"),
            ("https://salon.example/bellhop//", "https://salon.example/bellhop"),
            ("http://127.0.0.1:8025", "http://127.0.0.1:8025"),
            ("http://[::1]:8025/", "http://[::1]:8025"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(parse_url(text).as_deref(), Ok(url));
        }
        let long = format!("https://salon.example/{}", "a".repeat(URL_MAX_BYTES));
        for bad in [
            "salon.example",
            "http://salon.example",
            "ftp://localhost",
            "https://",
            "https://u:p@salon.example",
            "https://salon.example/?a=b",
            "https://salon.example/#a",
            "https://salon.example/<a>",
            "https://salon.example/a b",
            &long,
        ] {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
    }
}
