//! Kind `vonage`: text messages by Vonage's Messages API
//! (<https://developer.vonage.com/en/api/messages>).
//!
//! Each message is given our id (`client_ref`) and an address for its reports, so that what was
//! taken without our hearing of it is settled by the first report; Vonage knows no message again.

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
use serde_json::json;
use uuid::Uuid;

use super::answer::{Answer, Verdict};
use super::facts::{Content, Facts};
use super::fault::Fault;
use super::gateway::Gateway;
use super::heard::Hears;
use super::jwt::Rs256Key;
use super::keys::{Keys, Secret, needed};
use super::outgoing::{Outgoing, Unwritable};
use super::target::Target;
use super::words::words;
use crate::domain::named;

const BASE: &str = "https://api.nexmo.com";
const PLACE: &str = "/v1/messages";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The longest text, in characters.
const TEXT_MAX_CHARS: usize = 1000;
/// `ttl`, in seconds: 20 s to 7 days.
const TTL: [u64; 2] = [20, 604_800];
/// How long a token is good for that a request is sent with, in seconds.
const TOKEN_SECONDS: i64 = 15 * 60;
/// What the ids of such tokens begin with.
const TOKEN: &str = "vonage token";
/// The shortest secret of signatures, in bytes.
const SIGNATURE_SECRET_MIN_BYTES: usize = 8;

/// A gateway of this kind.
#[derive(Debug)]
struct Vonage {
    target: Target,
    place: PathAndQuery,
    /// Who writes where a tenant has no sender of their own.
    from: String,
    login: Login,
    /// What reports are signed with; absent: they prove themselves by the code in their address.
    signature_secret: Option<SecretString>,
}

/// Who we are to Vonage.
#[derive(Debug)]
enum Login {
    /// An application, by a token for each request; without the key nothing is sent.
    Application { id: String, key: Option<Rs256Key> },
    /// An account, by name and password (RFC 7617); the secret is kept to be masked.
    Account { authorization: HeaderValue, secret: SecretString },
}

/// Reads `application` and `private_key`, or `key` and `secret`; `from`, `signature_secret` and
/// `base_url`.
///
/// # Errors
/// The first key that cannot be as it is.
pub fn read(keys: &mut dyn Keys) -> Result<Arc<dyn Gateway>, Fault> {
    let login = Login::read(keys)?;
    let from = needed(keys.text("from")?, "from")?;
    if from.is_empty() || from.chars().any(char::is_control) {
        return Err(Fault::new("from", "must be a number or a name"));
    }
    let signature_secret = keys.secret("signature_secret")?.map(Secret::or_stand_in);
    let is_short = |of: &SecretString| of.expose_secret().len() < SIGNATURE_SECRET_MIN_BYTES;
    if signature_secret.as_ref().is_some_and(is_short) {
        let why = format!("must have at least {SIGNATURE_SECRET_MIN_BYTES} bytes");
        return Err(Fault::new("signature_secret", why));
    }
    let base = keys.text("base_url")?;
    let (target, place) = Target::below(base.as_deref().unwrap_or(BASE), PLACE)?;
    Ok(Arc::new(Vonage { target, place, from, login, signature_secret }))
}

impl Login {
    fn read(keys: &mut dyn Keys) -> Result<Self, Fault> {
        let application = keys.text("application")?;
        let private_key = keys.secret("private_key")?;
        let account = keys.text("key")?;
        let secret = keys.secret("secret")?;
        match (application, account) {
            (Some(_), Some(_)) => {
                Err(Fault::new("key", "has no meaning beside application: one of them asks"))
            }
            (Some(application), None) => {
                if secret.is_some() {
                    return Err(Fault::new("secret", "has no meaning without key"));
                }
                Self::of_application(&application, needed(private_key, "private_key")?)
            }
            (None, Some(account)) => {
                if private_key.is_some() {
                    return Err(Fault::new("private_key", "has no meaning without application"));
                }
                Self::of_account(&account, needed(secret, "secret")?.or_stand_in())
            }
            (None, None) => {
                Err(Fault::new("application", "is missing, and key too: one of them asks"))
            }
        }
    }

