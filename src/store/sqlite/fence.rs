//! Whose units rest on the state that is stored.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::domain::id::TenantId;
use crate::store::unit::Unit;

/// The revisions that a tenant's units go from and to.
pub struct Revisions {
    pub from: u64,
    pub to: u64,
}

/// What a batch claims: each tenant's revisions, and the tenants whose units do not even follow
/// on each other, or take a command twice.
pub fn claimed<'a>(units: &[&'a Unit]) -> (BTreeMap<&'a TenantId, Revisions>, BTreeSet<TenantId>) {
    let mut steps: BTreeMap<&TenantId, Revisions> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    let mut taken = HashSet::new();
    for unit in units {
        let Some(claim) = &unit.claim else { continue };
        let step = steps
            .entry(&unit.tenant)
            .or_insert(Revisions { from: claim.revision, to: claim.revision });
        if step.to != claim.revision || !taken.insert((&unit.tenant, &unit.cause)) {
            broken.insert(unit.tenant.clone());
        }
        step.to = claim.revision + 1;
    }
    (steps, broken)
}
