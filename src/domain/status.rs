//! Where a message stands in its life, by name.

/// The steps of a message, from the decision to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageStatus {
    /// Waits for its time or for room.
    Ready,
    /// Leased to a dispatcher.
    Sending,
    /// A provider accepted it.
    Sent,
    /// No provider will take it.
    Dead,
    /// Its deadline passed first.
    Expired,
    /// Superseded before it left.
    Withdrawn,
    /// Perhaps sent, and not to be sent twice.
    Unknown,
    /// Given up, and an operator threw it away.
    Discarded,
}

impl MessageStatus {
    /// Every one.
    pub const ALL: [MessageStatus; 8] = [
        MessageStatus::Ready,
        MessageStatus::Sending,
        MessageStatus::Sent,
        MessageStatus::Dead,
        MessageStatus::Expired,
        MessageStatus::Withdrawn,
        MessageStatus::Unknown,
        MessageStatus::Discarded,
    ];

    /// The name in the store, the API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageStatus::Ready => "ready",
            MessageStatus::Sending => "sending",
            MessageStatus::Sent => "sent",
            MessageStatus::Dead => "dead",
            MessageStatus::Expired => "expired",
            MessageStatus::Withdrawn => "withdrawn",
            MessageStatus::Unknown => "unknown",
            MessageStatus::Discarded => "discarded",
        }
    }
}
