//! `[[email.dkim]]`: in whose name mails are signed.

use std::sync::Arc;

use serde::Serialize;

use super::error::ConfigError;
use super::secret::redacted;
use super::section::Section;
use crate::dkim::{DomainKey, Key};
use crate::domain::sender::SenderDomain;

/// The most keys.
pub(super) const KEYS_MAX: usize = 1000;
/// The longest selector, in characters: a label (RFC 1035 §2.3.4).
const SELECTOR_MAX_CHARS: usize = 63;
/// What stands for a key that is not read from its file; it is published (RFC 8463 appendix A).
/// Whatever is read with it is not to be sent.
const STAND_IN: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

/// A key and its domain.
#[derive(Debug, Clone, Serialize)]
pub struct Dkim {
    /// In lower case, in A-labels.
    pub domain: String,
    /// Under which name the public key is published.
    pub selector: String,
    #[serde(serialize_with = "redacted")]
    pub key: Arc<Key>,
}

impl Dkim {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            domain: section.text("domain", domain)?,
            selector: section.text("selector", selector)?,
            key: section.secret("key", STAND_IN, |pem| Key::parse(pem).map(Arc::new))?,
        })
    }

    /// What signs.
    pub fn signer(&self) -> DomainKey {
        let Self { domain, selector, key } = self.clone();
        DomainKey { domain, selector, key }
    }
}

/// A domain in lower case and in A-labels; the error completes "<key> …".
///
/// # Errors
/// If it is none.
pub fn domain(text: &str) -> Result<String, String> {
    match SenderDomain::parse(text) {
        Some(SenderDomain::Only(domain)) => Ok(domain),
        _ => Err("must be a domain, such as example.com".to_owned()),
    }
}

/// A selector (RFC 6376 §3.1); the error completes "<key> …".
///
/// # Errors
/// If it is none.
pub fn selector(text: &str) -> Result<String, String> {
    let is_sound = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if text.len() <= SELECTOR_MAX_CHARS && text.split('.').all(is_sound) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("must be letters, digits and hyphens, at most 63, such as 2026a".to_owned())
}
