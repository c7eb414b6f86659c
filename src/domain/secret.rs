//! Links that let a person into an account, and what proves that a link is the person's own.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::id::ClientId;

/// Where a client's id goes in a link for many.
pub const CLIENT_PLACEHOLDER: &str = "{client}";
/// Where the code of a client's id goes in a link for many.
pub const MAC_PLACEHOLDER: &str = "{mac}";

/// A link that is a secret: its `Debug` shows nothing of it, so that no log, no panic and no
/// derived `Debug` around it can. On disk and on the wire it is an ordinary string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretLink(String);

impl SecretLink {
    /// Takes a link that is checked already.
    pub fn new(link: impl Into<String>) -> Self {
        Self(link.into())
    }

    /// The link itself: for the message that carries it only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A key that the upstream app shares, of which nobody sees anything in a log either.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MacKey(String);

impl MacKey {
    /// Takes a key that is checked already.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The code of a client's id: HMAC-SHA-256 (RFC 2104) of its UTF-8, in lower-case hexadecimal.
    fn code(&self, client: &ClientId) -> String {
        // HMAC takes a key of any length (RFC 2104 §3).
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else {
            return String::new();
        };
        let code = mac.chain_update(client.as_str()).finalize().into_bytes();
        code.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Fills in who is meant, and the code that proves it.
pub fn link_of(client: &ClientId, template: &SecretLink, key: Option<&MacKey>) -> SecretLink {
    let id = percent_encoded(client.as_str());
    let code = key.map(|key| key.code(client)).unwrap_or_default();
    // The code first: an id holds no brace once it is encoded.
    let link = template.expose().replace(MAC_PLACEHOLDER, &code).replace(CLIENT_PLACEHOLDER, &id);
    SecretLink::new(link)
}

/// An id as a part of a URL: everything but RFC 3986's unreserved characters is encoded.
pub fn percent_encoded(id: &str) -> String {
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::broadcast::{Broadcast, BroadcastContent, BroadcastId};
    use crate::domain::command::{Command, LinkPurpose};
    use crate::domain::id::{CauseId, ClientId, PaymentId};
    use crate::domain::message::{Facts, LinkFacts, PaymentFacts};
    use crate::domain::money::Money;

    const LINK: &str = "https://example.com/in?t=s3cret";

    #[test]
    fn whatever_holds_it_does_not_show_it() {
        let link = || SecretLink::new(LINK);
        let client = ClientId::parse("anna").unwrap();
        let send = |purpose| Command::SendLink {
            client: client.clone(),
            purpose,
            url: link(),
            expires_at: None,
        };
        let id = BroadcastId::VerifyAll(CauseId::parse("c1").unwrap());
        let mac_key = Some(MacKey::new("a key of example.com"));
        let content = BroadcastContent::VerifyAll {
            url_template: link(),
            mac_key: mac_key.clone(),
            expires_at: None,
        };
        let payment = PaymentFacts {
            payment: PaymentId::parse("p1").unwrap(),
            amount: Money::parse("12.50", "EUR").unwrap(),
            reason: "Towels".to_owned(),
            direct: false,
            url: Some(link()),
        };
        for shown in [
            format!("{:?}", send(LinkPurpose::PasswordReset)),
            format!("{:?}", send(LinkPurpose::MagicLink)),
            format!("{:#?}", send(LinkPurpose::VerifyEmail)),
            format!(
                "{:?}",
                Command::VerifyAllEmails { url_template: link(), mac_key, expires_at: None }
            ),
            format!("{:?}", Facts::Link(LinkFacts { url: link(), expires_at: None })),
            format!("{:?}", Facts::Payment(payment)),
            format!("{:#?}", Broadcast { id, content, began: None, until: None }),
        ] {
            assert!(shown.contains('…') && !shown.contains("example.com"), "{shown}");
        }
    }

    /// `printf 'an id/ä' | openssl dgst -sha256 -hmac 'a key of at least 16'`
    #[test]
    fn a_code_proves_whose_link_it_is() {
        let client = |id| ClientId::parse(id).unwrap();
        let template = SecretLink::new("https://example.com/{client}?c={client}&m={mac}");
        let key = MacKey::new("a key of at least 16");
        let link = link_of(&client("an id/ä"), &template, Some(&key));
        let code = "baaab13d84b7aaa7d9d4557b55bea2cb6644fab35d30d3d4f4fb6ffd7a776362";
        assert_eq!(
            link.expose(),
            format!("https://example.com/an%20id%2F%C3%A4?c=an%20id%2F%C3%A4&m={code}")
        );
        let other = link_of(&client("an id/a"), &template, Some(&key));
        assert!(!other.expose().contains(code));
    }

    #[test]
    fn it_is_stored_as_the_string_that_it_is() {
        let json = serde_json::to_string(&SecretLink::new(LINK)).unwrap();
        assert_eq!(json, format!("{LINK:?}"));
        assert_eq!(serde_json::from_str::<SecretLink>(&json).unwrap().expose(), LINK);
    }
}
