//! Where the committer leaves events for the announcer, and who looks sees how that fares.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::upstream::Standing;
use crate::store::{Cursor, StoredEvent};

/// How long a page gathers.
const GATHER: Duration = Duration::from_millis(10);
/// The most events that wait in memory; beyond it they are read from the store.
const FRESH_MAX: usize = 4096;

/// Rung when new events are in the store.
#[derive(Debug, Default)]
pub struct Announced {
    bell: Notify,
    link: Mutex<Option<Standing>>,
    /// The latest events, if they are to be published: as they were written, and so of each
    /// partition in order and without a gap.
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

    /// The next events behind what was published, as far as they wait here; `None` if one is
    /// missing before the first.
    pub(super) fn after(&self, published: &Cursor, limit: usize) -> Option<Vec<StoredEvent>> {
        let mut published = published.clone();
        let mut next = Vec::new();
        let mut fresh = self.fresh();
        while next.len() < limit
            && let Some(event) = fresh.pop_front()
        {
            let (part, seq) = (event.part, event.seq);
            let last = published.of(part);
            if seq > last + 1 {
                fresh.push_front(event);
                return (!next.is_empty()).then_some(next);
            }
            if seq > last {
                published.pass(part, seq);
                next.push(event);
            }
        }
        Some(next)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::partition::Part;

    fn event(part: u16, seq: i64) -> StoredEvent {
        let (id, tenant) = (format!("{part}/{seq}"), format!("salon-{part}"));
        let (type_name, body) = ("command.accepted".to_owned(), Box::from("{}"));
        StoredEvent { part: Part::new(part), seq, id, tenant, type_name, body }
    }

    #[test]
    fn what_waits_is_taken_in_the_order_of_each_partition_up_to_a_gap() {
        let announced = Announced::default();
        let waits = [(0, 7), (1, 3), (0, 8), (0, 9), (1, 5)];
        announced.fresh().extend(waits.map(|(part, seq)| event(part, seq)));
        let mut published = Cursor::at(vec![7, 2]);
        let mut take = |limit| {
            let events = announced.after(&published, limit)?;
            events.iter().for_each(|event| published.pass(event.part, event.seq));
            Some(events.into_iter().map(|event| event.id).collect::<Vec<_>>())
        };
        assert_eq!(take(2).unwrap(), ["1/3", "0/8"], "7 was published");
        assert_eq!(take(9).unwrap(), ["0/9"], "4 of the other is missing");
        assert_eq!(take(9), None);
        published.pass(Part::new(1), 4);
        let left = announced.after(&published, 9).unwrap();
        assert_eq!(left, [event(1, 5)], "read from the store meanwhile");
        assert_eq!(announced.after(&published, 9), Some(Vec::new()));
    }
}
