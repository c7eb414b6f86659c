//! Links that let a person into an account. They are secrets: no error repeats one.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::command::{Command, LinkPurpose};
use crate::domain::id::ClientId;
use crate::domain::secret::SecretLink;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::url::{UrlTemplate, WebUrl};

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
}

/// Asks every client whose email address is not proved to prove it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAllEmails {
    /// The link, with `{client}` behind the host where the client's id goes, percent-encoded.
    url_template: Parsed<UrlTemplate>,
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
            expires_at: None,
        };
    VerifyAllEmails "account.verify_all_emails"
        r#"{"url_template":"https://salon.example/verify?client={client}"}"#
        |data| Command::VerifyAllEmails { url_template: SecretLink::new(data.url_template.0.0) };
}
