//! Room for messages in memory, and where they wait for a worker.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::queue::{Queue, Turn};
use super::strand::Strand;
use crate::actors::post::Post;
use crate::actors::space::Space;
use crate::clock;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::StoredMessage;

/// The room that makes a sweep worth while, in messages.
const SWEEP_ROOM: usize = 256;
/// Longer than the longest stage of an SMTP session: the ten minutes of RFC 5321 §4.5.3.2.6.
const STALLED_AFTER: Duration = Duration::from_secs(11 * 60);

/// The bounded queue between those who decide and those who send.
///
/// Room is reserved before a message is written as leased, so that a push never waits. While
/// due messages lie in the store that had no room, newcomers queue up behind them there.
pub struct Outbound {
    queue: Mutex<Queue>,
    came: Notify,
    space: Arc<Space>,
    backlog: AtomicBool,
    erasures: AtomicU64,
    sweep: Notify,
    last_done: Mutex<Instant>,
}

impl Outbound {
    /// A queue in this room.
    pub fn new(space: Arc<Space>) -> Arc<Self> {
        Arc::new(Self {
            queue: Mutex::default(),
            came: Notify::new(),
            space,
            // What lies in the store from an earlier run comes first.
            backlog: AtomicBool::new(true),
            erasures: AtomicU64::new(0),
            sweep: Notify::new(),
            last_done: Mutex::new(clock::instant()),
        })
    }

    /// Reserves room for up to `wanted` messages from upstream of the store; none while others
    /// wait there.
    pub fn reserve(&self, wanted: usize) -> usize {
        if wanted == 0 || self.backlog.load(Ordering::Acquire) { 0 } else { self.take_room(wanted) }
    }

    /// Reserves room for up to `wanted` messages that are claimed from the store.
    pub fn take_room(&self, wanted: usize) -> usize {
        self.space.take(wanted)
    }

    /// Gives reserved room back.
    pub fn release(&self, count: usize) {
        self.space.release(count);
    }

    /// Queues a message for which room was reserved.
    pub fn push(&self, post: Post) {
        self.queue().push(post);
        self.came.notify_one();
    }

    /// Every message that is here or with a worker.
    pub fn held(&self) -> Vec<MessageId> {
        self.queue().held()
    }

    /// Messages that an earlier run left in doubt: what is about the same waits behind them.
    pub fn in_doubt(&self, messages: Vec<StoredMessage>) {
        let mut queue = self.queue();
        for stored in messages {
            if let Some(strand) = Strand::of(&stored) {
                queue.doubts().note(strand, stored.message.id, stored.message.due);
            }
        }
    }

    /// The next message, when there is one. It stays held until [`Outbound::done`].
    pub async fn next(&self) -> Turn {
        loop {
            let came = self.came.notified();
            tokio::pin!(came);
            // From here on no message comes unheard.
            came.as_mut().enable();
            let next = self.queue().next(clock::now());
            if let Some(turn) = next {
                return turn;
            }
            came.await;
        }
    }

    /// A message was replaced by something newer. If it is in the store, the sweep finds it.
    pub fn supersede(&self, id: MessageId) {
        self.queue().supersede(id);
        self.sweep.notify_one();
    }

    /// A message's outcome is durable: its room is free. `doubt` says when it is tried again if
    /// it may have arrived.
    pub fn done(&self, turn: Turn, doubt: Option<Timestamp>) {
        let released = self.queue().done(turn, doubt);
        for _ in 0..released {
            self.came.notify_one();
        }
        *self.last_done.lock().unwrap_or_else(PoisonError::into_inner) = clock::instant();
        self.release(1);
        self.space.ease();
        if self.backlog.load(Ordering::Acquire) {
            self.ask_for_sweep();
        }
    }

    /// The wall clock was set: what is to be tried again is due so much later or earlier.
    pub fn shift(&self, by: SignedDuration) {
        self.queue().shift(by);
    }

    /// A client was erased: nothing of what is here may reach them.
    pub fn forget(&self, tenant: &TenantId, client: &ClientId) {
        self.forgot();
        self.queue().forget(tenant, client);
    }

    /// What was told a client who was erased is forgotten, or more of it.
    pub fn forgot(&self) {
        self.erasures.fetch_add(1, Ordering::Release);
    }

    /// How often a client was erased, or more forgotten of one, since the start.
    pub fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::Acquire)
    }

    /// A sweep is a transaction: it waits until there is room for many.
    fn ask_for_sweep(&self) {
        if self.space.has(SWEEP_ROOM) {
            self.sweep.notify_one();
        }
    }

    /// Messages were written that had no room here.
    pub fn backlog_grew(&self) {
        self.backlog.store(true, Ordering::Release);
        self.ask_for_sweep();
    }

    /// Nothing due is left in the store.
    pub fn backlog_cleared(&self) {
        self.backlog.store(false, Ordering::Release);
    }

    /// Resolves when a sweep is worth while.
    pub async fn sweep_wanted(&self) {
        self.sweep.notified().await;
    }

    /// Whether messages wait here while no worker has finished one for [`STALLED_AFTER`].
    pub fn is_stalled(&self) -> bool {
        let last = *self.last_done.lock().unwrap_or_else(PoisonError::into_inner);
        clock::since(last) >= STALLED_AFTER && self.queue().unbegun().next().is_some()
    }

    /// Takes everything out that no worker has begun. Its room is free.
    pub fn drain(&self) -> Vec<Post> {
        let unbegun = self.queue().drain();
        self.release(unbegun.len());
        unbegun
    }

    /// Whether nothing is here or on its way, and all the room is free.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.space.is_all_free() && self.queue().is_empty()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
