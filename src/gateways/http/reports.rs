//! How what a provider tells us later is read: receipts, and what clients write back.

use secrecy::SecretString;
use serde::Serialize;

use super::pointer::Pointer;
use super::shown::redacted_one;
use crate::gateways::fault::Fault;

/// The shortest secret of a signature, in bytes.
const SECRET_MIN_BYTES: usize = 8;

/// `receipts` as the operator wrote it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReceiptsPlan {
    /// How it is known from whom it comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignaturePlan>,
    /// Where our id of the message stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the provider's own id of it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub status: String,
    /// What stands there if it arrived.
    pub delivered: Vec<String>,
    /// …if it did not…
    pub failed: Vec<String>,
    /// …and if nothing will ever arrive there.
    pub bad_address: Vec<String>,
}

/// `receipts.signature` as the operator wrote it.
#[derive(Debug, Clone, Serialize)]
pub struct SignaturePlan {
    /// The header that holds it.
    pub header: String,
    /// `hmac-sha256` or `hmac-sha1`.
    pub algorithm: String,
    /// `hex` or `base64`.
    pub encoding: String,
    /// What it is made with.
    #[serde(serialize_with = "redacted_one")]
    pub secret: SecretString,
}

/// `replies` as the operator wrote it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RepliesPlan {
    /// Where it stands who wrote.
    pub from: String,
    /// …to which number…
    pub to: String,
    pub text: String,
}

/// How receipts are read.
#[derive(Debug, Clone)]
pub struct Receipts {
    /// How it is known from whom they come; absent: by the code in our own callback.
    pub signature: Option<SignaturePlan>,
    /// Where our id of the message stands.
    pub message: Option<Pointer>,
    /// Where the provider's own id of it stands.
    pub id: Option<Pointer>,
    pub status: Pointer,
    /// What stands there if it arrived.
    pub delivered: Vec<String>,
    /// …if it did not…
    pub failed: Vec<String>,
    /// …and if nothing will ever arrive there.
    pub bad_address: Vec<String>,
}

/// How messages of clients are read.
#[derive(Debug, Clone)]
pub struct Replies {
    /// Where it stands who wrote.
    pub from: Pointer,
    /// …to which number…
    pub to: Pointer,
    pub text: Pointer,
}

impl Receipts {
    pub(super) fn compile(plan: &ReceiptsPlan) -> Result<Self, Fault> {
        let pointer = |key: &str, text: &str| pointer("receipts", key, text);
        let optional =
            |key, text: &Option<String>| text.as_deref().map(|text| pointer(key, text)).transpose();
        if plan.message.is_none() && plan.id.is_none() {
            return Err(Fault::new("receipts", "must say where message or id stands"));
        }
        let named = [("delivered", &plan.delivered), ("failed", &plan.failed)];
        let named = named.into_iter().chain([("bad_address", &plan.bad_address)]);
        let mut seen: Vec<&String> = Vec::new();
        for (key, names) in named {
            if names.iter().any(|name| seen.contains(&name)) {
                let why = "says what another list says already";
                return Err(Fault::new(format!("receipts.{key}"), why));
            }
            seen.extend(names);
        }
        if plan.delivered.is_empty() {
            return Err(Fault::new("receipts.delivered", "must not be empty"));
        }
        plan.signature.as_ref().map_or(Ok(()), check_signature)?;
        Ok(Self {
            signature: plan.signature.clone(),
            message: optional("message", &plan.message)?,
            id: optional("id", &plan.id)?,
            status: pointer("status", &plan.status)?,
            delivered: plan.delivered.clone(),
            failed: plan.failed.clone(),
            bad_address: plan.bad_address.clone(),
        })
    }
}

impl Replies {
    pub(super) fn compile(plan: &RepliesPlan) -> Result<Self, Fault> {
        let pointer = |key: &str, text: &str| pointer("replies", key, text);
        Ok(Self {
            from: pointer("from", &plan.from)?,
            to: pointer("to", &plan.to)?,
            text: pointer("text", &plan.text)?,
        })
    }
}

fn pointer(table: &str, key: &str, text: &str) -> Result<Pointer, Fault> {
    Pointer::parse(text).map_err(|why| Fault::new(format!("{table}.{key}"), why))
}

fn check_signature(plan: &SignaturePlan) -> Result<(), Fault> {
    use secrecy::ExposeSecret as _;
    let wrong = |key: &str, why: &str| Err(Fault::new(format!("receipts.signature.{key}"), why));
    if ::http::HeaderName::try_from(plan.header.as_str()).is_err() {
        return wrong("header", "is no name of a header (RFC 9110 §5.1)");
    }
    if !["hmac-sha256", "hmac-sha1"].contains(&plan.algorithm.as_str()) {
        return wrong("algorithm", "must be \"hmac-sha256\" or \"hmac-sha1\"");
    }
    if !["hex", "base64"].contains(&plan.encoding.as_str()) {
        return wrong("encoding", "must be \"hex\" or \"base64\"");
    }
    if plan.secret.expose_secret().len() < SECRET_MIN_BYTES {
        return wrong("secret", "must have at least 8 bytes");
    }
    Ok(())
}
