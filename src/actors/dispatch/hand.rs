//! What a task notes of the message that it has in hand, for the next start should this run die.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use super::desk::Desk;
use super::order::{ASK_AGAIN, Order};
use super::turn::{Stay, Turn};
use crate::clock;
use crate::domain::message::MessageId;
use crate::egress::{Permission, UNWANTED};
use crate::store::{Leaves, Slot, Stage};
use crate::telemetry::spell::Told;
use crate::traffic::Trip;

/// A message that rested waits so long at most for a place at its provider: behind it nobody is
/// asked again, and what became of it is not known.
const RESUMES_WITHIN: Duration = Duration::from_secs(8);

/// A task's slot.
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
    place: Berth<'a>,
    left: AtomicBool,
}

/// The place at a provider that a message has, and leaves while it rests.
pub struct Berth<'a> {
    desk: &'a Desk,
    stay: Stay,
    trip: Trip,
    rests: AtomicBool,
}

impl<'a> Berth<'a> {
    pub fn new(desk: &'a Desk, turn: &Turn, trip: Trip) -> Self {
        Self { desk, stay: turn.stay, trip, rests: AtomicBool::new(false) }
    }

    /// Leaves it to others for so long, and says whether it has one again.
    async fn rests(&self, pause: Duration) -> bool {
        self.rests.store(true, Ordering::Relaxed);
        self.desk.has_place(self.stay, None);
        self.desk.tell(Order::Rests(self.trip));
        tokio::time::sleep(pause).await;
        let has_place = timeout(RESUMES_WITHIN, self.resumes()).await.is_ok();
        self.rests.store(!has_place, Ordering::Relaxed);
        has_place
    }

    async fn resumes(&self) {
        loop {
            let wait = self.desk.ask(|reply| Order::Resumes(self.trip, reply)).await;
            // Where nobody is behind the desk somebody soon will be.
            let Some(wait) = wait.unwrap_or(Some(ASK_AGAIN)) else { break };
            tokio::time::sleep(wait).await;
        }
        self.desk.has_place(self.stay, Some(self.trip));
    }
}

impl<'a> Leave<'a> {
    pub fn new(turn: &'a Turn, hand: &'a Hand, once: bool, place: Berth<'a>) -> Self {
        Self { turn, hand, once, place, left: AtomicBool::new(false) }
    }

    /// Whether the message left its place at the provider, and has none again.
    pub fn is_resting(&self) -> bool {
        self.place.rests.load(Ordering::Relaxed)
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
        let message = self.turn.post.stored.message.id;
        let mut noted = slot.note(message, Stage::Left);
        if noted.is_ok() && self.once {
            noted = slot.flush().await;
        }
        if noted.is_ok() {
            let told = slot.tell(message).await;
            if matches!(told, Ok(Leaves::MayNot)) {
                self.turn.withdraw();
            }
            noted = told.map(|_| ());
        }
        let is_noted = self.hand.judge(noted);
        if (self.once || slot.tells_others()) && !is_noted {
            return Err("that it leaves cannot be noted");
        }
        if !slot.may_leave() {
            return Err("another bellhop may have taken over");
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

    fn rests(&self, pause: Duration) -> BoxFuture<'_, bool> {
        self.place.rests(pause).boxed()
    }
}
