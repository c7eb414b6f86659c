//! Room for messages in memory, and waiting until there is enough.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::clock;
use crate::domain::channel::Channel;

/// How long new commands wait at most for messages to leave.
const EASE_MAX: Duration = Duration::from_millis(100);
/// A channel on which nothing left for so long is not waited for.
const MOVES_WITHIN: Duration = Duration::from_secs(1);

/// How many more messages each channel may have in memory.
#[derive(Debug)]
pub struct Space {
    channels: [Left; Channel::ALL.len()],
    eased: Notify,
}

#[derive(Debug)]
struct Left {
    capacity: usize,
    left: AtomicUsize,
    moved: Mutex<Option<Instant>>,
}

impl Space {
    /// For so many of each channel, none of which is there yet.
    pub fn new(capacity: impl Fn(Channel) -> usize) -> Arc<Self> {
        let channels = Channel::ALL.map(|channel| {
            let capacity = capacity(channel);
            Left { capacity, left: AtomicUsize::new(capacity), moved: Mutex::default() }
        });
        Arc::new(Self { channels, eased: Notify::new() })
    }

    /// So many messages of a channel still have room.
    pub fn is_left(&self, channel: Channel, left: usize) {
        self.channels[channel as usize].left.store(left, Ordering::Release);
    }

    /// A message of a channel is done with: whoever waits looks again.
    pub fn moves(&self, channel: Channel) {
        *self.channels[channel as usize].moved() = Some(clock::instant());
        self.eased.notify_waiters();
    }

    /// Waits until so many messages have room on every channel that moves, or as many as a quarter
    /// of it holds, but not longer than [`EASE_MAX`].
    ///
    /// Whoever brings commands in asks first: what a broker still holds costs nothing, what
    /// overflows here is written once more. The wait is short, because bookings go on even where
    /// no mail leaves.
    pub async fn eased(&self, messages: usize) {
        let wait = async {
            loop {
                let eased = self.eased.notified();
                if self.channels.iter().all(|of| of.has(messages) || !of.is_moving()) {
                    return;
                }
                eased.await;
            }
        };
        let _ = tokio::time::timeout(EASE_MAX, wait).await;
    }
}

impl Left {
    fn has(&self, messages: usize) -> bool {
        self.left.load(Ordering::Acquire) >= messages.min(self.capacity / 4)
    }

    fn is_moving(&self) -> bool {
        self.moved().is_some_and(|moved| clock::since(moved) < MOVES_WITHIN)
    }

    fn moved(&self) -> MutexGuard<'_, Option<Instant>> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
