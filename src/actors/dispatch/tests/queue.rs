//! A channel without a dispatcher: whoever may go goes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::at;
use crate::actors::dispatch::marks::Marks;
use crate::actors::dispatch::order::{Done, Doubted};
use crate::actors::dispatch::strands::Strands;
use crate::actors::dispatch::turn::Turn;
use crate::actors::post::Post;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;

/// The messages of a channel that lets go at once.
pub struct Queue {
    marks: Marks,
    pub strands: Strands,
    pub waiting: VecDeque<Turn>,
    shifted_ms: Arc<AtomicI64>,
    coming: VecDeque<Turn>,
}

impl Default for Queue {
    fn default() -> Self {
        let shifted_ms = Arc::new(AtomicI64::new(0));
        Self {
            marks: Marks::new(shifted_ms.clone()),
            strands: Strands::default(),
            waiting: VecDeque::new(),
            shifted_ms,
            coming: VecDeque::new(),
        }
    }
}

impl Queue {
    pub fn push(&mut self, post: Post) {
        self.coming.push_back(self.marks.enter(post));
    }

    pub fn next(&mut self, now: Timestamp) -> Option<Turn> {
        for turn in self.coming.drain(..) {
            self.waiting.extend(self.strands.comes_in(turn, now));
        }
        self.waiting.pop_front()
    }

    /// Returns how many have their turn now that waited behind it.
    pub fn done(&mut self, turn: Turn, doubt: Option<i64>) -> usize {
        self.marks.leave(&turn);
        let doubt = match doubt {
            Some(until) => Doubted::Until(at(until)),
            None if turn.not_before.is_some() => Doubted::AsBefore,
            None => Doubted::No,
        };
        let message = turn.post.stored.message.id;
        let next =
            self.strands.done(Done { message, lane: None, strand: turn.strand, doubt }, at(0));
        let released = usize::from(next.is_some());
        next.into_iter().for_each(|next| self.waiting.push_front(next));
        released
    }

    pub fn supersede(&mut self, id: MessageId) {
        self.marks.supersede(id);
        self.strands.doubts.settle(id);
    }

    pub fn forget(&mut self, tenant: &TenantId, client: &ClientId) {
        self.marks.forget(tenant, client);
        self.strands.doubts.forget(tenant, client);
    }

    pub fn shift(&mut self, by: SignedDuration) {
        self.shifted_ms.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::AcqRel);
        self.strands.doubts.shift(by);
    }
}
