//! State rows as JSON, each with the version of its shape.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::view::ChannelVerdict;
use crate::domain::decision::{Change, Record, RecordKey, Telling, Verdict};
use crate::domain::erasure::Erasure;
use crate::domain::id::{CauseId, ClientId};
use crate::domain::message::{Facts, LinkFacts};
use crate::domain::secret::SecretLink;
use crate::domain::template::{CustomText, TemplateKey};

/// The version of the JSON that is written. A reader of a newer shape keeps reading this one.
pub const SHAPE: i64 = 1;

/// A state row's place within its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowKey {
    pub kind: &'static str,
    pub id: String,
}

impl RowKey {
    /// The row that holds everything known of a person.
    pub fn client(id: &ClientId) -> Self {
        Self { kind: "client", id: id.to_string() }
    }

    /// The row of a tenant's settings.
    pub fn settings() -> Self {
        Self::only("settings")
    }

    /// The row of a text of the tenant's own.
    pub fn template(TemplateKey { kind, channel, locale }: &TemplateKey) -> Self {
        let id = format!("{}/{}/{}", kind.as_str(), channel.as_str(), locale.as_str());
        Self { kind: "template", id }
    }

    /// The row of a record.
    pub fn of_record(key: &RecordKey) -> Self {
        match key {
            RecordKey::Settings => Self::settings(),
            RecordKey::Client(id) => Self::client(id),
            RecordKey::Booking(id) => Self::of("booking", id),
            RecordKey::Session(id) => Self::of("session", id),
            RecordKey::Entry(id) => Self::of("entry", id),
            RecordKey::Payment(id) => Self::of("payment", id),
            RecordKey::Broadcast(id) => Self::of("broadcast", id),
            RecordKey::Template(key) => Self::template(key),
            RecordKey::Erasure(name) => Self::of("erasure", name),
            RecordKey::SmsUsage => Self::only("sms_usage"),
        }
    }

    fn only(kind: &'static str) -> Self {
        Self { kind, id: String::new() }
    }

    fn of(kind: &'static str, id: &impl ToString) -> Self {
        Self { kind, id: id.to_string() }
    }
}

/// A text of the tenant's own and what it replaces.
#[derive(Serialize, Deserialize)]
struct OwnText<T> {
    key: TemplateKey,
    text: T,
}

/// The row that a change is of, and its body; without one the row is removed.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn to_row(change: &Change) -> Result<(RowKey, Option<String>), StoreError> {
    match change {
        Change::Put(record) => Ok((RowKey::of_record(&record.key()), Some(body(record)?))),
        Change::Drop(key) => Ok((RowKey::of_record(key), None)),
    }
}

fn body(record: &Record) -> Result<String, StoreError> {
    match record {
        Record::Settings(settings) => to_json(settings),
        Record::Client(client) => to_json(client),
        Record::Booking(booking) => to_json(booking),
        Record::Session(session) => to_json(session),
        Record::Entry(entry) => to_json(entry),
        Record::Payment(payment) => to_json(payment),
        Record::Broadcast(broadcast) => to_json(broadcast),
        Record::Erasure(name, erasure) => to_json(&(name, erasure)),
        Record::SmsUsage(usage) => to_json(usage),
        Record::Template(key, text) => to_json(&OwnText { key: key.clone(), text }),
    }
}

/// The record of a row.
///
/// # Errors
/// If the row is of another shape.
pub fn from_row(kind: &str, shape: i64, body: &str) -> Result<Record, StoreError> {
    if shape != SHAPE {
        return Err(unheard_of(kind, shape));
    }
    Ok(match kind {
        "settings" => Record::Settings(Arc::new(from_json("settings", body)?)),
        "client" => Record::Client(Arc::new(from_json("client", body)?)),
        "booking" => Record::Booking(from_json("booking", body)?),
        "session" => Record::Session(from_json("session", body)?),
        "entry" => Record::Entry(from_json("entry", body)?),
        "payment" => Record::Payment(from_json("payment", body)?),
        "broadcast" => Record::Broadcast(Arc::new(from_json("broadcast", body)?)),
        "erasure" => {
            let (name, erasure): (CauseId, Erasure) = from_json("erasure", body)?;
            Record::Erasure(name, Arc::new(erasure))
        }
        "sms_usage" => Record::SmsUsage(from_json("sms usage", body)?),
        "template" => {
            let OwnText::<CustomText> { key, text } = from_json("template", body)?;
            Record::Template(key, Arc::new(text))
        }
        _ => return Err(unheard_of(kind, shape)),
    })
}

fn unheard_of(kind: &str, shape: i64) -> StoreError {
    StoreError::Corrupt { what: "record", why: format!("{kind} of shape {shape}") }
}

/// A message's facts.
///
/// # Errors
/// If they are of another shape.
pub fn facts(shape: i64, body: &str) -> Result<Facts, StoreError> {
    match shape {
        SHAPE => from_json("message", body),
        _ => Err(StoreError::Corrupt { what: "message", why: format!("shape {shape}") }),
    }
}

/// What is left of facts that were little but a secret.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn purged() -> Result<String, StoreError> {
    to_json(&Facts::Link(LinkFacts { url: SecretLink::new(""), expires_at: None }))
}

/// What is left of the facts of a client who was erased.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn emptied() -> Result<String, StoreError> {
    to_json(&Facts::Account)
}

/// What was decided of a telling, as JSON.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn verdicts(telling: &Telling) -> Result<String, StoreError> {
    let verdicts: Vec<ChannelVerdict> = telling
        .channels
        .iter()
        .map(|(channel, verdict)| {
            let channel = channel.as_str().to_owned();
            let fallback_of = telling.fallback_of.map(|message| message.to_string());
            match verdict {
                Verdict::Goes(id) => ChannelVerdict {
                    channel,
                    message: Some(id.to_string()),
                    reason: None,
                    fallback_of,
                },
                Verdict::Skipped(reason) => {
                    let reason = Some(reason.as_str().to_owned());
                    ChannelVerdict { channel, message: None, reason, fallback_of }
                }
            }
        })
        .collect();
    to_json(&verdicts)
}

/// JSON text of a value.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

/// A value from JSON text.
///
/// # Errors
/// Says what it was to be and why it is not.
pub fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what, why: error.to_string() })
}

/// An instant from the store's milliseconds.
///
/// # Errors
/// If they are beyond the years that an instant has.
pub fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|error| StoreError::Corrupt { what: "instant", why: error.to_string() })
}
