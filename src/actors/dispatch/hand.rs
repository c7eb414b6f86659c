//! What a worker notes of the message that it has in hand, for the next start should this run die.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::turn::Turn;
use crate::clock;
use crate::domain::message::MessageId;
use crate::egress::{Permission, UNWANTED};
use crate::store::{Slot, Stage};
use crate::telemetry::spell::Told;

/// A worker's slot.
pub struct Hand {
    pub slot: Slot,
    pub trouble: Arc<Told>,
}

impl Hand {
    /// It has this message, and nothing of it has left.
    pub fn takes(&self, message: MessageId) {
        self.judge(self.slot.note(message, Stage::InHand));
    }

    /// The message is done with.
    pub fn lets_go(&self) {
        self.judge(self.slot.free());
    }

    fn judge(&self, noted: io::Result<()>) -> bool {
        match noted {
            Ok(()) => self.trouble.worked(clock::instant()),
            Err(ref error) => self.trouble.failed(clock::instant(), error),
        }
        noted.is_ok()
    }
}

/// A message's leave to go.
pub struct Leave<'a> {
    pub turn: &'a Turn,
    pub hand: &'a Hand,
    /// It is not sent again if it may have arrived: that it left must be certain before it does.
    pub once: bool,
    left: AtomicBool,
}

impl<'a> Leave<'a> {
    pub fn new(turn: &'a Turn, hand: &'a Hand, once: bool) -> Self {
        Self { turn, hand, once, left: AtomicBool::new(false) }
    }

    /// The other side said that it did not arrive.
    pub fn came_back(&self) {
        if self.left.load(Ordering::Relaxed) {
            self.hand.takes(self.turn.post.stored.message.id);
        }
    }

    async fn note(&self) -> Result<(), &'static str> {
        if !self.is_wanted() {
            return Err(UNWANTED);
        }
        self.left.store(true, Ordering::Relaxed);
        let slot = &self.hand.slot;
        let mut noted = slot.note(self.turn.post.stored.message.id, Stage::Left);
        if noted.is_ok() && self.once {
            noted = slot.flush().await;
        }
        let is_noted = self.hand.judge(noted);
        if self.once && !is_noted {
            return Err("that it leaves cannot be noted");
        }
        // The disk may have taken its time.
        if self.is_wanted() { Ok(()) } else { Err(UNWANTED) }
    }
}

impl Permission for Leave<'_> {
    fn is_wanted(&self) -> bool {
        !self.turn.is_withdrawn() && !self.turn.post.is_late(clock::now())
    }

    fn leaves(&self) -> BoxFuture<'_, Result<(), &'static str>> {
        self.note().boxed()
    }
}
