//! An actor by itself.

use std::sync::Arc;
use std::time::Duration;

use actix::Actor as _;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::actor::{Order, Rules, TenantActor, Ties};
use super::crashes::Obituary;
use crate::actors::burden::BURDEN_MAX;
use crate::actors::commission::{Commission, CommitterHandle, Job};
use crate::actors::spend::Spend;
use crate::actors::uptime::Uptime;
use crate::actors::work::{Unspent, Work};
use crate::content::Catalogue;
use crate::domain::channel::Channels;
use crate::domain::event::Event;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::domain::{Ctx, Decision, Input, Rejection, TenantState};
use crate::store::{Holder, LoadedTenant, Store};

/// Half of what a tenant may have before the committer.
fn half(_: &Ctx<'_>, _: &TenantState, _: Input<'_>) -> Result<Decision, Rejection> {
    let event = Event::CommandAccepted { already_done: false, remark: None };
    // Four events weigh as much as a row.
    Ok(Decision { events: vec![event; 2 * BURDEN_MAX], ..Decision::default() })
}

#[test]
fn an_actor_decides_no_more_than_it_may_have_before_the_committer() {
    const ORDERS: usize = 5;
    actix::System::new().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (file, holder) = (folder.path().join("bellhop.db"), Holder::new(Uuid::nil(), 1));
        let store = Store::open_sqlite(&file, 1, &holder).await.unwrap();
        let (committer, mut inbox) = CommitterHandle::new(Arc::default());
        let rules = Rules {
            decide: half,
            plans: Arc::default(),
            provided: Channels::ALL,
            texts: Arc::new(Catalogue::built_in().unwrap()),
            spend: Arc::new(Spend::begin(None, &store).await.unwrap()),
            uptime: Uptime::begin(store).await.unwrap(),
            strangers: Arc::default(),
        };
        let tenant = TenantId::parse("a").unwrap();
        let loaded = LoadedTenant { revision: 1, state: TenantState::default() };
        let obituary = Obituary::new(tenant.clone(), Arc::default(), Arc::default());
        let (idle, given_up) = (Duration::from_secs(600), CancellationToken::new());
        let ties = Ties { departures: Arc::default(), obituary, given_up, window: ORDERS };
        let actor = TenantActor::new(tenant, loaded, rules, committer, idle, ties).start();
        for number in 0..ORDERS {
            let message = MessageId(Uuid::from_u128(number as u128));
            let client = ClientId::parse("anna").unwrap();
            let work = Work::Unspent(Unspent { message, client, segments: 1, trace: None }, None);
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
