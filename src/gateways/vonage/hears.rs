//! What Vonage tells: how far a message came, and what clients write.
//!
//! Its calls carry a token (RFC 7519, HS256) that names the digest of the body
//! (<https://developer.vonage.com/en/getting-started/concepts/webhooks>). Both must hold: a token
//! of another call proves nothing of this body.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::Vonage;
use super::codes::{code, report};
use crate::domain::message::MessageId;
use crate::gateways::heard::{Call, Heard, Hears, Trusted, Unreadable, bounded, said};
use crate::gateways::{bodies, hex};

const BEARER: &str = "Bearer ";
/// The longest token that is looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 4096;
/// Vonage calls again for a day, and the same call again does nothing, in seconds.
const AGE_MAX_SECONDS: i64 = 25 * 3600;
/// How far its clock may be ahead of ours, in seconds.
const AHEAD_MAX_SECONDS: i64 = 300;

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    /// When it was made, in seconds.
    iat: i64,
    /// The SHA-256 of the body, in hexadecimal digits.
    payload_hash: String,
}

impl Hears for Vonage {
    fn trusts(&self, call: &Call<'_>) -> Trusted {
        let Some(secret) = &self.signature_secret else { return Trusted::ByCode };
        let header = call.headers.get(::http::header::AUTHORIZATION);
        let header = header.and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix(BEARER));
        let claims = token.and_then(|token| claims(token, secret));
        match claims {
            Some(claims) if claims.hold(call) => Trusted::Signed,
            Some(_) | None => Trusted::No,
        }
    }

    fn hears(&self, call: &Call<'_>) -> Result<Vec<Heard>, Unreadable> {
        let body = bodies::read(call.headers, call.body).map_err(Unreadable::Broken)?;
        Ok(vec![match body["status"].as_str() {
            Some(status) => receipt(&body, status),
            None => reply(&body).unwrap_or(Heard::Neither),
        }])
    }
}

impl Claims {
    fn hold(&self, call: &Call<'_>) -> bool {
        let age = age(self.iat, call.now);
        let told = hex::decode(&self.payload_hash);
        let is_of_this_body = told.is_some_and(|told| digest(&SHA256, call.body).as_ref() == told);
        is_of_this_body && (-AHEAD_MAX_SECONDS..=AGE_MAX_SECONDS).contains(&age)
    }
}

fn age(since: i64, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(since)
}

/// What a token says that was signed with this secret, and by no other way.
fn claims(token: &str, secret: &SecretString) -> Option<Claims> {
    if token.len() > TOKEN_MAX_BYTES {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    hmac::verify(&key, signed.as_bytes(), &BASE64.decode(signature).ok()?).ok()?;
    let header: Header = serde_json::from_slice(&BASE64.decode(header).ok()?).ok()?;
    (header.alg == "HS256").then_some(())?;
    serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
}

fn receipt(body: &Value, status: &str) -> Heard {
    let error = &body["error"];
    let word = code(error).map_or_else(|| status.to_owned(), |code| format!("{status} {code}"));
    let ours = body["client_ref"].as_str().and_then(|name| name.parse().ok());
    Heard::Receipt {
        message: ours.map(MessageId),
        reference: text(body, "message_uuid"),
        report: report(status, error),
        said: said(&word),
    }
}

fn reply(body: &Value) -> Option<Heard> {
    Some(Heard::Reply {
        text: text(body, "text")?,
        id: text(body, "message_uuid"),
        from: text(body, "from").unwrap_or_default(),
        to: text(body, "to").unwrap_or_default(),
    })
}

fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned).and_then(bounded)
}