    fn of_application(id: &str, key: Secret) -> Result<Self, Fault> {
        let id = Uuid::parse_str(id)
            .map_err(|_| Fault::new("application", "must be the id of an application, a UUID"))?;
        let key = match key {
            Secret::Is(pem) => Some(Rs256Key::parse(pem.expose_secret())),
            Secret::Unread => None,
        };
        let key = key.transpose().map_err(|why| Fault::new("private_key", why))?;
        Ok(Login::Application { id: id.to_string(), key })
    }

    fn of_account(account: &str, secret: SecretString) -> Result<Self, Fault> {
        if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::new("key", "must be letters and digits"));
        }
        let login = BASE64.encode(format!("{account}:{}", secret.expose_secret()));
        let authorization = HeaderValue::try_from(format!("Basic {login}"));
        let mut authorization =
            authorization.map_err(|_| Fault::new("secret", "cannot stand in a header"))?;
        authorization.set_sensitive(true);
        Ok(Login::Account { authorization, secret })
    }

    fn authorization(&self, facts: &Facts<'_>) -> Option<HeaderValue> {
        let (id, key) = match self {
            Login::Account { authorization, .. } => return Some(authorization.clone()),
            Login::Application { id, key } => (id, key.as_ref()?),
        };
        let now = facts.now.as_second();
        let at = facts.now.to_string();
        let claims = json!({
            "application_id": id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": named::uuid(&[TOKEN, facts.message, &at]).to_string(),
        });
        let mut header = HeaderValue::try_from(format!("Bearer {}", key.token(&claims)?)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

impl Gateway for Vonage {
    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        let body = self.body(facts)?;
        let authorization = self.login.authorization(facts);
        let authorization = authorization
            .ok_or_else(|| Unwritable { why: "no token could be signed for it".to_owned() })?;
        let target = Cow::Borrowed(&self.target);
        let mut outgoing = Outgoing::new(target, Method::POST, self.place.clone(), body);
        let headers = outgoing.request.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(AUTHORIZATION, authorization);
        Ok(outgoing)
    }

    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        let json = answer.json().unwrap_or_default();
        let outcome = codes::outcome(answer.status, &json, answer.retry_after(now));
        Verdict::new(outcome, json["message_uuid"].as_str().map(str::to_owned))
    }

    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        let secret = match &self.login {
            Login::Application { .. } => None,
            Login::Account { secret, .. } => Some(secret),
        };
        words(answer, text, secret)
    }

    fn sender(&self) -> Option<&str> {
        Some(&self.from)
    }

    fn hears(&self) -> Option<&dyn Hears> {
        Some(self)
    }
}

impl Vonage {
    fn body(&self, facts: &Facts<'_>) -> Result<Vec<u8>, Unwritable> {
        let Content::Sms { to, from, text, .. } = facts.content else {
            return Err(Unwritable { why: "this kind carries text messages".to_owned() });
        };
        if text.chars().count() > TEXT_MAX_CHARS {
            let why = format!("the text has more than {TEXT_MAX_CHARS} characters");
            return Err(Unwritable { why });
        }
        let mut body = json!({
            "channel": "sms",
            "message_type": "text",
            "to": without_plus(to),
            "from": without_plus(from.unwrap_or(&self.from)),
            "text": text,
            "client_ref": facts.message,
        });
        if let Some(callback) = facts.callback {
            body["webhook_url"] = callback.into();
        }
        if let Some(left) = facts.ttl() {
            let [least, most] = TTL;
            body["ttl"] = left.clamp(least, most).into();
        }
        Ok(body.to_string().into_bytes())
    }
}

fn without_plus(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}
