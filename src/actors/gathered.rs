//! What goes into one transaction.

use std::collections::{HashSet, VecDeque};

use tokio::sync::oneshot;

use super::commission::{ClaimDue, Commission, Job};
use super::work::Trouble;
use crate::domain::id::TenantId;
use crate::store::{Batch, Settled};

/// A unit that is heavier, such as a page of a notice's audience, is one of those that make a
/// transaction long.
const HEAVY: usize = 50;

/// So many units are passed over, at most, in search of one that is light.
const PASSED_OVER_MAX: usize = 256;

/// What one transaction has room for.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    /// By [`Unit::weight`](crate::store::Unit::weight).
    pub weight: usize,
    pub jobs: usize,
}

/// What waits to be written.
#[derive(Default)]
pub struct Waiting {
    /// Units and barriers, in their order.
    line: VecDeque<Job>,
    settled: Vec<(Settled, oneshot::Sender<bool>)>,
    claims: Vec<ClaimDue>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.line.is_empty() && self.settled.is_empty() && self.claims.is_empty()
    }

    pub fn len(&self) -> usize {
        self.line.len() + self.settled.len() + self.claims.len()
    }

    pub fn push(&mut self, job: Job) {
        match job {
            Job::Unit(_) | Job::Barrier(_) => self.line.push_back(job),
            Job::Settled(settled, done) => self.settled.push((*settled, done)),
            Job::ClaimDue(claim) => self.claims.push(claim),
        }
    }

    /// Takes what goes into the next transaction, and what is to be claimed behind it.
    ///
    /// Every outcome goes at once: a message holds its slot until that is durable, and none of the
    /// units before it waits much longer for it. The first unit goes in any case, and each tenant's
    /// go in theirs; what is heavy takes half of the room at most, so that what is light need not
    /// wait for all that is heavy before it.
    pub fn pick(&mut self, room: Portion) -> (Gathered, Vec<ClaimDue>) {
        let settled = std::mem::take(&mut self.settled);
        let mut picking = Picking::beside(&settled, room);
        let (mut load, mut rest) = (Gathered { settled, ..Gathered::default() }, VecDeque::new());
        while rest.len() < PASSED_OVER_MAX
            && let Some(job) = self.line.pop_front()
        {
            match job {
                // It stands for all before it.
                Job::Barrier(done) if rest.is_empty() => load.barriers.push(done),
                Job::Unit(commission) if picking.takes_unit(&commission) => {
                    load.commissions.push(*commission);
                }
                _ => rest.push_back(job),
            }
            if picking.is_full {
                break;
            }
        }
        rest.append(&mut self.line);
        self.line = rest;
        load.weight = picking.heavy + picking.light;
        (load, std::mem::take(&mut self.claims))
    }
}

struct Picking {
    room: Portion,
    /// The weight of what is taken.
    heavy: usize,
    light: usize,
    /// How many jobs there is room for besides.
    left: usize,
    /// Whether a unit is among them.
    has_unit: bool,
    /// Whether nothing more fits, however light.
    is_full: bool,
    /// The tenants of which something stays.
    behind: HashSet<TenantId>,
}

impl Picking {
    fn beside(settled: &[(Settled, oneshot::Sender<bool>)], room: Portion) -> Self {
        let light = settled.iter().map(|(settled, _)| settled.weight()).sum();
        let left = room.jobs.saturating_sub(settled.len());
        let (heavy, has_unit, is_full, behind) = (0, false, false, HashSet::new());
        Self { room, heavy, light, left, has_unit, is_full, behind }
    }

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
        let is_heavy = weight > HEAVY;
        let fits = if is_heavy {
            self.heavy + weight <= half
        } else {
            self.light + weight <= half.max(self.room.weight.saturating_sub(self.heavy))
        };
        if self.has_unit && (!fits || self.left == 0) {
            self.is_full = !is_heavy || self.left == 0;
            return false;
        }
        *if is_heavy { &mut self.heavy } else { &mut self.light } += weight;
        self.left = self.left.saturating_sub(1);
        self.has_unit = true;
        true
    }
}

