//! Commands that were delivered and wait behind their own tenant's.
//!
//! The broker's queue is one for all tenants. If a tenant's commands are slow, those that wait
//! for it must not take up the room of the others: only so many of one tenant's are handed in at
//! once, the rest waits here, in order, and what the broker delivers behind them goes on. The
//! prefetch, in commands and in bytes, bounds how many.

use std::collections::{HashMap, VecDeque};

use crate::domain::id::TenantId;

/// What waits, tenant by tenant.
#[derive(Debug)]
pub struct Backlog<T> {
    /// The most that are handed in and not answered.
    room: usize,
    /// The most of one tenant's among them.
    share: usize,
    handed_in: usize,
    lines: HashMap<TenantId, Line<T>>,
}

#[derive(Debug)]
struct Line<T> {
    handed_in: usize,
    waiting: VecDeque<T>,
}

impl<T> Backlog<T> {
    /// Nothing waits; so many may be handed in at once, and so many of one tenant's.
    pub fn new(room: usize, share: usize) -> Self {
        Self { room, share, handed_in: 0, lines: HashMap::new() }
    }

    /// Whether another tenant's would be handed in.
    pub fn has_room(&self) -> bool {
        self.handed_in < self.room
    }

    /// Takes the next of a tenant's; gives it back if it may be handed in now.
    pub fn admit(&mut self, tenant: &TenantId, next: T) -> Option<T> {
        if !self.lines.contains_key(tenant) {
            self.lines.insert(tenant.clone(), Line { handed_in: 0, waiting: VecDeque::new() });
        }
        let line = self.lines.get_mut(tenant)?;
        if line.handed_in < self.share && line.waiting.is_empty() {
            line.handed_in += 1;
            self.handed_in += 1;
            return Some(next);
        }
        line.waiting.push_back(next);
        None
    }

    /// One of the tenant's is answered: what may be handed in for it.
    pub fn answered(&mut self, tenant: &TenantId) -> Option<T> {
        let line = self.lines.get_mut(tenant)?;
        let next = line.waiting.pop_front();
        if next.is_none() {
            line.handed_in -= 1;
            self.handed_in -= 1;
            if line.handed_in == 0 {
                self.lines.remove(tenant);
            }
        }
        next
    }

    /// Gives up what waits.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        self.lines.values_mut().flat_map(|line| line.waiting.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tenant_has_its_share_and_keeps_its_order() {
        let [a, b] = ["a", "b"].map(|name| TenantId::parse(name).unwrap());
        let mut backlog = Backlog::new(3, 2);
        assert_eq!([1, 2, 3, 4].map(|n| backlog.admit(&a, n)), [Some(1), Some(2), None, None]);
        assert!(backlog.has_room());
        assert_eq!(backlog.admit(&b, 5), Some(5), "another tenant does not wait");
        assert!(!backlog.has_room());
        assert_eq!(backlog.answered(&a), Some(3));
        assert_eq!(backlog.admit(&a, 6), None, "not before those that wait");
        assert_eq!([(), ()].map(|()| backlog.answered(&a)), [Some(4), Some(6)]);
        assert_eq!(backlog.admit(&a, 7), None, "its share is handed in");
        assert_eq!(backlog.drain().collect::<Vec<_>>(), [7]);
        assert_eq!([&a, &a, &b].map(|tenant| backlog.answered(tenant)), [None; 3]);
        assert!(backlog.lines.is_empty() && backlog.handed_in == 0);
    }
}
