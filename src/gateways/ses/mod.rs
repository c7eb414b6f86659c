//! What Amazon SES tells of mails that it took: by SNS, in a POST at the mail provider's own
//! address below `/hooks/`.
//!
//! ```text
//!  POST ─▶ envelope ── of a topic of ours? of these hours? ── no ─▶ not believed
//!             │ yes                                     a certificate at the topic's region
//!             ▼                                         │ fetched by others, kept for a time
//!         Trusted::Certified ──────────────────────────▶ certificate ─ signed by it? ─▶ events
//!  (a bare event, without an envelope, is signed by nobody: it is believed by a code alone)
//! ```
//!
//! Anybody can have a topic, whose messages Amazon signs with the same key: what makes a message
//! ours is that it is of a topic that the operator has named, and that the signature covers that
//! name. Mail leaves by SMTP and not by a [`Gateway`](super::Gateway): this is only heard.

mod envelope;
mod events;
mod topic;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use envelope::{Envelope, Kind};
pub use topic::Topic;

use super::certificate::Certificate;
use super::heard::{Call, Heard, Hears, Subscription, Trusted, Unreadable};
use crate::domain::message::MessageId;

/// What knows a message by the address to which its mail comes back.
pub type ByAddress = Arc<dyn Fn(&str) -> Option<MessageId> + Send + Sync>;

/// How one provider's events are heard.
#[derive(Clone)]
pub struct Ses {
    topics: Vec<Topic>,
    /// Where each mail has a return path of its own.
    by_address: Option<ByAddress>,
}

impl Ses {
    /// Believes these topics, and nothing else.
    pub fn new(topics: Vec<Topic>, by_address: Option<ByAddress>) -> Self {
        Self { topics, by_address }
    }

    /// The envelope around a body, and the topic of ours that it is of.
    fn addressed(&self, body: &[u8]) -> Option<(Envelope, Option<&Topic>)> {
        let envelope = Envelope::read(body)?;
        let topic = self.topics.iter().find(|topic| topic.arn() == envelope.topic);
        Some((envelope, topic))
    }

    fn subscription(&self, envelope: &Envelope, topic: &Topic) -> Option<Subscription> {
        let topic_arn = topic.arn().to_owned();
        Some(match envelope.kind()? {
            Kind::Notification => return None,
            Kind::Subscribed => {
                let confirm = envelope.confirm.as_deref().and_then(|url| topic.page(url))?;
                Subscription::Offered { topic: topic_arn, confirm }
            }
            Kind::Unsubscribed => Subscription::Ended { topic: topic_arn },
        })
    }
}

/// Which topics.
impl fmt::Debug for Ses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ses").field(&self.topics).finish()
    }
}

impl Hears for Ses {
    fn trusts(&self, call: &Call<'_>) -> Trusted {
        let Some((envelope, topic)) = self.addressed(call.body) else { return Trusted::ByCode };
        let certificate = |topic: &Topic| topic.certificate(&envelope.certificate);
        match topic.filter(|_| envelope.is_sound(call.now)).and_then(certificate) {
            Some(place) => Trusted::Certified(place),
            None => Trusted::No,
        }
    }

    fn is_by(&self, call: &Call<'_>, certificate: &Certificate) -> bool {
        let Some((envelope, Some(topic))) = self.addressed(call.body) else { return false };
        certificate.is_of(topic.signers(), call.now) && envelope.is_signed_by(certificate)
    }

    fn hears(&self, call: &Call<'_>) -> Result<Vec<Heard>, Unreadable> {
        let broken = |error: serde_json::Error| Unreadable::Broken(format!("not JSON: {error}"));
        let event = match self.addressed(call.body) {
            None => serde_json::from_slice(call.body).map_err(broken)?,
            Some((envelope, topic)) => {
                let subscription = topic.and_then(|topic| self.subscription(&envelope, topic));
                if let Some(subscription) = subscription {
                    return Ok(vec![Heard::Subscription(subscription)]);
                }
                // What is said to try the topic out is a mere text.
                serde_json::from_str(&envelope.message).unwrap_or(Value::Null)
            }
        };
        let by_address = |address: &str| self.by_address.as_ref().and_then(|find| find(address));
        Ok(vec![events::heard(&event, by_address)])
    }
}
