//! Events on the wire: [`data`] by event type, and the [`envelope`] around it.
//!
//! What the data looks like stands in two families: what changed, and what became of a message.

mod change;
pub mod data;
pub mod envelope;
mod message;

pub use data::{EventType, TYPES, encode};
pub use envelope::{EventEnvelope, traceparent};

#[cfg(test)]
mod tests;
