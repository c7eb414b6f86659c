//! Which messages are in memory, as those see it who may withdraw them. Pure.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use super::turn::{Shifted, Stay, Turn};
use crate::actors::post::Post;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;

/// See the module.
#[derive(Debug)]
pub struct Marks {
    held: HashMap<MessageId, Mark>,
    stays: Stay,
    /// By how much the wall clock was set so far.
    shifted_ms: Arc<AtomicI64>,
}

/// A message in memory.
#[derive(Debug)]
pub struct Mark {
    pub stay: Stay,
    pub tenant: TenantId,
    /// How soon it must go.
    pub lane: Lane,
    client: ClientId,
    withdrawn: Arc<AtomicBool>,
}

impl Marks {
    /// Nothing is in memory. `shifted_ms` says by how much the wall clock was set.
    pub fn new(shifted_ms: Arc<AtomicI64>) -> Self {
        Self { held: HashMap::new(), stays: 0, shifted_ms }
    }

    /// A message's stay begins.
    pub fn enter(&mut self, post: Post) -> Turn {
        self.stays += 1;
        let withdrawn = Arc::new(AtomicBool::new(post.stored.superseded));
        let mark = Mark {
            stay: self.stays,
            tenant: post.stored.tenant.clone(),
            lane: post.lane(),
            client: post.stored.message.client.clone(),
            withdrawn: withdrawn.clone(),
        };
        self.held.insert(post.stored.message.id, mark);
        Turn::new(post, self.stays, withdrawn, Shifted::by(&self.shifted_ms))
    }

    /// Whether a message is in memory.
    pub fn has(&self, id: MessageId) -> bool {
        self.held.contains_key(&id)
    }

    /// A message's stay ends; says whether no later one has begun.
    pub fn leave(&mut self, turn: &Turn) -> bool {
        let id = turn.post.stored.message.id;
        // A later stay of the same message has a mark of its own.
        let is_last = self.held.get(&id).is_some_and(|mark| mark.stay == turn.stay);
        if is_last {
            self.held.remove(&id);
        }
        is_last
    }

    /// Something newer replaced a message.
    pub fn supersede(&mut self, id: MessageId) {
        if let Some(mark) = self.held.get(&id) {
            mark.withdrawn.store(true, Ordering::Release);
        }
    }

    /// A client was erased.
    pub fn forget(&mut self, tenant: &TenantId, client: &ClientId) {
        let theirs = |mark: &&Mark| mark.tenant == *tenant && mark.client == *client;
        for mark in self.held.values().filter(theirs) {
            mark.withdrawn.store(true, Ordering::Release);
        }
    }

    /// Ends every stay but these.
    pub fn keep(&mut self, stays: impl Fn(Stay) -> bool) -> Vec<Mark> {
        self.held.extract_if(|_, mark| !stays(mark.stay)).map(|(_, mark)| mark).collect()
    }

    /// Every message that is here.
    pub fn ids(&self) -> Vec<MessageId> {
        self.held.keys().copied().collect()
    }

    /// How many messages are here.
    pub fn len(&self) -> usize {
        self.held.len()
    }
}
