//! What goes into one transaction.

use std::collections::HashSet;

use tokio::sync::oneshot;

use super::commission::{ClaimDue, Commission, Job};
use super::work::Trouble;
use crate::domain::id::TenantId;
use crate::store::{Batch, Settled};

/// A unit that is heavier, such as a page of a notice's audience, is one of those that make a
/// transaction long.
const HEAVY: usize = 50;

/// What one transaction has room for.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    /// By [`Unit::weight`](crate::store::Unit::weight).
    pub weight: usize,
    pub jobs: usize,
}

/// Takes what goes into the next transaction, and leaves the rest in its order. The first goes in
/// any case, and each tenant's units go in theirs; what is heavy takes half of the room at most, so
/// that what is light need not wait for all that is heavy before it.
pub fn pick(jobs: &mut Vec<Job>, room: Portion) -> (Gathered, Vec<ClaimDue>) {
    let mut picking = Picking { room, heavy: 0, light: 0, taken: 0, behind: HashSet::new() };
    let (mut load, mut claims, mut rest) = (Gathered::default(), Vec::new(), Vec::new());
    for job in jobs.drain(..) {
        match job {
            Job::ClaimDue(claim) => claims.push(claim),
            // It stands for all before it.
            Job::Barrier(done) if rest.is_empty() => load.barriers.push(done),
            Job::Barrier(_) => rest.push(job),
            Job::Unit(commission) if picking.takes_unit(&commission) => {
                load.commissions.push(*commission);
            }
            Job::Settled(settled, done) if picking.takes(settled.weight()) => {
                load.settled.push((*settled, done));
            }
            Job::Unit(_) | Job::Settled(..) => rest.push(job),
        }
    }
    *jobs = rest;
    (load, claims)
}

struct Picking {
    room: Portion,
    /// The weight of what is taken.
    heavy: usize,
    light: usize,
    /// How many jobs these are.
    taken: usize,
    /// The tenants of which something stays.
    behind: HashSet<TenantId>,
}

impl Picking {
    fn takes_unit(&mut self, commission: &Commission) -> bool {
        let Commission { unit, settled, .. } = commission;
        let weight = unit.weight() + settled.as_ref().map_or(0, |settled| settled.weight());
        let takes = !self.behind.contains(&unit.tenant) && self.takes(weight);
        if !takes {
            self.behind.insert(unit.tenant.clone());
        }
        takes
    }

    fn takes(&mut self, weight: usize) -> bool {
        let half = self.room.weight / 2;
        let is_first = self.taken == 0;
        let is_heavy = weight > HEAVY;
        let fits = if is_heavy {
            self.heavy + weight <= half
        } else {
            self.light + weight <= half.max(self.room.weight.saturating_sub(self.heavy))
        };
        if !is_first && (!fits || self.taken >= self.room.jobs) {
            return false;
        }
        *if is_heavy { &mut self.heavy } else { &mut self.light } += weight;
        self.taken += 1;
        true
    }
}

/// What goes into one transaction.
#[derive(Default)]
pub struct Gathered {
    pub commissions: Vec<Commission>,
    pub settled: Vec<(Settled, oneshot::Sender<bool>)>,
    pub barriers: Vec<oneshot::Sender<()>>,
}

impl Gathered {
    pub fn len(&self) -> usize {
        self.commissions.len() + self.settled.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn jobs(&self) -> usize {
        self.len() + self.barriers.len()
    }

    pub fn batch(&self, number: u64) -> Batch<'_> {
        // Behind the others, whose places are told.
        let carried =
            self.commissions.iter().filter_map(|commission| commission.settled.as_deref());
        Batch {
            number,
            units: self.commissions.iter().map(|commission| &commission.unit).collect(),
            settled: self.settled.iter().map(|(settled, _)| settled).chain(carried).collect(),
        }
    }

    /// What was decided for these tenants cannot be written.
    pub fn snap(&self, stale: &[TenantId]) {
        let decided = self.commissions.iter().filter(|commission| commission.unit.claim.is_some());
        for commission in decided.filter(|commission| stale.contains(&commission.unit.tenant)) {
            commission.chain.snap();
        }
    }

    /// Tells the lines of what is in broken chains, and keeps the rest.
    pub fn without_broken(mut self) -> Self {
        let commissions = std::mem::take(&mut self.commissions).into_iter();
        let (broken, whole): (Vec<_>, Vec<_>) =
            commissions.partition(|commission| commission.chain.is_broken());
        self.commissions = whole;
        for commission in broken {
            let _ = commission.reply.send(Err(Trouble::Stale));
        }
        self
    }

