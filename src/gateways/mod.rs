//! Gateways by configuration: what is sent to a provider that speaks HTTP, and what its answer
//! means. Pure: nothing here connects, and the time is a parameter.
//!
//! ```text
//!  Plan (as the operator wrote it) ──compile──▶ Gateway
//!                                                 │
//!  Facts of a message ──────────────────request───┴──▶ method, url, headers, body
//!  status, headers, body of the answer ──read────────▶ Verdict: Outcome, the provider's own id
//!  body of what it tells later ─────────hears────────▶ Heard: a receipt, or what a client wrote
//! ```
//!
//! [`compile`](Gateway::compile) finds whatever can be found wrong without a message: a variable
//! that does not exist, a pointer that is none, JSON that is none once a message stands in it. What
//! is left for the moment of sending is a value that does not fit where it is to stand; no value
//! can break out of its place ([`template`]).

mod answer;
mod facts;
mod fault;
mod heard;
mod http;
mod outcomes;
mod plan;
mod pointer;
mod reports;
mod request;
mod retry_after;
mod shown;
mod signature;
mod target;
mod template;
mod words;

#[cfg(test)]
mod tests;

pub use answer::{ANSWER_MAX_BYTES, Answer, Verdict};
pub use facts::{Content, Facts, Medium};
pub use fault::Fault;
pub use heard::Heard;
pub use http::Gateway;
pub use plan::{Plan, RulePlan};
pub use pointer::Pointer;
pub use reports::{Receipts, ReceiptsPlan, Replies, RepliesPlan, SignaturePlan};
pub use request::{REQUEST_MAX_BYTES, Unwritable};
pub use target::Target;

pub use outcomes::RULES_MAX;
