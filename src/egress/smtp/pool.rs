//! Connections, and the messages that wait for one.
//!
//! ```text
//!  message ──▶ an idle connection? ──yes──▶ over it
//!                │ no
//!                ├─ a free seat? ──yes──▶ over a fresh connection
//!                └─ wait ──▶ for whichever comes first: a seat, or the connection of a message
//!                            that is about to be done and takes our envelope along
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use super::capabilities::Capabilities;
use super::connection::{Connection, Seat};
use super::envelope::Envelope;

/// What a message goes over.
pub(super) enum Place {
    /// A connection that served before; our envelope may be on its way already.
    Served(Connection),
    /// One that is still to be opened.
    Seat(Seat),
}

/// The next message, whose envelope goes along with the one before.
pub(super) struct Next {
    pub envelope: Envelope,
    /// Where the connection is to be handed. If it is dropped instead, the connection is lost, and
    /// nothing of that message was accepted.
    pub hand: oneshot::Sender<Connection>,
}

/// At most so many connections to one server. Those that wait are a stack: the one used last is
/// used next, so that those not needed grow old at the bottom and are closed.
pub(super) struct Pool {
    /// A connection older than this is closed rather than used.
    idle_max: Duration,
    seats: Arc<Semaphore>,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    idle: Vec<Idle>,
    waiting: VecDeque<Waiting>,
    tickets: u64,
    closed: bool,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

struct Waiting {
    ticket: u64,
    next: Next,
}

impl Pool {
    pub fn new(connections: usize, idle_max: Duration) -> Self {
        let seats = Arc::new(Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS)));
        Self { idle_max, seats, desk: Mutex::default() }
    }

    /// Waits for a place. Dropping the future gives it up.
    pub async fn place(&self, envelope: &Envelope, now: Instant) -> Place {
        loop {
            let (ticket, mut handed) = {
                let mut desk = self.desk();
                desk.drop_older(now, self.idle_max);
                if let Some(idle) = desk.idle.pop() {
                    return Place::Served(idle.connection);
                }
                if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
                    return Place::Seat(Arc::new(seat));
                }
                desk.queue_up(envelope)
            };
            tokio::select! {
                biased;
                connection = &mut handed => if let Ok(connection) = connection {
                    return Place::Served(connection);
                },
                // The semaphore is never closed.
                Ok(seat) = Arc::clone(&self.seats).acquire_owned() => {
                    if self.desk().leave(ticket) {
                        return Place::Seat(Arc::new(seat));
                    }
                    // Too late: our envelope is on its way.
                    drop(seat);
                    if let Ok(connection) = handed.await {
                        return Place::Served(connection);
                    }
                }
            }
            // Whoever had our envelope lost the connection; nothing of ours was accepted.
        }
    }

    /// The message that waits longest, if its envelope may go to a server that offers this.
    pub fn next(&self, offers: &Capabilities) -> Option<Next> {
        let mut desk = self.desk();
        desk.forget_gone();
        let fits = |waiting: &Waiting| offers.smtputf8 || !waiting.next.envelope.needs_utf8;
        desk.waiting.front().filter(|waiting| fits(waiting))?;
        desk.waiting.pop_front().map(|waiting| waiting.next)
    }

    /// Puts a connection back, in step and with nothing unread: whoever waits has it next. Gives
    /// it back to be closed when the pool is closed.
    pub fn put(&self, mut connection: Connection, now: Instant) -> Option<Connection> {
        let mut desk = self.desk();
        while let Some(waiting) = desk.waiting.pop_front() {
            match waiting.next.hand.send(connection) {
                Ok(()) => return None,
                Err(back) => connection = back,
            }
        }
        if desk.closed {
            return Some(connection);
        }
        desk.drop_older(now, self.idle_max);
        desk.idle.push(Idle { connection, since: now });
        None
    }

    /// Drops every idle connection: the server has closed one, so it has surely closed those
    /// that have waited longer.
    pub fn drop_idle(&self) {
        self.desk().idle.clear();
    }

    /// Takes all that are idle, and keeps none from now on.
    pub fn close(&self) -> Vec<Connection> {
        let mut desk = self.desk();
        desk.closed = true;
        desk.idle.drain(..).map(|idle| idle.connection).collect()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Nothing in here panics half way, so a poisoned lock still guards a sound desk.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn drop_older(&mut self, now: Instant, idle_max: Duration) {
        let old = |idle: &Idle| now.saturating_duration_since(idle.since) > idle_max;
        let count = self.idle.iter().take_while(|idle| old(idle)).count();
        self.idle.drain(..count);
    }

    fn queue_up(&mut self, envelope: &Envelope) -> (u64, oneshot::Receiver<Connection>) {
        let (hand, handed) = oneshot::channel();
        self.tickets += 1;
        let next = Next { envelope: envelope.clone(), hand };
        self.waiting.push_back(Waiting { ticket: self.tickets, next });
        (self.tickets, handed)
    }

    /// Says no if somebody has taken us up.
    fn leave(&mut self, ticket: u64) -> bool {
        let place = self.waiting.iter().position(|waiting| waiting.ticket == ticket);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    /// Those who gave up waiting.
    fn forget_gone(&mut self) {
        while self.waiting.front().is_some_and(|waiting| waiting.next.hand.is_closed()) {
            self.waiting.pop_front();
        }
    }
}