/// What goes into one transaction.
#[derive(Default)]
pub struct Gathered {
    pub commissions: Vec<Commission>,
    pub settled: Vec<(Settled, oneshot::Sender<bool>)>,
    pub barriers: Vec<oneshot::Sender<()>>,
    /// About how many rows that is.
    pub weight: usize,
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
        self.weight /= 2;
        let (barriers, weight) = (Vec::new(), self.weight);
        (self, Self { commissions, settled, barriers, weight })
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
    use crate::domain::message::{MessageId, MessageStatus};
    use crate::store::Unit;

    fn room(weight: usize) -> Portion {
        Portion { weight, jobs: 100 }
    }

    /// A unit of that tenant and this weight.
    fn unit(tenant: &str, weight: usize) -> Job {
        let event = Event::CommandAccepted { already_done: false, remark: None };
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
        let (posts, answer) = (Vec::new(), Answer::Accepted { already_done: false, remark: None });
        let (chain, share, reply) = (Chain::default(), None, oneshot::channel().0);
        let settled = None;
        Job::Unit(Box::new(Commission { unit, settled, posts, answer, chain, share, reply }))
    }

    fn outcome() -> Job {
        let settled = Settled {
            tenant: TenantId::parse("a").unwrap(),
            message: MessageId(uuid::Uuid::nil()),
            cause: CauseId::parse("c").unwrap(),
            status: MessageStatus::Sent,
            due: Timestamp::UNIX_EPOCH,
            attempts: 1,
            doubts: 0,
            provider: String::new(),
            reply: String::new(),
            at: Timestamp::UNIX_EPOCH,
            reason: None,
            sent_to: None,
            tried: Vec::new(),
            item: None,
            event: None,
            trace: None,
        };
        Job::Settled(Box::new(settled), oneshot::channel().0)
    }

    fn waiting(jobs: Vec<Job>) -> Waiting {
        let mut waiting = Waiting::default();
        jobs.into_iter().for_each(|job| waiting.push(job));
        waiting
    }

    /// What transaction after transaction takes, by tenant and weight.
    fn picked(jobs: Vec<Job>, room: Portion) -> Vec<Vec<(String, usize)>> {
        let (mut all, mut waiting) = (Vec::new(), waiting(jobs));
        while !waiting.is_empty() {
            let (load, _) = waiting.pick(room);
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
        let expected = rows(&[&[("a", 10)], &[("b", 10), ("c", 1)]]);
        assert_eq!(picked(three, room(15)), expected, "it is not searched for what is lighter yet");
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
    fn every_outcome_goes_at_once_and_a_unit_with_them() {
        let mut jobs = vec![unit("a", 10), unit("b", 10)];
        jobs.extend((0..30).map(|_| outcome()));
        let mut waiting = waiting(jobs);
        let (load, _) = waiting.pick(Portion { weight: 40, jobs: 20 });
        assert_eq!((load.commissions.len(), load.settled.len(), waiting.len()), (1, 30, 1));
    }

    #[test]
    fn a_barrier_stands_for_all_before_it_and_a_claim_waits_for_nothing() {
        let (done, mut passed) = oneshot::channel();
        let (claimed, _claim) = oneshot::channel();
        let claim = ClaimDue { channel: Channel::Email, due: None, claimed };
        let mut jobs = vec![unit("a", 100), unit("b", 100), Job::Barrier(done)];
        jobs.extend([unit("c", 1), Job::ClaimDue(claim)]);
        let mut waiting = waiting(jobs);
        let (load, claims) = waiting.pick(room(150));
        assert_eq!((load.commissions.len(), load.barriers.len(), claims.len()), (2, 0, 1));
        assert!(passed.try_recv().is_err());
        let (load, _) = waiting.pick(room(150));
        assert_eq!((load.commissions.len(), load.barriers.len(), waiting.len()), (1, 1, 0));
    }

    proptest! {
        /// However it is picked: all of it, each tenant's in its order, and none beyond its room
        /// but the first.
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
