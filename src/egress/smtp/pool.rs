//! Connections that wait for their next message.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// A stack: the connection used last is used next, so that those not needed grow old at the
/// bottom and are closed.
pub(super) struct Pool {
    /// A connection older than this is closed rather than used.
    idle_max: Duration,
    stack: Mutex<Stack>,
}

#[derive(Default)]
struct Stack {
    waiting: Vec<Waiting>,
    closed: bool,
}

struct Waiting {
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub fn new(idle_max: Duration) -> Self {
        Self { idle_max, stack: Mutex::default() }
    }

    /// The connection that has waited least, if it is still young enough.
    pub fn take(&self, now: Instant) -> Option<Connection> {
        let mut stack = self.lock();
        stack.drop_older(now, self.idle_max);
        stack.waiting.pop().map(|waiting| waiting.connection)
    }

    /// Puts a connection back, in step and with nothing unread; gives it back to be closed when
    /// the pool is closed.
    pub fn put(&self, connection: Connection, now: Instant) -> Option<Connection> {
        let mut stack = self.lock();
        if stack.closed {
            return Some(connection);
        }
        stack.drop_older(now, self.idle_max);
        stack.waiting.push(Waiting { connection, since: now });
        None
    }

    /// Drops every waiting connection: the server has closed one, so it has surely closed those
    /// that have waited longer.
    pub fn drop_all(&self) {
        self.lock().waiting.clear();
    }

    /// Takes all that wait, and keeps none from now on.
    pub fn close(&self) -> Vec<Connection> {
        let mut stack = self.lock();
        stack.closed = true;
        stack.waiting.drain(..).map(|waiting| waiting.connection).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Stack> {
        // Nothing in here panics half way, so a poisoned lock still guards a sound stack.
        self.stack.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stack {
    fn drop_older(&mut self, now: Instant, idle_max: Duration) {
        let old = |waiting: &Waiting| now.saturating_duration_since(waiting.since) > idle_max;
        let count = self.waiting.iter().take_while(|waiting| old(waiting)).count();
        self.waiting.drain(..count);
    }
}
