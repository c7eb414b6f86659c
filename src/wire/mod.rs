//! What travels: commands in, events out, both as CloudEvents 1.0 in JSON.
//!
//! ```text
//!   bytes ──▶ envelope ──▶ canonical ──▶ command/* ──▶ domain::Command
//!             attributes   tree, hash    data by type
//!
//!   domain::Event ──▶ event (data) ──▶ EventEnvelope ──▶ bytes
//! ```
//!
//! Everything is parsed here once, into types that need no second check; what is wrong is told
//! by field ([`field`]), never by quoting a person's data. [`schema`] describes all of it for
//! those who write upstream apps.

pub mod batch;
pub mod canonical;
pub mod command;
pub mod envelope;
pub mod event;
pub mod field;
pub mod json_fault;
mod quote;
pub mod scalar;
pub mod schema;
pub mod shape;
pub mod unreadable;
pub mod whole;

pub use batch::split_batch;
pub use canonical::BodyHash;
pub use envelope::{Received, read_command};
pub use event::{EventEnvelope, encode, traceparent};
pub use json_fault::json_fault;
pub use schema::{asyncapi, command_schema, event_schema, written};
pub use unreadable::{Unreadable, UnreadableReason};

#[cfg(test)]
mod tests;
