//! What is kept of one tenant while anything of it is in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use actix::Addr;
use tokio::sync::mpsc;

use super::actor::{Retire, TenantActor};
use super::crashes::{self, Crashes};
use super::departures::Departures;
use super::entry::Entry;
use crate::domain::id::TenantId;
use crate::domain::message::{MessageId, Topic};

/// A tenant's place: its line while there is work, its actor while it lives, and its crashes.
pub struct Tenancy {
    pub tenant: TenantId,
    line: Mutex<Option<mpsc::UnboundedSender<Entry>>>,
    living: Mutex<Option<Addr<TenantActor>>>,
    /// What the actor has yet to hear, from before it is read from the store on.
    listening: Mutex<Weak<Departures>>,
    crashes: Arc<Mutex<Crashes>>,
}

impl Tenancy {
    /// Nothing lives yet.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            line: Mutex::default(),
            living: Mutex::default(),
            listening: Mutex::default(),
            crashes: Arc::default(),
        }
    }

    /// Puts an input into the line; `open` makes one where there is none.
    pub fn put(&self, mut entry: Entry, open: impl FnOnce() -> mpsc::UnboundedSender<Entry>) {
        let mut line = lock(&self.line);
        if let Some(line) = &*line {
            match line.send(entry) {
                Ok(()) => return,
                // It panicked; another takes its place.
                Err(mpsc::error::SendError(back)) => entry = back,
            }
        }
        let opened = open();
        let _ = opened.send(entry);
        *line = Some(opened);
    }

    /// Whether the line may end: nobody can put an entry in meanwhile.
    pub fn closes(&self, inbox: &mpsc::UnboundedReceiver<Entry>) -> bool {
        let mut line = lock(&self.line);
        let over = inbox.is_empty();
        if over {
            *line = None;
        }
        over
    }

    /// The actor, if it lives.
    pub fn living(&self) -> Option<Addr<TenantActor>> {
        lock(&self.living).clone().filter(Addr::connected)
    }

    pub fn lives(&self, actor: Addr<TenantActor>) {
        *lock(&self.living) = Some(actor);
    }

    /// Throws an actor away whose state is not the stored one.
    pub fn discard(&self, stale: &Addr<TenantActor>) {
        let mut living = lock(&self.living);
        if living.as_ref() == Some(stale) {
            *living = None;
        }
        let _ = stale.try_send(Retire);
    }

    /// Lets the actor go.
    pub fn retire(&self) {
        if let Some(living) = lock(&self.living).take() {
            let _ = living.try_send(Retire);
        }
    }

    /// From here on departures are kept for an actor that is about to live, as long as it does.
    pub fn listen(&self) -> Arc<Departures> {
        let departures = Arc::new(Departures::default());
        *lock(&self.listening) = Arc::downgrade(&departures);
        departures
    }

    /// A message left; an actor that does not live reads it from the store.
    pub fn left(&self, topic: Topic, message: MessageId) {
        if let Some(departures) = lock(&self.listening).upgrade() {
            departures.note(topic, message);
        }
    }

    /// The actor's crashes.
    pub fn crashes(&self) -> MutexGuard<'_, Crashes> {
        crashes::lock(&self.crashes)
    }

    /// The same, for the actor to leave its obituary in.
    pub fn shared_crashes(&self) -> Arc<Mutex<Crashes>> {
        self.crashes.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    fn departed(booking: &str) -> (Topic, MessageId) {
        let booking = BookingId::parse(booking).unwrap();
        (Topic::Booking(booking), MessageId(uuid::Uuid::from_u128(1)))
    }

    #[test]
    fn what_leaves_while_a_tenant_is_read_is_heard_by_its_actor() {
        let tenancy = Tenancy::new(TenantId::parse("salon").unwrap());
        let (topic, message) = departed("b0");
        tenancy.left(topic, message);
        let departures = tenancy.listen();
        assert_eq!(departures.take(), [], "the store knows");
        let (topic, message) = departed("b1");
        tenancy.left(topic, message);
        assert_eq!(departures.take(), [departed("b1")]);
        drop(departures);
        let (topic, message) = departed("b2");
        tenancy.left(topic, message);
        assert_eq!(tenancy.listen().take(), [], "nobody lived");
    }
}
