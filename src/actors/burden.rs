//! What one tenant decided that is not durable yet.
//!
//! A command may take one row or a thousand. Those behind it are decided only when most of what
//! was decided is written: what one tenant has before the committer is little, whatever it does,
//! and so is the time that others wait for it to be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The weight ([`Unit::weight`](crate::store::Unit::weight)) beyond which a tenant waits: some
/// fifty bookings, or one page of a crowd.
pub const BURDEN_MAX: usize = 500;

/// One actor's burden.
#[derive(Debug, Clone, Default)]
pub struct Burden(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    weight: AtomicUsize,
    eased: Notify,
}

/// A part of a burden, until dropped.
#[derive(Debug)]
pub struct Share {
    of: Burden,
    weight: usize,
}

impl Burden {
    /// Takes more on.
    pub fn take_on(&self, weight: usize) -> Share {
        self.0.weight.fetch_add(weight, Ordering::AcqRel);
        Share { of: self.clone(), weight }
    }

    /// Whether nothing more is to be decided now.
    pub fn is_heavy(&self) -> bool {
        self.0.weight.load(Ordering::Acquire) >= BURDEN_MAX
    }

    /// Waits, for its one actor, until more may be decided.
    pub async fn eased(self) {
        while self.is_heavy() {
            self.0.eased.notified().await;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.0.weight.fetch_sub(self.weight, Ordering::AcqRel);
        self.of.0.eased.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix::Actor as _;
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;
    use tokio_util::sync::CancellationToken;
    use uuid::Uuid;

    use super::*;
    use crate::actors::commission::{Commission, CommitterHandle, Job};
    use crate::actors::history::Obituary;
    use crate::actors::tenant::{Order, Rules, TenantActor, Ties};
    use crate::actors::uptime::Uptime;
    use crate::actors::work::{Unspent, Work};
    use crate::content::Catalogue;
    use crate::domain::channel::Channels;
    use crate::domain::event::Event;
    use crate::domain::id::TenantId;
    use crate::domain::message::MessageId;
    use crate::domain::{Ctx, Decision, Input, Rejection, TenantState};
    use crate::store::{LoadedTenant, Store};

    #[tokio::test]
    async fn a_heavy_burden_is_waited_for_until_it_is_light() {
        let burden = Burden::default();
        let light = burden.take_on(BURDEN_MAX - 1);
        assert!(burden.clone().eased().now_or_never().is_some());
        let one_more = burden.take_on(1);
        let mut eased = Box::pin(burden.clone().eased());
        assert!(eased.as_mut().now_or_never().is_none());
        drop(light);
        eased.await;
        drop(one_more);
        assert_eq!(burden.0.weight.load(Ordering::Acquire), 0);
    }

    /// Half of what a tenant may have before the committer.
    fn half(_: &Ctx<'_>, _: &TenantState, _: Input<'_>) -> Result<Decision, Rejection> {
        let event = Event::CommandAccepted { already_done: false };
        // Four events weigh as much as a row.
        Ok(Decision { events: vec![event; 2 * BURDEN_MAX], ..Decision::default() })
    }

    #[test]
    fn an_actor_decides_no_more_than_it_may_have_before_the_committer() {
        const ORDERS: usize = 5;
        actix::System::new().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open_sqlite(&folder.path().join("bellhop.db"), 1).await.unwrap();
            let (committer, mut inbox) = CommitterHandle::new(Arc::default());
            let rules = Rules {
                decide: half,
                plans: Arc::default(),
                provided: Channels::ALL,
                texts: Arc::new(Catalogue::built_in().unwrap()),
                uptime: Uptime::begin(store).await.unwrap(),
            };
            let tenant = TenantId::parse("a").unwrap();
            let loaded = LoadedTenant { revision: 1, state: TenantState::default() };
            let obituary = Obituary::new(tenant.clone(), Arc::default(), Arc::default());
            let (idle, given_up) = (Duration::from_secs(600), CancellationToken::new());
            let ties = Ties { departures: Arc::default(), obituary, given_up };
            let actor = TenantActor::new(tenant, loaded, rules, committer, idle, ties).start();
            for number in 0..ORDERS {
                let message = MessageId(Uuid::from_u128(number as u128));
                let work = Work::Unspent(Unspent { message, segments: 1 });
                actor.try_send(Order { work, reply: oneshot::channel().0 }).unwrap();
            }
            let mut decided: Vec<Box<Commission>> = Vec::new();
            for more in [2, 1, 1] {
                for _ in 0..more {
                    let Some(Job::Unit(unit)) = inbox.recv().await else { panic!("a unit") };
                    decided.push(unit);
                }
                // It runs on this thread, as often as it is let.
                for _ in 0..10 * ORDERS {
                    tokio::task::yield_now().await;
                }
                assert!(inbox.try_recv().is_err(), "{} and one more", decided.len());
                // It is written.
                decided.remove(0);
            }
        });
    }
}
