//! How what a provider tells us later is read: receipts, and what clients write back.

use secrecy::SecretString;
use serde::Serialize;

use super::pointer::Pointer;
use super::shown::redacted_one;
use crate::domain::receipt::{Failure, Report};
use crate::gateways::fault::Fault;

/// The shortest secret of a signature, in bytes.
const SECRET_MIN_BYTES: usize = 8;

/// `receipts` as the operator wrote it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReceiptsPlan {
    /// How it is known from whom it comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignaturePlan>,
    /// Where our id of the message stands, or the Message-ID that we gave a mail.
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
    /// …if nothing will ever arrive there…
    pub bad_address: Vec<String>,
    /// …and if its reader does not want such messages.
    pub complained: Vec<String>,
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

/// How what a provider tells is read.
#[derive(Debug, Clone)]
pub struct Reports {
    /// How receipts are read; absent: there are none.
    pub(super) receipts: Option<Receipts>,
    /// How messages of clients are read; absent: there are none.
    pub(super) replies: Option<Replies>,
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
    /// What may stand there, and what it means; no word twice.
    pub words: Vec<(String, Report)>,
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

impl ReceiptsPlan {
    /// The words of each key, and what they mean.
    fn lists(&self) -> [(&'static str, &[String], Report); 4] {
        [
            ("delivered", &self.delivered, Report::Delivered),
            ("failed", &self.failed, Report::Undelivered(Failure::Failed)),
            ("bad_address", &self.bad_address, Report::Undelivered(Failure::BadAddress)),
            ("complained", &self.complained, Report::Complained),
        ]
    }

    /// The words upon which nothing more goes to an address.
    pub(super) fn condemning(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        let lists = self.lists().into_iter();
        let condemning = lists.filter(|(_, _, report)| report.suppresses().is_some());
        condemning.map(|(key, words, _)| (key, words))
    }
}

impl Reports {
    /// Of a mail service: receipts, and nothing else. They are signed, for no mail can give
    /// anybody an address of its own to report to.
    ///
    /// # Errors
    /// The first key that cannot be as it is, from `receipts` on.
    pub fn of_mails(plan: &ReceiptsPlan) -> Result<Self, Fault> {
        if plan.signature.is_none() {
            let why = "is missing: nothing else shows who reports what became of mails";
            return Err(Fault::new("receipts.signature", why));
        }
        Ok(Self { receipts: Some(Receipts::compile(plan)?), replies: None })
    }
}

impl Receipts {
    pub(super) fn compile(plan: &ReceiptsPlan) -> Result<Self, Fault> {
        let pointer = |key: &str, text: &str| pointer("receipts", key, text);
        let optional =
            |key, text: &Option<String>| text.as_deref().map(|text| pointer(key, text)).transpose();
        if plan.message.is_none() && plan.id.is_none() {
            return Err(Fault::new("receipts", "must say where message or id stands"));
        }
        let mut words: Vec<(String, Report)> = Vec::new();
        for (key, names, report) in plan.lists() {
            if names.iter().any(|name| words.iter().any(|(word, _)| word == name)) {
                let why = "says what another list says already";
                return Err(Fault::new(format!("receipts.{key}"), why));
            }
            words.extend(names.iter().map(|name| (name.clone(), report)));
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
            words,
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
