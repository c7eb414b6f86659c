//! Messages at which the dispatcher panicked. Pure.

use std::collections::HashMap;

use crate::domain::message::MessageId;

/// A message at which it panicked so often is not sent.
const PANICS_MAX: u32 = 3;
/// So many messages are remembered.
const REMEMBERED_MAX: usize = 1000;

/// See the module.
#[derive(Debug, Default)]
pub struct Poisons {
    /// What the dispatcher looks at.
    at_hand: Option<MessageId>,
    panics: HashMap<MessageId, u32>,
}

impl Poisons {
    /// The dispatcher looks at this message, or at none.
    pub fn looks_at(&mut self, message: Option<MessageId>) {
        self.at_hand = message;
    }

    /// The dispatcher panicked.
    pub fn falls(&mut self) {
        if let Some(message) = self.at_hand.take()
            && self.panics.len() < REMEMBERED_MAX
        {
            *self.panics.entry(message).or_default() += 1;
        }
    }

    /// Whether it did too often at a message.
    pub fn has(&self, message: MessageId) -> bool {
        self.panics.get(&message).is_some_and(|panics| *panics >= PANICS_MAX)
    }

    /// The message is gone.
    pub fn forget(&mut self, message: MessageId) {
        self.panics.remove(&message);
    }
}
