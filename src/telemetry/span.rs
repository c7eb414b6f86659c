//! One step of a trace.

use jiff::Timestamp;

use crate::domain::trace::{SpanId, TraceContext};

/// Whose call a step is, by OpenTelemetry's numbers for it (`SpanKind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nobody's outside.
    Internal = 1,
    /// Somebody else is asked.
    Client = 3,
    /// What somebody sent is taken.
    Consumer = 5,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The trace, and the step's own span in it.
    pub trace: TraceContext,
    /// The span that it follows from.
    pub parent: SpanId,
    pub role: Role,
    pub name: String,
    pub began: Timestamp,
    pub ended: Timestamp,
    /// What there is to say of it, by name.
    pub attributes: Vec<(&'static str, String)>,
    /// Why it failed, if it did.
    pub fault: Option<String>,
}
