//! Receipts that wait to be told.

use jiff::Timestamp;

use crate::domain::message::MessageId;
use crate::domain::part::Part;
use crate::domain::receipt::{ReceiptId, Report, Reported};
use crate::store::unit::StoredMessage;

/// The most receipts that wait; the next are refused until they are fewer. Counted from the oldest
/// that waits to the latest.
pub const RECEIPTS_MAX: i64 = 1_000_000;

/// A report as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    pub provider: String,
    /// Of which message, by our name of it…
    pub message: Option<MessageId>,
    /// …or by the provider's.
    pub reference: Option<String>,
    pub report: Report,
    /// The provider's own word for it.
    pub said: String,
    pub at: Timestamp,
}

/// A receipt whose turn it is.
#[derive(Debug, Clone)]
pub struct DueReceipt {
    pub receipt: ReceiptId,
    pub provider: String,
    pub at: Timestamp,
    /// How often it was looked at before.
    pub tries: u32,
    /// Whether the message is named by our name: then it is known, or never will be.
    pub by_our_name: bool,
    /// Of which part it is, where the message went in several.
    pub part: Option<Part>,
    /// The message, if there is one.
    pub found: Option<Found>,
}

/// The message of a receipt, as it stands.
#[derive(Debug, Clone)]
pub struct Found {
    /// With whom, and with what it tells.
    pub stored: Box<StoredMessage>,
    /// When a provider took it.
    pub taken_at: Option<Timestamp>,
    pub reported: Box<Reported>,
}

/// A receipt that its tenant was not told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutOff {
    pub receipt: ReceiptId,
    /// When it is looked at again; never, where there is no time: it is dropped.
    pub until: Option<Timestamp>,
}

/// Whether receipts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// They are durable.
    Kept,
    /// Too many wait.
    Full,
}
