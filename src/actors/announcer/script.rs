//! A broker that takes events as a test tells it.
#![cfg(test)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;

use super::upstream::Confirmed;
use crate::broker::BrokerError;
use crate::store::StoredEvent;
use crate::store::tamper::Gate;

/// What becomes of an event.
#[derive(Debug, Clone)]
pub enum Act {
    /// It is taken, and confirmed once the gate is open.
    ConfirmsBehind(Gate),
    /// It is taken, and the connection is lost before it is confirmed.
    IsLost,
    /// Publishing it panics.
    Panics,
}

/// What the broker is to do, and what it was given. It confirms events for which nothing is said.
#[derive(Debug, Default)]
pub struct Script {
    acts: Mutex<VecDeque<Act>>,
    took: Mutex<Vec<String>>,
    opened: AtomicUsize,
    away: AtomicBool,
    blocked: AtomicBool,
    silent: AtomicBool,
}

impl Script {
    /// What becomes of the next event, behind what becomes of others before.
    pub fn next(&self, act: Act) {
        lock(&self.acts).push_back(act);
    }

    /// The next event is confirmed once the gate is open.
    pub fn holds(&self) -> Gate {
        let gate = Gate::default();
        self.next(Act::ConfirmsBehind(gate.clone()));
        gate
    }

    /// Nobody is reached here, or again.
    pub fn is_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// It takes nothing for an alarm, or again.
    pub fn is_full(&self, full: bool) {
        self.blocked.store(full, Ordering::Relaxed);
    }

    /// What it takes from now on is never confirmed, or is again.
    pub fn is_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// The ids of the events that it took, in order, each as often as it came.
    pub fn took(&self) -> Vec<String> {
        lock(&self.took).clone()
    }

    /// How often somebody connected, or tried to.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> Result<(), BrokerError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        if self.is_up() { Ok(()) } else { Err(BrokerError::Lost("nobody there".to_owned())) }
    }

    pub(super) fn publish(&self, event: &StoredEvent) -> Result<Confirmed, BrokerError> {
        let act = lock(&self.acts).pop_front();
        if matches!(act, Some(Act::Panics)) {
            panic!("publishing: injected by a test");
        }
        lock(&self.took).push(event.id.clone());
        Ok(match act {
            Some(Act::ConfirmsBehind(gate)) => async move {
                gate.pass().await;
                Ok(())
            }
            .boxed(),
            Some(Act::IsLost) => {
                let lost = BrokerError::Lost("cut by a test".to_owned());
                std::future::ready(Err(lost)).boxed()
            }
            None if self.silent.load(Ordering::Relaxed) => std::future::pending().boxed(),
            Some(Act::Panics) | None => std::future::ready(Ok(())).boxed(),
        })
    }

    pub(super) fn is_up(&self) -> bool {
        !self.away.load(Ordering::Relaxed)
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
