//! State rows as JSON, each with the version of its shape.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::view::ChannelVerdict;
use crate::domain::decision::{Record, Telling, Verdict};
use crate::domain::message::Facts;

/// The version of the JSON that is written. A reader of a newer shape keeps reading this one.
pub const SHAPE: i64 = 1;

/// A state row's key and body.
pub struct Row {
    pub kind: &'static str,
    pub id: String,
    pub body: String,
}

/// The row of a record.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn to_row(record: &Record) -> Result<Row, StoreError> {
    Ok(match record {
        Record::Settings(settings) => {
            Row { kind: "settings", id: String::new(), body: to_json(settings)? }
        }
        Record::Client(client) => {
            Row { kind: "client", id: client.id.to_string(), body: to_json(client)? }
        }
        Record::Booking(booking) => {
            Row { kind: "booking", id: booking.id.to_string(), body: to_json(booking)? }
        }
    })
}

/// The record of a row.
///
/// # Errors
/// If the row is of another shape.
pub fn from_row(kind: &str, shape: i64, body: &str) -> Result<Record, StoreError> {
    match (kind, shape) {
        ("settings", SHAPE) => Ok(Record::Settings(Arc::new(from_json("settings", body)?))),
        ("client", SHAPE) => Ok(Record::Client(Arc::new(from_json("client", body)?))),
        ("booking", SHAPE) => Ok(Record::Booking(from_json("booking", body)?)),
        _ => Err(StoreError::Corrupt { what: "record", why: format!("{kind} of shape {shape}") }),
    }
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
            match verdict {
                Verdict::Goes(id) => {
                    ChannelVerdict { channel, message: Some(id.to_string()), reason: None }
                }
                Verdict::Skipped(reason) => {
                    let reason = Some(reason.as_str().to_owned());
                    ChannelVerdict { channel, message: None, reason }
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
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

/// A value from JSON text.
///
/// # Errors
/// Says what it was to be and why it is not.
pub fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what, why: error.to_string() })
}
