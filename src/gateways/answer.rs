//! What a gateway's answer says of a message.

use ::http::header::RETRY_AFTER;
use ::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::outcomes::{Meaning, Rules};
use super::pointer::Pointer;
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

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// For the message.
    pub outcome: Outcome,
    /// What the provider calls it.
    pub id: Option<String>,
}

/// Reads an answer by the operator's rules, else by its status.
pub(super) fn read(
    answer: Answer<'_>,
    rules: &Rules,
    id: Option<&Pointer>,
    now: Timestamp,
) -> Verdict {
    let Answer { status, headers, body, is_cut } = answer;
    // What came of it would have been in the part that did not.
    if is_cut && rules.need_the_body(status) {
        return Verdict { outcome: Outcome::InDoubt, id: None };
    }
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let ruled = rules.judge(status, json.as_ref(), body);
    let asked = headers.get(RETRY_AFTER).and_then(|header| header.to_str().ok());
    let after = asked.and_then(|asked| retry_after(asked, now));
    let outcome = ruled.unwrap_or_else(|| Meaning::of(status)).outcome(after);
    let id = id.zip(json.as_ref()).and_then(|(id, json)| id.scalar(json));
    Verdict { outcome, id: id.filter(|id| is_id(id)) }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= ID_MAX_CHARS && !id.chars().any(char::is_control)
}
