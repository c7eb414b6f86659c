//! What goes into one transaction.

use tokio::sync::oneshot;

use super::commission::{Commission, Job};
use super::work::Trouble;
use crate::domain::id::TenantId;
use crate::store::{Batch, Settled};

/// The weight of one transaction ([`Unit::weight`](crate::store::Unit::weight)): what does not fit
/// goes into the next. A unit that is heavier goes alone.
const WEIGHT_MAX: usize = 4000;

/// How many of these, from the first on, go into one transaction.
pub fn fitting(jobs: &[Job]) -> usize {
    let mut weight = 0;
    let heavy = jobs.iter().position(|job| {
        weight += match job {
            Job::Unit(commission) => commission.unit.weight(),
            Job::Settled(..) | Job::ClaimDue(_) | Job::Barrier(_) => 1,
        };
        weight > WEIGHT_MAX
    });
    heavy.unwrap_or(jobs.len()).max(1)
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

    use super::*;
    use crate::actors::answer::Answer;
    use crate::actors::commission::Chain;
    use crate::domain::Decision;
    use crate::domain::event::Event;
    use crate::domain::id::CauseId;
    use crate::store::Unit;

    /// A unit of this weight.
    fn unit(weight: usize) -> Job {
        let event = Event::CommandAccepted { already_done: false };
        // Four events weigh as much as a row.
        let events = vec![event; 4 * (weight - 1)];
        let unit = Unit {
            tenant: TenantId::parse("a").unwrap(),
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

    #[test]
    fn a_transaction_takes_what_fits_and_at_least_one() {
        assert_eq!(fitting(&[unit(1), unit(1)]), 2);
        let half = || unit(WEIGHT_MAX / 2);
        assert_eq!(fitting(&[half(), half(), unit(1)]), 2);
        assert_eq!(fitting(&[unit(1), half(), half(), unit(1)]), 2, "none overtakes");
        assert_eq!(fitting(&[unit(WEIGHT_MAX + 1), unit(1)]), 1);
    }
}
