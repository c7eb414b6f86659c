//! Timers that are left alone for a while. They stay in the store, so that none is lost; only
//! the waiting is in memory.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::id::TenantId;
use crate::domain::timer::Timer;

/// How long a timer whose deciding fails is left alone at first, and at most.
const HOLD_FIRST: SignedDuration = SignedDuration::from_mins(10);
const HOLD_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How long a tenant that takes nothing is left alone.
const TENANT_HOLD: SignedDuration = SignedDuration::from_secs(60);
/// The most timers, and the most tenants, of which this is known; the others are tried again
/// with the next pass.
const HELD_MAX: usize = 10_000;

/// A tenant's timer, whenever it fires.
pub type Key = (TenantId, Timer);

/// What is left alone, and until when.
#[derive(Debug, Default)]
pub struct Held {
    timers: HashMap<Key, Hold>,
    tenants: HashMap<TenantId, Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Timestamp,
    pause: SignedDuration,
}

impl Held {
    /// Leaves a timer alone, each time twice as long. Says until when.
    pub fn hold_timer(&mut self, key: Key, now: Timestamp) -> Timestamp {
        let pause = self.timers.get(&key).map_or(HOLD_FIRST, |hold| {
            hold.pause.checked_mul(2).map_or(HOLD_MAX, |twice| twice.min(HOLD_MAX))
        });
        let until = ahead(now, pause);
        if self.timers.len() < HELD_MAX || self.timers.contains_key(&key) {
            self.timers.insert(key, Hold { until, pause });
        }
        until
    }

    /// Leaves all of a tenant's timers alone.
    pub fn hold_tenant(&mut self, tenant: TenantId, now: Timestamp) {
        if self.tenants.len() < HELD_MAX || self.tenants.contains_key(&tenant) {
            self.tenants.insert(tenant, ahead(now, TENANT_HOLD));
        }
    }

    /// Whether it is not this timer's time yet.
    pub fn holds(&self, key: &Key, now: Timestamp) -> bool {
        self.timers.get(key).is_some_and(|hold| hold.until > now)
            || self.tenants.get(&key.0).is_some_and(|until| *until > now)
    }

    /// The timer is another one now, or was decided.
    pub fn release(&mut self, key: &Key) {
        self.timers.remove(key);
    }

    /// The wall clock was set: every pause goes with it.
    pub fn shift(&mut self, by: SignedDuration) {
        let timers = self.timers.values_mut().map(|hold| &mut hold.until);
        for until in timers.chain(self.tenants.values_mut()) {
            *until = ahead(*until, by);
        }
    }

    /// Drops what is over: tenants at once, a timer when it was not seen to fail again.
    pub fn forget_past(&mut self, now: Timestamp) {
        self.tenants.retain(|_, until| *until > now);
        self.timers.retain(|_, hold| ahead(hold.until, hold.pause) > now);
    }
}

/// An instant after now, as far as the calendar goes.
pub fn ahead(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}
