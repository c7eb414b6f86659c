//! Messages that may have arrived and are to be sent again.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::strand::Strand;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;

/// The most doubts that are remembered; behind others nobody waits.
pub const DOUBTS_MAX: usize = 10_000;
/// Whoever waits for a message in doubt is due so long behind it: the store knows milliseconds.
const BEHIND: SignedDuration = SignedDuration::from_millis(1);

/// A message in doubt, and when it is tried again.
#[derive(Debug)]
struct Doubt {
    message: MessageId,
    until: Timestamp,
}

/// The doubt of each strand that has one.
#[derive(Debug, Default)]
pub struct Doubts {
    open: HashMap<Strand, Doubt>,
    strands: HashMap<MessageId, Strand>,
}

impl Doubts {
    /// A message may have arrived; it is tried again then.
    pub fn note(&mut self, strand: Strand, message: MessageId, until: Timestamp) {
        if self.open.len() >= DOUBTS_MAX && !self.open.contains_key(&strand) {
            return;
        }
        self.strands.insert(message, strand.clone());
        if let Some(before) = self.open.insert(strand, Doubt { message, until })
            && before.message != message
        {
            self.strands.remove(&before.message);
        }
    }

    /// A message left, never will, or is known not to have arrived the last time.
    pub fn settle(&mut self, message: MessageId) {
        if let Some(strand) = self.strands.remove(&message) {
            self.open.remove(&strand);
        }
    }

    /// A client was erased.
    pub fn forget(&mut self, tenant: &TenantId, client: &ClientId) {
        let theirs = |strand: &Strand| strand.tenant == *tenant && strand.client == *client;
        self.open.retain(|strand, _| !theirs(strand));
        self.strands.retain(|_, strand| !theirs(strand));
    }

    /// The wall clock was set.
    pub fn shift(&mut self, step: SignedDuration) {
        for doubt in self.open.values_mut() {
            doubt.until = doubt.until.checked_add(step).unwrap_or(doubt.until);
        }
    }

    /// Until when a message of the strand waits behind another one; not at all where that was to
    /// be tried by now, or where it would be too late.
    pub fn not_before(
        &self,
        strand: &Strand,
        message: MessageId,
        deadline: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let doubt = self.open.get(strand)?;
        let until = doubt.until.checked_add(BEHIND).ok()?;
        let waits = doubt.message != message
            && doubt.until > now
            && deadline.is_none_or(|deadline| until < deadline);
        waits.then_some(until)
    }
}
