//! The messages in memory: who waits, who is with a worker, and who waits for whom. Pure; it is
//! told the time.
//!
//! ```text
//!          push                next                     done
//!   ──────────▶ waiting ────────────────▶ with a worker ──────▶ gone
//!                  ▲       │ its strand is taken             │
//!                  │       ▼                                 │
//!                  └──── behind ◀── the strand is free ──────┘
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::doubts::Doubts;
use super::strand::Strand;
use crate::actors::post::Post;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;

/// A message's stay in memory: it may come again before its last stay is quite over.
type Stay = u64;

/// A message whose turn it is. It is held until [`Queue::done`].
#[derive(Debug)]
pub struct Turn {
    /// The message.
    pub post: Post,
    /// Set where another of its strand is in doubt: not yet, but then.
    pub not_before: Option<Timestamp>,
    withdrawn: Arc<AtomicBool>,
    stay: Stay,
    strand: Option<Strand>,
    shifted: Shifted,
}

impl Turn {
    /// When the message was first due, by the wall clock as it is set now.
    pub fn first_due(&self) -> Timestamp {
        let first_due = self.post.stored.first_due;
        first_due.checked_add(self.shifted.since()).unwrap_or(first_due)
    }

    /// Whether something newer replaced it, or its reader was erased: it must not leave.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }
}

/// By how much the wall clock was set since a message is here.
#[derive(Debug)]
struct Shifted {
    total_ms: Arc<AtomicI64>,
    at_first_ms: i64,
}

impl Shifted {
    fn since(&self) -> SignedDuration {
        let total = self.total_ms.load(Ordering::Acquire);
        SignedDuration::from_millis(total.saturating_sub(self.at_first_ms))
    }
}

/// A message in memory, as those see it who may withdraw it.
#[derive(Debug)]
struct Held {
    stay: Stay,
    withdrawn: Arc<AtomicBool>,
    tenant: TenantId,
    client: ClientId,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Turn>,
    held: HashMap<MessageId, Held>,
    /// The strands of which a message is with a worker, and what waits for it.
    taken: HashMap<Strand, VecDeque<Turn>>,
    doubts: Doubts,
    stays: Stay,
    /// By how much the wall clock was set so far.
    shifted_ms: Arc<AtomicI64>,
}

impl Queue {
    /// A message comes in.
    pub fn push(&mut self, post: Post) {
        self.stays += 1;
        let withdrawn = Arc::new(AtomicBool::new(post.stored.superseded));
        let held = Held {
            stay: self.stays,
            withdrawn: withdrawn.clone(),
            tenant: post.stored.tenant.clone(),
            client: post.stored.message.client.clone(),
        };
        self.held.insert(post.stored.message.id, held);
        let strand = Strand::of(&post.stored);
        let shifted = Shifted {
            total_ms: self.shifted_ms.clone(),
            at_first_ms: self.shifted_ms.load(Ordering::Acquire),
        };
        self.waiting.push_back(Turn {
            post,
            not_before: None,
            withdrawn,
            stay: self.stays,
            strand,
            shifted,
        });
    }

    /// The next message whose turn it is.
    pub fn next(&mut self, now: Timestamp) -> Option<Turn> {
        while let Some(mut turn) = self.waiting.pop_front() {
            let Some(strand) = turn.strand.clone() else { return Some(turn) };
            if let Some(behind) = self.taken.get_mut(&strand) {
                behind.push_back(turn);
                continue;
            }
            if !turn.is_withdrawn() {
                let message = &turn.post.stored.message;
                let (id, deadline) = (message.id, message.deadline);
                turn.not_before = self.doubts.not_before(&strand, id, deadline, now);
            }
            self.taken.insert(strand, VecDeque::new());
            return Some(turn);
        }
        None
    }

    /// The outcome is durable; `doubt` says when it is tried again if it may have arrived.
    /// Returns how many have their turn now that waited behind it.
    pub fn done(&mut self, turn: Turn, doubt: Option<Timestamp>) -> usize {
        let id = turn.post.stored.message.id;
        // A later stay of the same message has marks of its own.
        if self.held.get(&id).is_some_and(|held| held.stay == turn.stay) {
            self.held.remove(&id);
        }
        let Some(strand) = turn.strand else { return 0 };
        let behind = self.taken.remove(&strand).unwrap_or_default();
        match doubt {
            Some(until) if !turn.withdrawn.load(Ordering::Acquire) => {
                self.doubts.note(strand, id, until);
            }
            // One that was sent back unsent is as much in doubt as it was before.
            None if turn.not_before.is_some() => {}
            _ => self.doubts.settle(id),
        }
        let released = behind.len();
        for turn in behind.into_iter().rev() {
            self.waiting.push_front(turn);
        }
        released
    }

    /// Every message that is here or with a worker.
    pub fn held(&self) -> Vec<MessageId> {
        self.held.keys().copied().collect()
    }

    /// Something newer replaced a message.
    pub fn supersede(&mut self, id: MessageId) {
        if let Some(held) = self.held.get(&id) {
            held.withdrawn.store(true, Ordering::Release);
        }
        self.doubts.settle(id);
    }

    /// A client was erased.
    pub fn forget(&mut self, tenant: &TenantId, client: &ClientId) {
        let theirs = |held: &&Held| held.tenant == *tenant && held.client == *client;
        for held in self.held.values().filter(theirs) {
            held.withdrawn.store(true, Ordering::Release);
        }
        self.doubts.forget(tenant, client);
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(0);
        self.shifted_ms.fetch_add(millis, Ordering::AcqRel);
        self.doubts.shift(by);
    }

    /// A message that an earlier run left in doubt.
    pub fn doubts(&mut self) -> &mut Doubts {
        &mut self.doubts
    }

    /// Whether nothing is here, and no mark of anything that was.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.held.is_empty() && self.taken.is_empty()
    }

    /// Whatever no worker has begun.
    pub fn unbegun(&self) -> impl Iterator<Item = &Post> {
        let behind = self.taken.values().flatten();
        self.waiting.iter().chain(behind).map(|turn| &turn.post)
    }

    /// Takes out whatever no worker has begun.
    pub fn drain(&mut self) -> Vec<Post> {
        let behind = self.taken.values_mut().flat_map(|behind| behind.drain(..));
        let unbegun: Vec<Post> =
            self.waiting.drain(..).chain(behind).map(|turn| turn.post).collect();
        for post in &unbegun {
            self.held.remove(&post.stored.message.id);
        }
        unbegun
    }
}
