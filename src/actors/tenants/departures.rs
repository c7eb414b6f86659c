//! What left, or never will, since the tenant's actor last looked.

use std::sync::{Mutex, PoisonError};

use crate::domain::message::{MessageId, Topic};

/// Messages that are no longer unsent, on their way to the actor of their tenant.
///
/// It reads them before its next decision, which is the first that they matter to: waking it for
/// each one would cost more than all that it does with them. There are never more than its state
/// holds as unsent.
#[derive(Debug, Default)]
pub struct Departures(Mutex<Vec<(Topic, MessageId)>>);

impl Departures {
    pub fn note(&self, topic: Topic, message: MessageId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((topic, message));
    }

    pub fn take(&self) -> Vec<(Topic, MessageId)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
