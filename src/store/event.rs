//! What upstream is told, as it stands in the store.

/// What upstream is told, and where it stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the order of all events.
    pub seq: i64,
    /// Its identity, the same however often it is published.
    pub id: String,
    pub tenant: String,
    /// The CloudEvents type.
    pub type_name: String,
    /// The CloudEvent as upstream reads it, JSON text.
    pub body: Box<str>,
}
