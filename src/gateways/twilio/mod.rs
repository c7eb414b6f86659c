//! Kind `twilio`: text messages by Twilio's Messages API
//! (<https://www.twilio.com/docs/messaging/api/message-resource>).
//!
//! Twilio knows no message again, so that one in doubt is not sent twice. But it can be asked what
//! it has ([`asks`]), and it reports to an address that is given with each message, and signs the
//! address: what was taken without our hearing of it is settled by the first report.

mod asks;
mod codes;
mod hears;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ::http::uri::PathAndQuery;
use ::http::{HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded::Serializer;

use super::answer::{Answer, Verdict};
use super::asks::Asks;
use super::facts::{Content, Facts};
use super::fault::Fault;
use super::gateway::Gateway;
use super::heard::Hears;
use super::keys::{Keys, needed};
use super::meaning::Meaning;
use super::outgoing::{Outgoing, Unwritable};
use super::target::Target;
use super::words::words;

const BASE: &str = "https://api.twilio.com";
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// The longest text, in characters.
const BODY_MAX_CHARS: usize = 1600;
/// `ValidityPeriod`, in seconds.
const VALIDITY: [u64; 2] = [1, 36_000];
/// What Twilio does where our answer to a report does not come, or is no success: five times more,
/// whatever it was. It is no part of the address that is asked for and signed. Without it, it tries
/// again once, and only where it cannot connect
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
const INSIST: &str = "#rc=5&rp=all";
/// The letters and digits behind the two letters of an id of Twilio's.
const SID_DIGITS: usize = 32;
/// What a sender's name has at most, in characters.
const NAME_MAX_CHARS: usize = 11;

/// A gateway of this kind.
#[derive(Debug)]
struct Twilio {
    target: Target,
    place: PathAndQuery,
    sender: Sender,
    authorization: HeaderValue,
    /// What requests are made with, and reports are signed with.
    token: SecretString,
}

/// Who writes where a tenant has no number of their own.
#[derive(Debug)]
enum Sender {
    /// `From`
    Number(String),
    /// `MessagingServiceSid`
    Service(String),
}

/// Reads `account`, `token`, `from` or `messaging_service`, and `base_url`.
///
/// # Errors
/// The first key that cannot be as it is.
pub fn read(keys: &mut dyn Keys) -> Result<Arc<dyn Gateway>, Fault> {
    let account = needed(keys.text("account")?, "account")?;
    if !is_sid(&account, "AC") {
        return Err(Fault::new("account", "must be AC and 32 letters or digits"));
    }
    let token = needed(keys.secret("token")?, "token")?.or_stand_in();
    let sender = sender(keys.text("from")?, keys.text("messaging_service")?)?;
    let base = keys.text("base_url")?;
    let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
    let (target, place) = Target::below(base.as_deref().unwrap_or(BASE), &path)?;
    let login = BASE64.encode(format!("{account}:{}", token.expose_secret()));
    let authorization = HeaderValue::try_from(format!("Basic {login}"));
    let mut authorization =
        authorization.map_err(|_| Fault::new("token", "cannot stand in a header"))?;
    authorization.set_sensitive(true);
    Ok(Arc::new(Twilio { target, place, sender, authorization, token }))
}

fn sender(from: Option<String>, service: Option<String>) -> Result<Sender, Fault> {
    match (from, service) {
        (Some(_), Some(_)) => {
            Err(Fault::new("from", "has no meaning beside messaging_service: one of them writes"))
        }
        (Some(from), None) if is_sender(&from) => Ok(Sender::Number(from)),
        (Some(_), None) => {
            let why = "must be a number (+393331234567), a short code, or a name of at most 11 \
                       letters, digits and spaces";
            Err(Fault::new("from", why))
        }
        (None, Some(service)) if is_sid(&service, "MG") => Ok(Sender::Service(service)),
        (None, Some(_)) => {
            Err(Fault::new("messaging_service", "must be MG and 32 letters or digits"))
        }
        (None, None) => {
            Err(Fault::new("from", "is missing, and messaging_service too: one of them writes"))
        }
    }
}

fn is_sid(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    digits.len() == SID_DIGITS && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_sender(text: &str) -> bool {
    let is_number = |digits: &str| {
        (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_name = (1..=NAME_MAX_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    is_number(text.strip_prefix('+').unwrap_or(text)) || is_name
}

impl Gateway for Twilio {
    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        let body = self.form(facts)?.into_bytes();
        let target = Cow::Borrowed(&self.target);
        let mut outgoing = Outgoing::new(target, Method::POST, self.place.clone(), body);
        let headers = outgoing.request.headers_mut();
        headers.insert(CONTENT_TYPE, FORM);
        headers.insert(AUTHORIZATION, self.authorization.clone());
        Ok(outgoing)
    }

    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        let json = answer.json().unwrap_or_default();
        let coded = match answer.status.is_success() {
            true => None,
            false => json["code"].as_u64().and_then(codes::refusal),
        };
        let outcome = match coded {
            Some(codes::Refusal::Means(meaning)) => meaning.outcome(answer.retry_after(now)),
            Some(codes::Refusal::NotHere) => codes::NOT_HERE,
            None => Meaning::of(answer.status).outcome(answer.retry_after(now)),
        };
        Verdict::new(outcome, json["sid"].as_str().map(str::to_owned))
    }

    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        words(answer, text, [&self.token])
    }

    fn sender(&self) -> Option<&str> {
        match &self.sender {
            Sender::Number(sender) => Some(sender),
            Sender::Service(_) => None,
        }
    }

    fn hears(&self) -> Option<&dyn Hears> {
        Some(self)
    }

    fn asks(&self) -> Option<&dyn Asks> {
        Some(self)
    }
}

impl Twilio {
    fn form(&self, facts: &Facts<'_>) -> Result<String, Unwritable> {
        let Content::Sms { to, from, text, .. } = facts.content else {
            return Err(Unwritable { why: "Twilio carries text messages".to_owned() });
        };
        if text.chars().count() > BODY_MAX_CHARS {
            return Err(Unwritable {
                why: format!("the text has more than {BODY_MAX_CHARS} characters"),
            });
        }
        let mut form = Serializer::new(String::new());
        form.append_pair("To", to);
        match (from, &self.sender) {
            (Some(from), _) => form.append_pair("From", from),
            (None, Sender::Number(from)) => form.append_pair("From", from),
            (None, Sender::Service(service)) => form.append_pair("MessagingServiceSid", service),
        };
        form.append_pair("Body", text);
        if let Some(callback) = facts.callback {
            form.append_pair("StatusCallback", &format!("{callback}{INSIST}"));
        }
        if let Some(left) = facts.ttl() {
            let [least, most] = VALIDITY;
            form.append_pair("ValidityPeriod", &left.clamp(least, most).to_string());
        }
        Ok(form.finish())
    }
}
