//! Where the committer leaves events for the announcer, and who looks sees how that fares.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::broker::Standing;
use crate::store::StoredEvent;

/// How long a page gathers.
const GATHER: Duration = Duration::from_millis(10);
/// The most events that wait in memory; beyond it they are read from the store.
const FRESH_MAX: usize = 4096;

/// Rung when new events are in the store.
#[derive(Debug, Default)]
pub struct Announced {
    bell: Notify,
    link: Mutex<Option<Standing>>,
    /// The latest events, if they are to be published: without a gap, in order.
    fresh: Mutex<VecDeque<StoredEvent>>,
    /// The broker has confirmed nothing for too long.
    unconfirmed: AtomicBool,
}

impl Announced {
    /// These events are in the store.
    pub fn ring(&self, events: Vec<StoredEvent>) {
        if self.link().is_some() {
            let mut fresh = self.fresh();
            if fresh.len() + events.len() > FRESH_MAX {
                fresh.clear();
            } else {
                fresh.extend(events);
            }
        }
        self.bell.notify_one();
    }

    /// The next events behind this one, as far as they wait here; `None` if there is a gap.
    pub(super) fn after(&self, seq: i64, limit: usize) -> Option<Vec<StoredEvent>> {
        let mut fresh = self.fresh();
        while fresh.front().is_some_and(|event| event.seq <= seq) {
            fresh.pop_front();
        }
        match fresh.front() {
            Some(next) if next.seq > seq + 1 => None,
            _ => {
                let count = limit.min(fresh.len());
                Some(fresh.drain(..count).collect())
            }
        }
    }

    pub(super) fn fresh(&self) -> MutexGuard<'_, VecDeque<StoredEvent>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn link(&self) -> MutexGuard<'_, Option<Standing>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves a little after the bell, so that a page holds the events of several commits.
    pub(super) async fn gathered(&self) {
        self.bell.notified().await;
        tokio::time::sleep(GATHER).await;
    }

    /// Whether events are being published, and the broker takes and confirms them.
    pub fn is_up(&self) -> bool {
        let link = self.link();
        let is_well = |standing: &Standing| standing.is_up() && !standing.is_blocked();
        link.as_ref().is_some_and(is_well) && !self.unconfirmed.load(Ordering::Relaxed)
    }

    /// Whether the broker has confirmed nothing for too long.
    pub(super) fn set_unconfirmed(&self, unconfirmed: bool) {
        self.unconfirmed.store(unconfirmed, Ordering::Relaxed);
    }
}
