//! Where messages stand that have not ended, and what will be late.

use std::time::Duration;

use super::life::Life;
use super::salon::{SALON, books, books_at, cancels, opens, registers};
use super::universe::Universe;
use crate::actors::Whereabouts;
use crate::actors::dispatch::{HeldIn, Reason};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::message::MessageId;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;

/// Ten seconds a message, and room for a few of a tenant's.
const SLOWLY: &str = "[limits.tenant]\nemail = 0.1\n[dispatch.email]\nqueue = 64\nslots = 4";

async fn salon(life: &Life) {
    life.does(opens(SALON)).await;
    life.does(registers(SALON, "anna")).await;
}

async fn bookings(life: &Life, range: std::ops::Range<usize>, starts_at: &str) {
    for n in range {
        life.does(books_at(SALON, &format!("b{n}"), "anna", starts_at)).await;
    }
    life.settles().await;
}

/// Where each of Anna's messages stands, oldest first; nothing of those that have ended.
async fn standing(life: &Life) -> Vec<Option<Whereabouts>> {
    let tenant = TenantId::parse(SALON).unwrap();
    let mut standing = Vec::new();
    for view in life.messages(SALON, "anna").await {
        let id = MessageId(view.message.parse().unwrap());
        standing.push(life.core.lookout.whereabouts(&tenant, id).await.unwrap());
    }
    standing
}

#[test]
fn what_waits_for_a_rate_leaves_when_it_was_expected() {
    let universe = Universe::with(SLOWLY);
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..20, "2026-12-24T10:00:00+01:00").await;
        let before = standing(life).await;
        assert_eq!(before[0], None, "it was sent");
        let waiting: Vec<&Whereabouts> = before.iter().flatten().collect();
        assert_eq!(waiting.len(), 19);
        let held_in = |held_in| waiting.iter().filter(|of| of.held_in == held_in).count();
        assert_eq!((held_in(HeldIn::Memory), held_in(HeldIn::Store)), (5, 14));
        for (place, of) in waiting.iter().enumerate() {
            assert_eq!(of.ahead_of_tenant, Some(place), "{of:?}");
            assert_eq!(of.waits_for, Some(Reason::TenantRate));
            assert!(!of.will_miss);
        }
        for (place, of) in before.iter().enumerate() {
            let Some(expected) = of.as_ref().and_then(|of| of.expected) else { continue };
            let wait = Duration::try_from(expected.duration_since(clock::now())).unwrap();
            life.passes(wait.saturating_sub(Duration::from_secs(1))).await;
            let status = |views: Vec<crate::store::MessageView>| views[place].status.clone();
            assert_ne!(status(life.messages(SALON, "anna").await), "sent", "{place}: early");
            life.passes(Duration::from_secs(3)).await;
            assert_eq!(status(life.messages(SALON, "anna").await), "sent", "{place}: late");
        }
    });
}

#[test]
fn what_will_be_late_is_counted_before_it_is() {
    let universe = Universe::with(SLOWLY);
    universe.lives(async |life| {
        salon(life).await;
        let late = async || life.core.lookout.will_miss(Channel::Email).await.unwrap();
        bookings(life, 0..20, "2026-12-24T10:00:00+01:00").await;
        assert_eq!(late().await, Some(0));
        // They begin in two minutes: none of them comes behind the nineteen that wait, in time.
        bookings(life, 20..30, "2026-12-01T10:02:00+01:00").await;
        assert_eq!(late().await, Some(10));
        let last = standing(life).await.pop().flatten().unwrap();
        assert!(last.will_miss && last.held_in == HeldIn::Store, "{last:?}");
        life.passes(Duration::from_secs(300)).await;
        let fates = life.fates(SALON, "anna").await;
        assert_eq!(fates.iter().filter(|fate| fate.ends_with(" expired")).count(), 10);
        assert_eq!(late().await, Some(0));
    });
}

#[test]
fn each_says_what_it_waits_for() {
    let universe = Universe::with("[retry]\nemail = [\"PT10M\"]\njitter = 0.0");
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        salon(life).await;
        life.does(books(SALON, "b0", "anna")).await;
        wire.reached().await;
        life.does(cancels(SALON, "b0")).await;
        life.settles().await;
        let waits_for = async || {
            let standing = standing(life).await;
            standing.into_iter().map(|of| of.and_then(|of| of.waits_for)).collect::<Vec<_>>()
        };
        let standing = standing(life).await;
        assert_eq!(standing[0].as_ref().map(|of| of.held_in), Some(HeldIn::Attempt));
        assert_eq!(waits_for().await, [None, Some(Reason::Earlier { messages: 1 })]);
        wire.open();
        life.passes(Duration::from_secs(1)).await;
        assert_eq!(waits_for().await, [None, None], "both are sent");
        universe.provider.next(Act::Says(Outcome::Transient));
        let tried_at = clock::now();
        bookings(life, 1..2, "2026-12-24T10:00:00+01:00").await;
        let Some(Some(Reason::Retry { until })) = waits_for().await.pop() else {
            panic!("it is to be tried again");
        };
        assert!(until.duration_since(tried_at).as_secs().abs_diff(600) < 2);
        let after = Some(Duration::from_secs(50));
        universe.provider.next(Act::Says(Outcome::Throttled { after }));
        bookings(life, 2..3, "2026-12-24T10:00:00+01:00").await;
        let last = waits_for().await.pop().flatten();
        assert!(matches!(last, Some(Reason::ProviderPause { .. })), "{last:?}");
        life.passes(Duration::from_secs(700)).await;
        universe.provider.is_down(true);
        bookings(life, 3..30, "2026-12-24T10:00:00+01:00").await;
        let last = waits_for().await.pop().flatten();
        assert!(matches!(last, Some(Reason::ProviderCircuit { .. })), "{last:?}");
        universe.provider.is_down(false);
        life.passes(Duration::from_secs(900)).await;
        assert_eq!(waits_for().await.into_iter().flatten().count(), 0);
    });
}
