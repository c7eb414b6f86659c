//! What Vonage's error codes mean (<https://developer.vonage.com/en/api-errors/messages>). A code
//! that is not here means what its HTTP status does.

use std::time::Duration;

use ::http::StatusCode;
use serde_json::Value;

use crate::domain::outcome::{Outcome, Scope};
use crate::domain::receipt::{Failure, Report};
use crate::gateways::meaning::Meaning;

/// Not by this account, with this sender or to that country; another provider may.
const NOT_HERE: Outcome = Outcome::Permanent(Scope::Provider);

/// What an answer means; `after` is how long it asks to be left alone.
pub(super) fn outcome(status: StatusCode, answer: &Value, after: Option<Duration>) -> Outcome {
    let code = code(answer).filter(|_| !status.is_success()).unwrap_or_default();
    let meaning = match code.as_str() {
        "1000" => Meaning::Throttled,
        // Their own trouble.
        "1030" | "1100" => Meaning::Transient,
        // On a list of those who get nothing; no number.
        "1050" | "1170" => Meaning::BadAddress,
        // The account, its credit, its login.
        "1060" | "1070" | "1080" | "1090" | "1110" | "low-balance" | "unauthorized" => {
            Meaning::Configuration
        }
        // This sender; a number that a trial may not write to; a channel that is not theirs.
        "1120" | "1140" | "1160" => return NOT_HERE,
        _ if status == StatusCode::PAYMENT_REQUIRED => Meaning::Configuration,
        _ => Meaning::of(status),
    };
    meaning.outcome(after)
}

/// What became of a message, by its status and its error; nothing of one on the way.
pub(super) fn report(status: &str, error: &Value) -> Option<Report> {
    match status {
        "delivered" | "read" => Some(Report::Delivered),
        "rejected" | "undeliverable" => Some(Report::Undelivered(match code(error).as_deref() {
            Some("1050" | "1170") => Failure::BadAddress,
            _ => Failure::Failed,
        })),
        _ => None,
    }
}

/// The end of an error's `type`, which is the address of its explanation; of some it is the title.
pub(super) fn code(error: &Value) -> Option<String> {
    let fragment = error["type"].as_str().and_then(|address| address.rsplit_once('#'));
    match (fragment, &error["title"]) {
        (Some((_, code)), _) => Some(code.to_owned()),
        (None, Value::Number(code)) => Some(code.to_string()),
        (None, Value::String(code)) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(code.clone())
        }
        _ => None,
    }
}
