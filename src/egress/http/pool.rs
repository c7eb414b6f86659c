//! Connections that wait for another message.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// There are never more than messages under way at once: each that ends gives back at most one.
pub(super) struct Pool {
    idle_max: Duration,
    /// Absent: closed.
    idle: Mutex<Option<Vec<Idle>>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub fn new(idle_max: Duration) -> Self {
        Self { idle_max, idle: Mutex::new(Some(Vec::new())) }
    }

    /// The connection that was used last, if it can still be used. Those that cannot are closed.
    pub fn take(&self, now: Instant) -> Option<Connection> {
        let mut idle = self.idle();
        let idle = idle.as_mut()?;
        idle.retain(|of| now.saturating_duration_since(of.since) < self.idle_max);
        while let Some(Idle { connection, .. }) = idle.pop() {
            if connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    /// Gives a connection back whose exchange is over.
    pub fn put(&self, connection: Connection, now: Instant) {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(Idle { connection, since: now });
        }
    }

    /// Closes all, and whatever is given back from now on.
    pub fn close(&self) {
        *self.idle() = None;
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
