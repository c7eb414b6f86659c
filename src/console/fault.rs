//! What a page says where there is nothing to show.

use axum::http::StatusCode;
use serde_json::Value;

use crate::web::refusal::{Reason as _, Refusal};

/// What was not answered as it was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// As over HTTP.
    pub status: StatusCode,
    /// Why, by name.
    pub reason: String,
    /// Why, in words.
    pub detail: String,
}

impl Fault {
    /// One of our own.
    pub fn new(why: Refusal, detail: impl Into<String>) -> Self {
        Self { status: why.status(), reason: why.name().to_owned(), detail: detail.into() }
    }

    /// What the API said.
    pub fn of(status: StatusCode, problem: &Value) -> Self {
        let text = |name: &str, otherwise: &str| {
            problem.get(name).and_then(Value::as_str).unwrap_or(otherwise).to_owned()
        };
        let detail = text("detail", "it was not answered");
        Self { status, reason: text("reason", "failed"), detail }
    }
}

/// What is said to whoever may not.
pub fn may_only_read() -> Fault {
    let detail = "your token may look and not act: sign in with one of the role operate";
    Fault::new(Refusal::Forbidden, detail)
}

/// What is said to a request that no page of ours made.
pub fn not_ours() -> Fault {
    let detail = "the request does not come from a page of this console";
    Fault::new(Refusal::ForeignOrigin, detail)
}
