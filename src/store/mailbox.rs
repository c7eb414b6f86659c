//! What stands in the app: in the mailboxes of clients, and on the boards of tenants.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::id::{CauseId, ClientId};
use crate::domain::message::MessageId;

/// The most items that are kept in one mailbox, or on one board: the latest.
pub const ITEMS_MAX: u32 = 1000;

/// Where posts of an app lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailbox {
    /// A client's own.
    Client(ClientId),
    /// The notice board of the tenant, which everybody reads.
    Board,
}

impl Mailbox {
    /// How it is called in the store: no client has an id without a character.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Client(client) => client.as_str(),
            Self::Board => "",
        }
    }
}

/// What a message puts there, together with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    pub mailbox: Mailbox,
    /// What it stands there as, and only once.
    pub post: Posted,
    pub title: String,
    pub body: String,
}

/// What tells an item from the others of its mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// A message to a client.
    Message(MessageId),
    /// What was posted for all, whichever message brings it.
    Once(CauseId),
}

impl Posted {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Message(message) => message.to_string(),
            Self::Once(cause) => cause.to_string(),
        }
    }
}

/// An item, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub struct ItemView {
    /// The message that brought it.
    pub message: String,
    pub title: String,
    pub body: String,
    /// When it was put there.
    pub at: Timestamp,
    /// Whether it was marked as read.
    pub read: bool,
}
