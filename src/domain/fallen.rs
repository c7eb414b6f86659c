//! A message that was given up, and what is needed to say the same another way.

use std::sync::Arc;

use super::channel::Channels;
use super::client::Client;
use super::message::Message;

/// A message that was given up, of which it is certain that it did not arrive.
#[derive(Debug, Clone)]
pub struct Fallen {
    /// The message, with everything that its text needs.
    pub message: Message,
    /// Its reader, as they were known when it was last written to.
    pub client: Arc<Client>,
    /// Whether the address is to blame: nothing more is to go there.
    pub bounced: bool,
    /// The SMS segments that were counted for it, and may be used again.
    pub unspent: u32,
    /// The channels on which the same was said, whatever became of that.
    pub said_on: Channels,
}
