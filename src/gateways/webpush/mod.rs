//! Web Push (RFC 8030): notifications for browsers, each by the push service of its maker.
//!
//! ```text
//!  token ─subscription─▶ endpoint, keys
//!  Facts ─notification─▶ text ─seal─▶ a body that only the browser reads ─┐
//!                      Vapid: who sends, signed for the push service ─────┴▶ POST endpoint
//! ```
//!
//! An endpoint is whatever an app was told, by anybody: it is spoken to over TLS only, at a public
//! address only, and what it answers says nothing of how other messages fare.

mod notification;
mod seal;
mod subscription;
mod vapid;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use ::http::uri::PathAndQuery;
use ::http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use url::Position;

use super::answer::{Answer, Verdict};
use super::facts::{Content, Facts};
use super::fault::Fault;
use super::gateway::Gateway;
use super::keys::{Keys, Secret, needed};
use super::meaning::Meaning;
use super::outgoing::{Outgoing, Unwritable};
use super::reach::{Network, Reach};
use super::target::Target;
use super::words::words;
use crate::domain::kind::{Kind, Lane};
use crate::domain::outcome::{Outcome, Scope};
use seal::{Unsealed, seal};
use subscription::Subscription;
use vapid::Vapid;

#[cfg(test)]
pub use seal::tests::Browser;
pub(super) use subscription::is_subscription;
pub use vapid::VapidKey;

/// How long a push service keeps what never becomes worthless, in seconds: four weeks, and most
/// keep nothing longer.
const KEPT_MAX_SECONDS: u64 = 28 * 24 * 3600;
/// The longest `Topic`, in characters (RFC 8030 §5.4).
const TOPIC_MAX_CHARS: usize = 32;
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const AES128GCM: HeaderValue = HeaderValue::from_static("aes128gcm");
const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");

/// Every push service of the world, by its browsers' subscriptions.
#[derive(Debug)]
pub struct WebPush {
    vapid: Vapid,
    allow_loopback: bool,
}

/// Reads `vapid`, `subject` and `allow_loopback`.
///
/// # Errors
/// The first key that cannot be as it is.
pub fn read(keys: &mut dyn Keys) -> Result<Arc<dyn Gateway>, Fault> {
    let subject = needed(keys.text("subject")?, "subject")?;
    let allow_loopback = keys.flag("allow_loopback")?.unwrap_or_default();
    let key = match needed(keys.secret("vapid")?, "vapid")? {
        Secret::Is(key) => VapidKey::parse(key.expose_secret()),
        Secret::Unread => VapidKey::stand_in(),
    };
    let key = key.map_err(|why| Fault::new("vapid", why))?;
    Ok(Arc::new(WebPush::new(key, &subject, allow_loopback)?))
}

impl WebPush {
    /// Sends by this key. `subject` is where push services may complain: `mailto:` or `https:`.
    /// `allow_loopback`: endpoints on this machine count, also without TLS.
    ///
    /// # Errors
    /// If the subject is none.
    pub fn new(key: VapidKey, subject: &str, allow_loopback: bool) -> Result<Self, Fault> {
        let is_sound = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic());
        let rest = subject.strip_prefix("mailto:").filter(|address| address.contains('@'));
        if !rest.or(subject.strip_prefix("https://")).is_some_and(is_sound) {
            let why = "must be mailto: and an address, or an https:// url (RFC 8292 §2.1)";
            return Err(Fault::new("subject", why));
        }
        Ok(Self { vapid: Vapid::new(key, subject.to_owned()), allow_loopback })
    }
}

impl Gateway for WebPush {
    fn target(&self) -> Option<&Target> {
        None
    }

    fn network(&self) -> Network {
        Network::Public { or_loopback: self.allow_loopback }
    }

    fn reach(&self, token: &str) -> Reach {
        if !is_subscription(token) {
            return Reach::Elsewhere;
        }
        match Subscription::parse(token, self.allow_loopback) {
            Ok(_) => Reach::Here,
            Err(why) => Reach::Nowhere(why),
        }
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        self.write(facts).map_err(|why| Unwritable { why: why.to_owned() })
    }

    /// A device is dropped where its push service says that it is gone. That it does not accept who
    /// we are is no reason to ask it again.
    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        let after = answer.retry_after(now);
        let outcome = match answer.status.as_u16() {
            404 | 410 => Outcome::Permanent(Scope::Address),
            503 if after.is_some() => Outcome::Throttled { after },
            300..=399 | 401 | 403 => Outcome::Permanent(Scope::Message),
            _ => Meaning::of(answer.status).outcome(after),
        };
        Verdict::new(outcome, None)
    }

    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        words(answer, text, [])
    }
}

impl WebPush {
    fn write(&self, facts: &Facts<'_>) -> Result<Outgoing<'static>, &'static str> {
        const NO_RANDOMNESS: &str = "the machine has no randomness";
        let Content::Push { token, collapse, .. } = facts.content else {
            return Err("it is no notification");
        };
        let Subscription { endpoint, keys } = Subscription::parse(token, self.allow_loopback)?;
        let text = notification::notification(facts).ok_or("the notification is too large")?;
        let body = seal(&keys, &text).map_err(|why| match why {
            Unsealed::BadKey => "the token has a p256dh that is no point of the curve",
            Unsealed::NoRandomness => NO_RANDOMNESS,
        })?;
        let origin = endpoint.origin().ascii_serialization();
        let vapid = self.vapid.header(&origin, facts.now).ok_or(NO_RANDOMNESS)?;
        let no_url = "the token has an endpoint that is no URL";
        let (target, _) = Target::split(&origin, None).map_err(|_| no_url)?;
        let place = &endpoint[Position::BeforePath..Position::AfterQuery];
        let place = PathAndQuery::try_from(place).map_err(|_| no_url)?;
        let mut outgoing = Outgoing::new(Cow::Owned(target), Method::POST, place, body);
        let headers = outgoing.request.headers_mut();
        headers.insert(CONTENT_TYPE, OCTETS);
        headers.insert(CONTENT_ENCODING, AES128GCM);
        headers.insert(TTL, HeaderValue::from(ttl(facts)));
        headers.insert(URGENCY, HeaderValue::from_static(urgency(facts.kind)));
        if let Some(topic) = topic(collapse) {
            headers.insert(TOPIC, topic);
        }
        let mut vapid = HeaderValue::try_from(vapid).map_err(|_| NO_RANDOMNESS)?;
        vapid.set_sensitive(true);
        headers.insert(AUTHORIZATION, vapid);
        Ok(outgoing)
    }
}

/// For how long the push service keeps it for a browser that is closed, in seconds (RFC 8030 §5.2).
fn ttl(facts: &Facts<'_>) -> u64 {
    facts.ttl().map_or(KEPT_MAX_SECONDS, |left| left.min(KEPT_MAX_SECONDS))
}

/// What a phone does that is short of power (RFC 8030 §5.3).
fn urgency(kind: &str) -> &'static str {
    match Kind::parse(kind).map(Kind::lane) {
        Some(Lane::Urgent) => "high",
        Some(Lane::Bulk) => "low",
        Some(Lane::Transactional | Lane::Scheduled) | None => "normal",
    }
}

/// What waits at the push service and has the same is replaced.
fn topic(collapse: &str) -> Option<HeaderValue> {
    let is_sound = (1..=TOPIC_MAX_CHARS).contains(&collapse.len())
        && collapse.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_sound.then(|| HeaderValue::try_from(collapse).ok()).flatten()
}
