//! What SNS puts around a message, and signs
//! (<https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::Deserialize;

use crate::gateways::certificate::{Certificate, Digest};

/// SNS tries for an hour at most where it reaches nobody
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>); the rest is for
/// queues and clocks, in seconds. The same message again does nothing.
const AGE_MAX_SECONDS: i64 = 6 * 3600;
/// How far Amazon's clock may be ahead of ours, in seconds.
const AHEAD_MAX_SECONDS: i64 = 300;

/// What is written on it, and what is in it. Who signed it is not known yet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "TopicArn")]
    pub topic: String,
    message_id: String,
    subject: Option<String>,
    pub message: String,
    timestamp: String,
    token: Option<String>,
    /// What to visit for more.
    #[serde(rename = "SubscribeURL")]
    pub confirm: Option<String>,
    signature_version: String,
    signature: String,
    /// Where the certificate of who signed it is said to be.
    #[serde(rename = "SigningCertURL")]
    pub certificate: String,
}

/// What an envelope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is a message in it.
    Notification,
    /// Somebody asked that messages come here: whether we want that.
    Subscribed,
    /// No more will come.
    Unsubscribed,
}

impl Envelope {
    /// Nothing where a body has none.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// What it is for, if that is known.
    pub fn kind(&self) -> Option<Kind> {
        match self.kind.as_str() {
            "Notification" => Some(Kind::Notification),
            "SubscriptionConfirmation" => Some(Kind::Subscribed),
            "UnsubscribeConfirmation" => Some(Kind::Unsubscribed),
            _ => None,
        }
    }

    /// Whether it is of these hours, and can be signed so that nothing of it means two things.
    pub fn is_sound(&self, now: Timestamp) -> bool {
        let age = |at: Timestamp| now.as_second().saturating_sub(at.as_second());
        let at = self.timestamp.parse::<Timestamp>();
        at.is_ok_and(|at| (-AHEAD_MAX_SECONDS..=AGE_MAX_SECONDS).contains(&age(at)))
            && self.digest().is_some()
            && self.text().is_some()
    }

    /// Whether whoever has this certificate signed it.
    pub fn is_signed_by(&self, certificate: &Certificate) -> bool {
        let signature = BASE64.decode(&self.signature).ok();
        let made = self.digest().zip(self.text()).zip(signature);
        made.is_some_and(|((digest, text), signature)| {
            certificate.has_signed(digest, &text, &signature)
        })
    }

    fn digest(&self) -> Option<Digest> {
        match self.signature_version.as_str() {
            "1" => Some(Digest::Sha1),
            "2" => Some(Digest::Sha256),
            _ => None,
        }
    }

    /// What is signed: names and values in turn, each in a line
    /// (<https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>). Since
    /// nothing says where a value ends, none but the message, which stands first, may have lines of
    /// its own: they could be taken for other values.
    fn text(&self) -> Option<String> {
        let (subject, confirm, token) = match self.kind()? {
            Kind::Notification => (self.subject.as_deref(), None, None),
            Kind::Subscribed | Kind::Unsubscribed => {
                (None, Some(self.confirm.as_deref()?), Some(self.token.as_deref()?))
            }
        };
        let lines = [
            ("MessageId", Some(self.message_id.as_str())),
            ("Subject", subject),
            ("SubscribeURL", confirm),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", token),
            ("TopicArn", Some(&self.topic)),
            ("Type", Some(&self.kind)),
        ];
        let mut text = format!("Message\n{}\n", self.message);
        for (name, value) in lines.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if value.contains('\n') {
                return None;
            }
            text.push_str(&format!("{name}\n{value}\n"));
        }
        Some(text)
    }
}
