//! Events on the wire: [`data`] by event type, and the [`envelope`] around it.

pub mod data;
pub mod envelope;

pub use data::{EventType, TYPES, encode};
pub use envelope::{EventEnvelope, kept_data};
