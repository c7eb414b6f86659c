//! What Twilio tells: how far a message came, and what clients write
//! (<https://www.twilio.com/docs/usage/webhooks/messaging-webhooks>).
//!
//! It signs the whole address and every field of the form with the account's token; of a body that
//! is JSON, the address has the digest.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use ring::hmac;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use url::Url;

use super::Twilio;
use super::codes::report;
use crate::domain::message::MessageId;
use crate::domain::reply::Word;
use crate::gateways::heard::{Call, Heard, Hears, Trusted, Unreadable, bounded, said};
use crate::gateways::{bodies, hex};

/// base64(HMAC-SHA1) (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>).
const SIGNATURE: &str = "x-twilio-signature";
/// In the address, the SHA-256 of a body that is no form, in hexadecimal digits.
const DIGEST: &str = "bodySHA256";

impl Hears for Twilio {
    fn trusts(&self, call: &Call<'_>) -> Trusted {
        let signature = call.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
        let tag = signature.and_then(|value| BASE64.decode(value).ok());
        let (Some(tag), Some(url)) = (tag, call.url) else { return Trusted::No };
        let Some(fields) = signed_fields(call) else { return Trusted::No };
        let key = self.token.expose_secret().as_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
        let holds =
            |url: &String| hmac::verify(&key, format!("{url}{fields}").as_bytes(), &tag).is_ok();
        if spellings(url).iter().any(holds) { Trusted::Signed } else { Trusted::No }
    }

    fn needs_address(&self) -> bool {
        true
    }

    fn hears(&self, call: &Call<'_>) -> Result<Vec<Heard>, Unreadable> {
        let body = bodies::read(call.headers, call.body).map_err(Unreadable::Broken)?;
        Ok(vec![match field(&body, "MessageStatus") {
            Some(status) => receipt(call, &body, &status),
            None => reply(&body).unwrap_or(Heard::Neither),
        }])
    }
}

/// What is signed behind the address: the fields of a form, by name, the first of each; nothing of
/// another body, if it is the one that the address has the digest of.
fn signed_fields(call: &Call<'_>) -> Option<String> {
    if bodies::is_form(call.headers) {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(call.body) {
            fields.entry(name).or_insert(value);
        }
        return Some(fields.into_iter().flat_map(|(name, value)| [name, value]).collect());
    }
    let told = call.asked(DIGEST).and_then(|told| hex::decode(&told))?;
    (digest(&SHA256, call.body).as_ref() == told).then(String::new)
}

/// The address as it is, and with and without its port: Twilio signs now this way, now that.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    let Some((parsed, behind)) = Url::parse(url).ok().zip(url.find("://")) else {
        return spellings;
    };
    let host = behind + "://".len();
    let end = url[host..].find(['/', '?']).map_or(url.len(), |end| host + end);
    let (before, rest) = url.split_at(end);
    match before[host..].rfind(':').filter(|_| !before.ends_with(']')) {
        Some(port) => spellings.push(format!("{}{rest}", &before[..host + port])),
        None => {
            let port = parsed.port_or_known_default();
            spellings.extend(port.map(|port| format!("{before}:{port}{rest}")));
        }
    }
    spellings
}

fn receipt(call: &Call<'_>, body: &Value, status: &str) -> Heard {
    let code = field(body, "ErrorCode").and_then(|code| code.parse().ok());
    let word = code.map_or_else(|| status.to_owned(), |code| format!("{status} {code}"));
    Heard::Receipt {
        message: ours(call),
        reference: field(body, "MessageSid"),
        report: report(status, code),
        said: said(&word),
    }
}

/// The message whose address was called: it is in what is signed.
fn ours(call: &Call<'_>) -> Option<MessageId> {
    let code = call.asked("m")?;
    let (message, _) = code.split_once('.')?;
    message.parse().ok().map(MessageId)
}

fn reply(body: &Value) -> Option<Heard> {
    let text = field(body, "Body")?;
    let text = match field(body, "OptOutType").as_deref() {
        // Twilio sends them nothing more, by whatever word they said so.
        Some("STOP") => "stop".to_owned(),
        // To Twilio YES is one of these too; here it may be the answer to a question.
        Some("START") if Word::of(&text).is_none() => "start".to_owned(),
        _ => text,
    };
    Some(Heard::Reply {
        id: field(body, "MessageSid"),
        from: field(body, "From").unwrap_or_default(),
        to: field(body, "To").unwrap_or_default(),
        text,
    })
}

fn field(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => bounded(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
