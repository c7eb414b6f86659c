//! What a gateway answers, and what that says of a message.

use std::time::Duration;

use ::http::header::RETRY_AFTER;
use ::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::retry_after::retry_after;
use crate::domain::outcome::Outcome;

/// As much of an answer as is read, in bytes.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// The longest id of a provider's own, in characters.
const ID_MAX_CHARS: usize = 128;

/// What a gateway answered, before anybody has read it.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    /// The body, as far as it was read.
    pub body: &'a [u8],
    /// Whether the line broke, or the time was up, before the body's end.
    pub is_cut: bool,
}

impl Answer<'_> {
    /// The body, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    /// How long a gateway that wants less asks to be left alone, 1 s to 1 h.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let asked = self.headers.get(RETRY_AFTER).and_then(|header| header.to_str().ok());
        asked.and_then(|asked| retry_after(asked, now))
    }
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// For the message.
    pub outcome: Outcome,
    /// What the provider calls it.
    pub id: Option<String>,
}

impl Verdict {
    /// Of a message that the provider calls so, unless no sound id is that long.
    pub fn new(outcome: Outcome, id: Option<String>) -> Self {
        Self { outcome, id: id.filter(|id| is_id(id)) }
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= ID_MAX_CHARS && !id.chars().any(char::is_control)
}
