//! What fires next: the part of the schedule that is in memory. Pure; it is told the time.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::held::{Held, Key, ahead};
use crate::domain::id::TenantId;
use crate::domain::planning::on_the_tick;
use crate::domain::timer::{DueTimer, TimerChange};
use crate::domain::trace::TraceContext;

/// How far ahead timers are in memory.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(60);
/// The pause between two passes over the store; less than the horizon, so that passes overlap.
pub const PASS_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Timers on one page.
pub const PAGE: usize = 500;
/// The next page is read when so few of those that the pass has come by are left.
const PAGE_LOW: usize = PAGE / 8;

/// What is to be read from the store now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Timers that are due until then…
    pub until: Timestamp,
    /// …from the one behind this on.
    pub after: Option<(TenantId, DueTimer)>,
}

/// The timers of the next minute, those on their way, and those that wait for better times.
///
/// Whatever a commit sets within the horizon comes in at once; everything else is found by
/// passes over the store, which begin anew every [`PASS_EVERY`], so that nothing that was missed
/// stays missed.
#[derive(Debug, Default)]
pub struct Agenda {
    soon: BTreeSet<(Timestamp, Key)>,
    due_of: HashMap<Key, (Timestamp, Option<TraceContext>)>,
    in_flight: HashMap<Key, Timestamp>,
    held: Held,
    pass: Option<Wanted>,
    next_pass: Option<Timestamp>,
}

impl Agenda {
    /// A commit changed these.
    pub fn changed(&mut self, tenant: &TenantId, changes: &[TimerChange], now: Timestamp) {
        for change in changes {
            match change {
                TimerChange::Set(DueTimer { due, timer, trace }) => {
                    let (key, due) = ((tenant.clone(), timer.clone()), on_the_tick(*due));
                    // One that does not move stays whose it was, as in the store.
                    let stands = self.due_of.get(&key).filter(|(before, _)| *before == due);
                    let trace = stands.map_or(*trace, |(_, trace)| *trace);
                    self.remove(&key);
                    self.held.release(&key);
                    if due <= ahead(now, HORIZON) {
                        self.insert(key, due, trace);
                    }
                }
                TimerChange::Cancel(timer) => {
                    let key = (tenant.clone(), timer.clone());
                    self.remove(&key);
                    self.held.release(&key);
                }
            }
        }
    }

    /// The page to be read now, if there is room for one.
    pub fn wanted(&mut self, now: Timestamp) -> Option<Wanted> {
        if self.pass.is_none() && self.next_pass.is_none_or(|next| next <= now) {
            self.held.forget_past(now);
            self.next_pass = Some(ahead(now, PASS_EVERY));
            self.pass = Some(Wanted { until: ahead(now, HORIZON), after: None });
        }
        let pass = self.pass.as_ref()?;
        let behind = pass.after.as_ref().map_or(0, |(_, last)| {
            self.soon.iter().take(PAGE_LOW).take_while(|(due, _)| *due <= last.due).count()
        });
        (behind < PAGE_LOW).then(|| pass.clone())
    }

    pub fn read(&mut self, page: Vec<(TenantId, DueTimer)>, now: Timestamp) {
        let full = page.len() >= PAGE;
        match (&mut self.pass, page.last()) {
            (Some(pass), Some(last)) if full => pass.after = Some(last.clone()),
            _ => self.pass = None,
        }
        for (tenant, DueTimer { due, timer, trace }) in page {
            let key = (tenant, timer);
            // What a commit said meanwhile is newer.
            let known = self.due_of.contains_key(&key);
            if !known && self.in_flight.get(&key) != Some(&due) && !self.held.holds(&key, now) {
                self.insert(key, due, trace);
            }
        }
    }

    /// Takes the next timer whose time has come.
    pub fn take_due(&mut self, now: Timestamp) -> Option<(TenantId, DueTimer)> {
        let (due, _) = self.soon.first().filter(|(due, _)| *due <= now)?;
        let due = *due;
        let (_, key) = self.soon.pop_first()?;
        let trace = self.due_of.remove(&key).and_then(|(_, trace)| trace);
        self.in_flight.insert(key.clone(), due);
        let (tenant, timer) = key;
        Some((tenant, DueTimer { due, timer, trace }))
    }

    /// A timer was decided, or was not to fire any more.
    pub fn fired(&mut self, tenant: &TenantId, timer: &DueTimer) {
        let key = self.landed(tenant, timer);
        self.held.release(&key);
    }

    /// Deciding a timer failed each time: it is left alone for a while, each time longer. Says
    /// until when.
    pub fn failed(&mut self, tenant: &TenantId, timer: &DueTimer, now: Timestamp) -> Timestamp {
        let key = self.landed(tenant, timer);
        self.held.hold_timer(key, now)
    }

    /// A tenant takes nothing at present.
    pub fn refused(&mut self, tenant: &TenantId, timer: &DueTimer, now: Timestamp) {
        self.landed(tenant, timer);
        self.held.hold_tenant(tenant.clone(), now);
    }

    /// Nobody knows what became of a timer that was on its way.
    pub fn lost(&mut self, tenant: &TenantId, timer: &DueTimer) {
        self.landed(tenant, timer);
    }

    /// The wall clock was set, and timers in the store were moved: everything is read anew, and
    /// what is left alone is for as long as before.
    pub fn shift(&mut self, by: SignedDuration) {
        self.soon.clear();
        self.due_of.clear();
        self.held.shift(by);
        self.pass = None;
        self.next_pass = None;
    }

    /// When something is to be done here again.
    pub fn next(&self) -> Option<Timestamp> {
        let due = self.soon.first().map(|(due, _)| *due);
        due.into_iter().chain(self.next_pass.filter(|_| self.pass.is_none())).min()
    }

    fn landed(&mut self, tenant: &TenantId, timer: &DueTimer) -> Key {
        let key = (tenant.clone(), timer.timer.clone());
        if self.in_flight.get(&key) == Some(&timer.due) {
            self.in_flight.remove(&key);
        }
        key
    }

    fn insert(&mut self, key: Key, due: Timestamp, trace: Option<TraceContext>) {
        self.due_of.insert(key.clone(), (due, trace));
        self.soon.insert((due, key));
    }

    fn remove(&mut self, key: &Key) {
        if let Some((due, _)) = self.due_of.remove(key) {
            self.soon.remove(&(due, key.clone()));
        }
    }
}
