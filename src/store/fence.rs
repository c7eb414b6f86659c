//! Whose units rest on the state that is stored.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::error::StoreError;
use super::timer::{due_ms, to_key};
use super::unit::{Claim, Trigger, Unit};
use crate::domain::id::TenantId;
use crate::domain::timer::{DueTimer, TimerChange};
use crate::domain::trace::TraceContext;

/// The revisions that a tenant's units go from and to.
pub struct Revisions {
    pub from: u64,
    pub to: u64,
}

/// When a timer fires, and in which trace that was planned.
type Set = (i64, Option<TraceContext>);

/// What a batch means for the timers, as if each unit were written before the next is looked at.
#[derive(Default)]
pub struct Timers<'a> {
    /// What fired, and when it was due: must stand in the store.
    pub fired: Vec<(&'a TenantId, String, i64)>,
    /// When each fires from now on, if at all, and in which trace.
    pub changes: BTreeMap<(&'a TenantId, String), Option<Set>>,
}

/// What a batch claims.
#[derive(Default)]
pub struct Claims<'a> {
    /// Each tenant's revisions.
    pub steps: BTreeMap<&'a TenantId, Revisions>,
    pub timers: Timers<'a>,
    /// Tenants whose units do not even follow on each other, or answer the same thing twice.
    pub broken: BTreeSet<TenantId>,
}

/// Works out what the units claim.
///
/// # Errors
/// If a timer cannot be written as JSON.
pub fn claimed<'a>(units: &[&'a Unit]) -> Result<Claims<'a>, StoreError> {
    let mut claims = Claims::default();
    let mut taken = HashSet::new();
    for unit in units {
        if let Some(claim) = &unit.claim {
            let fits = claims.follow(&unit.tenant, claim)?;
            let once = matches!(claim.trigger, Trigger::Command(_) | Trigger::Timer(_));
            if !fits || once && !taken.insert((&unit.tenant, &unit.cause)) {
                claims.broken.insert(unit.tenant.clone());
            }
        }
        for change in &unit.decision.timers {
            claims.timers.change(&unit.tenant, change)?;
        }
    }
    Ok(claims)
}

impl<'a> Claims<'a> {
    fn follow(&mut self, tenant: &'a TenantId, claim: &Claim) -> Result<bool, StoreError> {
        let Claim { trigger, revision } = claim;
        let start = Revisions { from: *revision, to: *revision };
        let step = self.steps.entry(tenant).or_insert(start);
        let follows = step.to == *revision;
        step.to = revision + 1;
        let stands = match trigger {
            Trigger::Command(_) | Trigger::GivenUp(_) | Trigger::Outcome => true,
            Trigger::Timer(timer) => self.timers.fire(tenant, timer)?,
        };
        Ok(follows && stands)
    }
}

impl<'a> Timers<'a> {
    /// Says whether the timer stands, as far as this batch knows.
    fn fire(&mut self, tenant: &'a TenantId, timer: &DueTimer) -> Result<bool, StoreError> {
        let (key, due) = (to_key(&timer.timer)?, due_ms(timer.due));
        let before = self.changes.insert((tenant, key.clone()), None);
        if before.is_none() {
            self.fired.push((tenant, key, due));
        }
        Ok(before.is_none_or(|standing| standing.is_some_and(|(standing, _)| standing == due)))
    }

    fn change(&mut self, tenant: &'a TenantId, change: &TimerChange) -> Result<(), StoreError> {
        let (timer, due) = match change {
            TimerChange::Set(set) => (&set.timer, Some((due_ms(set.due), set.trace))),
            TimerChange::Cancel(timer) => (timer, None),
        };
        self.changes.insert((tenant, to_key(timer)?), due);
        Ok(())
    }
}
