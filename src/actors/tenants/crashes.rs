//! A tenant's crashes, and who tells of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::clock;
use crate::config::Actors;
use crate::domain::id::TenantId;

/// The crashes, whoever else looks at it.
pub fn lock(crashes: &Mutex<Crashes>) -> MutexGuard<'_, Crashes> {
    crashes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tenant's crashes.
#[derive(Default)]
pub struct Crashes {
    crashes: VecDeque<Instant>,
    parked_until: Option<Instant>,
}

impl Crashes {
    /// Whether it is set aside at that instant.
    pub fn is_set_aside(&self, now: Instant) -> bool {
        self.parked_until.is_some_and(|until| until > now)
    }

    /// Its actor died.
    pub fn crashed(&mut self, now: Instant) {
        self.crashes.push_back(now);
    }

    /// The crashes within the window; older ones are forgotten.
    pub fn recent_crashes(&mut self, actors: &Actors) -> u32 {
        let now = clock::instant();
        while self
            .crashes
            .front()
            .is_some_and(|crash| now.duration_since(*crash) > actors.restart_window)
        {
            self.crashes.pop_front();
        }
        u32::try_from(self.crashes.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is nothing to remember: who is set aside no more may be forgotten like others,
    /// or those of whom nobody asks for anything again would stay for ever.
    pub fn is_clean(&mut self, actors: &Actors) -> bool {
        self.recent_crashes(actors) == 0 && !self.is_set_aside(clock::instant())
    }

    /// Parks the tenant if it crashed too often; says whether it is parked.
    pub fn is_parked(&mut self, tenant: &TenantId, actors: &Actors, recent: u32) -> bool {
        let now = clock::instant();
        match self.parked_until {
            Some(until) if now < until => return true,
            Some(_) => {
                self.unpark();
                return false;
            }
            None => {}
        }
        if recent <= actors.restarts_max {
            return false;
        }
        self.parked_until = now.checked_add(actors.park_time);
        tracing::error!(
            %tenant,
            crashes = recent,
            park_seconds = actors.park_time.as_secs(),
            "tenant parked: it kept crashing; its commands are set aside until it is unparked"
        );
        true
    }

    /// Lets it try again at once; says whether it was parked.
    pub fn unpark(&mut self) -> bool {
        self.crashes.clear();
        self.parked_until.take().is_some()
    }
}

/// Left behind by an actor however it ends: one that is dropped without a word crashed.
pub struct Obituary {
    tenant: TenantId,
    crashes: Arc<Mutex<Crashes>>,
    stopping: Arc<AtomicBool>,
    retired: bool,
    panicked: bool,
}

impl Obituary {
    /// For an actor that is about to live.
    pub fn new(tenant: TenantId, crashes: Arc<Mutex<Crashes>>, stopping: Arc<AtomicBool>) -> Self {
        Self { tenant, crashes, stopping, retired: false, panicked: false }
    }

    /// The actor goes in peace.
    pub fn retired(&mut self) {
        self.retired = true;
    }

    /// The actor caught its own panic; going in peace is over.
    pub fn panicked(&mut self) {
        self.panicked = true;
    }
}

impl Drop for Obituary {
    fn drop(&mut self) {
        let stopping = self.stopping.load(Ordering::Relaxed);
        if !self.panicked && (self.retired || stopping) {
            return;
        }
        tracing::error!(tenant = %self.tenant, "actor panicked");
        lock(&self.crashes).crashed(clock::instant());
    }
}
