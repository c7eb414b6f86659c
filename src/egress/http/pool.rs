//! Connections that wait for another message.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use crate::gateways::Target;

/// Each message that ends gives back at most one, and where there is no room any more the one goes
/// that has waited longest.
pub(super) struct Pool {
    idle_max: Duration,
    room: usize,
    /// Those that were used last stand last. Absent: closed.
    idle: Mutex<Option<Vec<Idle>>>,
}

struct Idle {
    target: Target,
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// For so many connections, each of which may lie idle so long.
    pub fn new(idle_max: Duration, room: usize) -> Self {
        Self { idle_max, room, idle: Mutex::new(Some(Vec::new())) }
    }

    /// The connection there that was used last, if it can still be used. Those that cannot are
    /// closed.
    pub fn take(&self, target: &Target, now: Instant) -> Option<Connection> {
        let mut idle = self.idle();
        let idle = idle.as_mut()?;
        idle.retain(|of| now.saturating_duration_since(of.since) < self.idle_max);
        while let Some(place) = idle.iter().rposition(|of| of.target == *target) {
            let Idle { connection, .. } = idle.remove(place);
            if connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    /// Gives a connection back whose exchange is over.
    pub fn put(&self, target: &Target, connection: Connection, now: Instant) {
        if let Some(idle) = self.idle().as_mut() {
            if idle.len() >= self.room {
                idle.remove(0);
            }
            idle.push(Idle { target: target.clone(), connection, since: now });
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
