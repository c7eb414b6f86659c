//! Asking a provider whether it has a message.

use std::fmt;

use jiff::Timestamp;

use super::answer::Answer;
use super::facts::Facts;
use super::outgoing::{Outgoing, Unwritable};

/// How a provider is asked for a message of which nobody knows whether it was taken. Nothing is
/// sent by it.
pub trait Asks: fmt::Debug + Send + Sync {
    /// The request that asks.
    ///
    /// # Errors
    /// If the message does not fit into one.
    fn question(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable>;

    /// What the provider calls the message, if it has one like it that it took after `since`.
    /// Nothing where it has none, or the answer does not say: it may come to it yet.
    fn finds(&self, facts: &Facts<'_>, since: Timestamp, answer: Answer<'_>) -> Option<String>;
}
