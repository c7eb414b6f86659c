//! Links that let a person into an account. They are secrets: no error repeats one.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::command::{Command, LinkPurpose};
use crate::domain::id::ClientId;
use crate::domain::secret::{MAC_PLACEHOLDER, MacKey, SecretLink};
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::url::{CodeKey, UrlTemplate, WebUrl};

/// A client wants to set a new password: the link goes at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Who.
    client: Parsed<ClientId>,
    /// The link. A secret: forgotten after the last attempt.
    url: Parsed<WebUrl>,
    /// From when on the link is dead: it is not sent after that.
    expires_at: Parsed<Timestamp>,
}

/// A client wants to sign in without a password: the link goes at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who.
    client: Parsed<ClientId>,
    /// The link. A secret: forgotten after the last attempt.
    url: Parsed<WebUrl>,
    /// From when on the link is dead: it is not sent after that.
    expires_at: Parsed<Timestamp>,
}

/// Asks a client to prove that the email address is theirs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// Who.
    client: Parsed<ClientId>,
    /// The link. A secret: forgotten after the last attempt.
    url: Parsed<WebUrl>,
    /// From when on the link is dead: it is not sent after that. Left out, it never is.
    expires_at: Option<Parsed<Timestamp>>,
}

/// Asks every client whose email address is not proved to prove it.
///
/// A link that holds nothing but the client's id can be made by everybody who got one: then ask
/// for more than the link where it leads, or give `{mac}` a place, or send each client their own
/// by `account.verify_email`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "if" = {"properties": {"url_template": {"pattern": "[{]mac[}]"}}},
    "then" = {"required": ["mac_key"], "properties": {"mac_key": {"type": "string"}}},
    "else" = {"properties": {"mac_key": {"type": "null"}}},
))]
pub struct VerifyAllEmails {
    /// The link, with `{client}` behind the host where the client's id goes, percent-encoded, and
    /// `{mac}` where a code goes that only who has the key can make: HMAC-SHA-256 of the client's
    /// id (UTF-8) in 64 lower-case hexadecimal digits.
    url_template: Parsed<UrlTemplate>,
    /// The key of the codes, where the link has a place for one. A secret: choose a new one each
    /// time; it is forgotten when the last link is made.
    mac_key: Option<Parsed<CodeKey>>,
    /// From when on the links are dead: none is not sent after that. Left out, they never are.
    expires_at: Option<Parsed<Timestamp>>,
}

impl VerifyAllEmails {
    fn key(&self) -> Result<Option<MacKey>, FieldError> {
        let has_place = self.url_template.0.0.contains(MAC_PLACEHOLDER);
        match &self.mac_key {
            Some(Parsed(CodeKey(key))) if has_place => Ok(Some(MacKey::new(key.as_str()))),
            None if has_place => Err(FieldError::missing("data.mac_key")),
            Some(_) => Err(FieldError::new("data.url_template", "has no {mac} for the mac_key")),
            None => Ok(None),
        }
    }
}

commands! {
    ResetPassword "account.password_reset"
        r#"{"client":"c1","url":"https://salon.example/reset?t=s3cret","expires_at":"2026-12-03T11:00:00Z"}"#
        |data| Command::SendLink {
            client: data.client.0,
            purpose: LinkPurpose::PasswordReset,
            url: SecretLink::new(data.url.0.0),
            expires_at: Some(data.expires_at.0),
        };
    SignIn "account.magic_link"
        r#"{"client":"c1","url":"https://salon.example/in?t=s3cret","expires_at":"2026-12-03T10:15:00Z"}"#
        |data| Command::SendLink {
            client: data.client.0,
            purpose: LinkPurpose::MagicLink,
            url: SecretLink::new(data.url.0.0),
            expires_at: Some(data.expires_at.0),
        };
    VerifyEmail "account.verify_email"
        r#"{"client":"c1","url":"https://salon.example/verify?t=s3cret"}"#
        |data| Command::SendLink {
            client: data.client.0,
            purpose: LinkPurpose::VerifyEmail,
            url: SecretLink::new(data.url.0.0),
            expires_at: data.expires_at.map(|end| end.0),
        };
    VerifyAllEmails "account.verify_all_emails"
        r#"{"url_template":"https://salon.example/verify?client={client}&code={mac}","mac_key":"vBqz8YpL2cXn5TtR"}"#
        |data| {
            let mac_key = data.key()?;
            let url_template = SecretLink::new(data.url_template.0.0);
            let expires_at = data.expires_at.map(|end| end.0);
            Command::VerifyAllEmails { url_template, mac_key, expires_at }
        };
}