    pub fn split(mut self) -> (Self, Self) {
        let settled = self.settled.split_off(self.settled.len() / 2);
        let keep = self.commissions.len().div_ceil(2);
        let commissions = self.commissions.split_off(keep);
        (self, Self { commissions, settled, barriers: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::actors::answer::Answer;
    use crate::actors::commission::Chain;
    use crate::domain::Decision;
    use crate::domain::channel::Channel;
    use crate::domain::event::Event;
    use crate::domain::id::CauseId;
    use crate::store::Unit;

    fn room(weight: usize) -> Portion {
        Portion { weight, jobs: 100 }
    }

    /// A unit of that tenant and this weight.
    fn unit(tenant: &str, weight: usize) -> Job {
        let event = Event::CommandAccepted { already_done: false };
        // Four events weigh as much as a row.
        let events = vec![event; 4 * (weight - 1)];
        let unit = Unit {
            tenant: TenantId::parse(tenant).unwrap(),
            cause: CauseId::parse("c").unwrap(),
            at: Timestamp::UNIX_EPOCH,
            claim: None,
            decision: Decision { events, ..Decision::default() },
            leased: Vec::new(),
        };
        assert_eq!(unit.weight(), weight);
        let (posts, answer) = (Vec::new(), Answer::Accepted { already_done: false });
        let (chain, share, reply) = (Chain::default(), None, oneshot::channel().0);
        let settled = None;
        Job::Unit(Box::new(Commission { unit, settled, posts, answer, chain, share, reply }))
    }

    /// What transaction after transaction takes, by tenant and weight.
    fn picked(mut jobs: Vec<Job>, room: Portion) -> Vec<Vec<(String, usize)>> {
        let mut all = Vec::new();
        while !jobs.is_empty() {
            let (load, _) = pick(&mut jobs, room);
            assert!(!load.is_empty() || !load.barriers.is_empty(), "it goes on");
            let units = load
                .commissions
                .iter()
                .map(|Commission { unit, .. }| (unit.tenant.as_str().to_owned(), unit.weight()));
            all.push(units.collect());
        }
        all
    }

    fn rows(rows: &[&[(&str, usize)]]) -> Vec<Vec<(String, usize)>> {
        let row = |row: &&[(&str, usize)]| {
            row.iter().map(|(tenant, weight)| ((*tenant).to_owned(), *weight)).collect()
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn a_transaction_takes_what_fits_and_at_least_one() {
        let two = vec![unit("a", 10), unit("b", 10)];
        assert_eq!(picked(two, room(20)), rows(&[&[("a", 10), ("b", 10)]]));
        let three = vec![unit("a", 10), unit("b", 10), unit("c", 1)];
        let expected = rows(&[&[("a", 10), ("c", 1)], &[("b", 10)]]);
        assert_eq!(picked(three, room(15)), expected);
        let large = vec![unit("a", 1000), unit("a", 1)];
        assert_eq!(picked(large, room(15)), rows(&[&[("a", 1000), ("a", 1)]]));
        let many = vec![unit("a", 1), unit("b", 1), unit("c", 1)];
        let expected = rows(&[&[("a", 1), ("b", 1)], &[("c", 1)]]);
        assert_eq!(picked(many, Portion { weight: 100, jobs: 2 }), expected);
    }

    #[test]
    fn what_is_light_overtakes_what_is_heavy_and_never_its_own_tenants() {
        let jobs = vec![
            unit("a", 100),
            unit("b", 100),
            unit("b", 1),
            unit("c", 1),
            unit("a", 1),
            unit("c", 60),
            unit("c", 2),
        ];
        let expected = rows(&[
            &[("a", 100), ("c", 1), ("a", 1)],
            &[("b", 100), ("b", 1)],
            &[("c", 60), ("c", 2)],
        ]);
        assert_eq!(picked(jobs, room(200)), expected);
    }

    #[test]
    fn a_barrier_stands_for_all_before_it_and_a_claim_waits_for_nothing() {
        let (done, mut passed) = oneshot::channel();
        let (claimed, _claim) = oneshot::channel();
        let claim = ClaimDue { channel: Channel::Email, due: None, claimed };
        let mut jobs = vec![unit("a", 100), unit("b", 100), Job::Barrier(done)];
        jobs.extend([unit("c", 1), Job::ClaimDue(claim)]);
        let (load, claims) = pick(&mut jobs, room(150));
        assert_eq!((load.commissions.len(), load.barriers.len(), claims.len()), (2, 0, 1));
        assert!(passed.try_recv().is_err());
        let (load, _) = pick(&mut jobs, room(150));
        assert_eq!((load.commissions.len(), load.barriers.len(), jobs.len()), (1, 1, 0));
    }

    proptest! {
        /// However it is picked: all of it, each tenant's in its order, and none beyond its room but
        /// the first.
        #[test]
        fn nothing_is_lost_and_each_tenant_keeps_its_order(
            weights in proptest::collection::vec((0_usize..4, 1_usize..200), 1..60),
            weight in 50_usize..400,
        ) {
            let names = ["a", "b", "c", "d"];
            let jobs = weights.iter().map(|(tenant, weight)| unit(names[*tenant], *weight));
            let all = picked(jobs.collect(), room(weight));
            for transaction in &all {
                let total: usize = transaction.iter().map(|(_, weight)| weight).sum();
                prop_assert!(total <= transaction[0].1.max(weight) + weight);
            }
            let flat: Vec<(String, usize)> = all.into_iter().flatten().collect();
            for (number, name) in names.iter().enumerate() {
                let before = weights.iter().filter(|(tenant, _)| *tenant == number);
                let after = flat.iter().filter(|(tenant, _)| tenant == name);
                prop_assert!(before.map(|(_, w)| w).eq(after.map(|(_, w)| w)));
            }
        }
    }
}
