//! By whom mail leaves, and what a dispatcher that falls leaves behind.

use std::time::Duration;

use jiff::SignedDuration;

use super::life::Life;
use super::salon::{SALON, books, cancels, opens, registers};
use super::universe::Universe;
use crate::actors::dispatch::stumble;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;
use crate::store::{Deed, NewLimit};

/// No attempt but the first.
const ONCE: &str = "[retry]\nemail = [\"PT100H\"]\n";

async fn bookings(life: &Life, range: std::ops::Range<usize>) {
    for n in range {
        life.does(books(SALON, &format!("b{n}"), "anna")).await;
    }
    life.settles().await;
}

async fn salon(life: &Life) {
    life.does(opens(SALON)).await;
    life.does(registers(SALON, "anna")).await;
}

async fn sent(life: &Life) -> i64 {
    life.store.count("SELECT count(*) FROM messages WHERE status = 'sent'").await
}

async fn dead(life: &Life) -> i64 {
    life.store.count("SELECT count(*) FROM messages WHERE status = 'dead'").await
}

#[test]
fn what_one_provider_definitely_did_not_take_goes_by_another_at_once_and_at_no_cost() {
    let throttled = Outcome::Throttled { after: Some(Duration::from_secs(3600)) };
    for refusal in [Outcome::Transient, throttled] {
        let mut universe = Universe::with(ONCE);
        let other = universe.with_another();
        universe.provider.always(Some(refusal.clone()));
        universe.lives(async |life| {
            salon(life).await;
            bookings(life, 0..4).await;
            assert_eq!(sent(life).await, 4, "{refusal:?}");
            let retries = "SELECT count(*) FROM messages WHERE attempts > 1";
            assert_eq!(life.store.count(retries).await, 0);
        });
        assert!(!universe.provider.tried().is_empty());
        assert_eq!(other.arrived().len(), 4);
    }
}

#[test]
fn what_may_have_arrived_or_was_refused_for_good_goes_nowhere_else() {
    for outcome in [Outcome::InDoubt, Outcome::Permanent(crate::domain::outcome::Scope::Message)] {
        let mut universe = Universe::with(ONCE);
        let other = universe.with_another();
        universe.provider.next(Act::Says(outcome.clone()));
        universe.lives(async |life| {
            salon(life).await;
            bookings(life, 0..1).await;
            assert_eq!(sent(life).await, 0, "{outcome:?}");
        });
        assert_eq!((universe.provider.tried().len(), other.tried().len()), (1, 0));
    }
}

#[test]
fn where_no_provider_takes_it_a_message_waits_as_after_any_failure() {
    let mut universe = Universe::with("[retry]\nemail = [\"PT10S\", \"PT10S\"]\njitter = 0.0");
    let other = universe.with_another();
    universe.provider.always(Some(Outcome::Transient));
    other.always(Some(Outcome::Transient));
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..1).await;
        let tried = || (universe.provider.tried().len(), other.tried().len());
        assert_eq!(tried(), (1, 1), "each once");
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed ready"]);
        life.passes(Duration::from_secs(11)).await;
        assert_eq!(tried(), (2, 2));
        other.always(None);
        life.passes(Duration::from_secs(11)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
}

#[test]
fn a_provider_that_cannot_be_reached_is_left_alone_and_tried_again() {
    let mut universe = Universe::new();
    let other = universe.with_another();
    universe.provider.is_down(true);
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..60).await;
        assert_eq!(sent(life).await, 60);
        assert_eq!(universe.provider.refused(), 10, "then its circuit is open");
        let standing = life.core.outbound.providers().await.unwrap();
        assert_eq!((standing[0].circuit, standing[1].circuit), ("open", "closed"));
        assert_eq!(standing[0].last_error.as_deref(), Some("connection refused"));
        // It comes back; a few find out, and it is used as before.
        universe.provider.is_down(false);
        life.passes(Duration::from_secs(31)).await;
        bookings(life, 60..90).await;
        assert_eq!(life.core.outbound.providers().await.unwrap()[0].circuit, "closed");
        assert_eq!(sent(life).await, 90);
    });
    let (here, there) = (universe.provider.arrived().len(), other.arrived().len());
    assert!(here >= 14 && there >= 60 && here + there == 90, "{here} and {there}");
}

#[test]
fn an_open_circuit_costs_what_waits_no_attempt() {
    let universe = Universe::with("[retry]\nemail = [\"PT1S\"]\njitter = 0.0");
    universe.provider.is_down(true);
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..40).await;
        life.passes(Duration::from_secs(20)).await;
        let dead = dead(life).await;
        assert!(dead <= 15, "{dead} died of ten attempts, and a few that looked again");
        universe.provider.is_down(false);
        life.passes(Duration::from_secs(40)).await;
        assert_eq!(sent(life).await, 40 - dead);
    });
}

#[test]
fn who_asks_for_a_pause_is_left_alone_and_the_message_pays_no_attempt() {
    let universe = Universe::with(ONCE);
    let pause = |seconds| Outcome::Throttled { after: Some(Duration::from_secs(seconds)) };
    universe.provider.next(Act::Says(pause(3)));
    universe.provider.next(Act::Says(pause(50)));
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..1).await;
        life.passes(Duration::from_secs(60)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
        let retrying = "SELECT count(*) FROM event_pages WHERE events LIKE '%message.retrying%'";
        assert_eq!(life.store.count(retrying).await, 0, "nothing to tell of");
    });
    let at: Vec<_> = universe.provider.tried().iter().map(|tried| tried.at).collect();
    let gaps = [at[1] - at[0], at[2] - at[1]].map(|gap| gap.get_seconds());
    assert_eq!((at.len(), gaps), (3, [3, 50]));
}

#[test]
fn a_tenant_sends_no_more_than_it_may_and_holds_up_nobody() {
    let universe = Universe::with("[limits.tenant]\nemail = 2.0");
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..20).await;
        life.does(opens("salon-due")).await;
        life.does(registers("salon-due", "bert")).await;
        life.does(books("salon-due", "b1", "bert")).await;
        life.settles().await;
        assert_eq!(life.fates("salon-due", "bert").await, ["booking.confirmed sent"]);
        let at_once = sent(life).await;
        assert!(at_once < 5, "{at_once} at once");
        life.passes(Duration::from_secs(5)).await;
        let later = sent(life).await;
        assert!((10..=13).contains(&later), "{later} after five seconds");
        life.passes(Duration::from_secs(5)).await;
        assert_eq!(sent(life).await, 21);
    });
}

#[test]
fn a_message_at_which_the_dispatcher_falls_is_set_aside_and_the_channel_goes_on() {
    let universe = Universe::new();
    universe.expects_panics(3);
    universe.lives(async |life| {
        salon(life).await;
        life.does(registers(SALON, "poison")).await;
        bookings(life, 0..3).await;
        stumble::place(Some("poison"));
        life.does(books(SALON, "deadly", "poison")).await;
        bookings(life, 3..6).await;
        life.passes(Duration::from_secs(30)).await;
        stumble::place(None);
        assert_eq!(life.fates(SALON, "poison").await, ["booking.confirmed dead"]);
        assert_eq!(sent(life).await, 6, "it alone");
    });
}

/// The dispatcher falls, and another follows it after ten seconds.
async fn falls(life: &Life) {
    life.does(registers(SALON, "poison")).await;
    stumble::place(Some("poison"));
    life.does(books(SALON, "deadly", "poison")).await;
    life.settles().await;
    stumble::place(None);
}

const RISES_LATE: &str = "[actors]\nrestart_backoff = \"PT10S\"\nrestart_backoff_max = \"PT10S\"";

#[test]
fn while_a_dispatcher_is_rebuilt_nobody_says_how_its_providers_stand() {
    let universe = Universe::with(RISES_LATE);
    universe.expects_panics(1);
    universe.lives(async |life| {
        salon(life).await;
        falls(life).await;
        let silent = async || life.core.outbound.providers().await.err();
        assert_eq!(silent().await, Some(Channel::Email), "all of them or none");
        life.passes(Duration::from_secs(11)).await;
        assert_eq!(silent().await, None);
    });
}

#[test]
fn a_limit_that_is_set_while_a_dispatcher_is_rebuilt_holds_for_the_next() {
    let universe = Universe::with(RISES_LATE);
    universe.expects_panics(1);
    universe.lives(async |life| {
        salon(life).await;
        bookings(life, 0..1).await;
        falls(life).await;
        let until = clock::now() + SignedDuration::from_mins(10);
        let limit = NewLimit { channel: Channel::Email, rate: 0.001, until };
        let (who, why) = ("operator".to_owned(), "a flood".to_owned());
        let deed = Deed { who, why, at: clock::now() };
        let tenant = TenantId::parse(SALON).unwrap();
        life.core.measures.limit(&tenant, limit, deed).await.unwrap();
        bookings(life, 1..5).await;
        life.passes(Duration::from_secs(300)).await;
        let sent_by_then = sent(life).await;
        assert!(sent_by_then <= 2, "{sent_by_then} of 6: one more at most");
        life.passes(Duration::from_secs(400)).await;
        assert_eq!(sent(life).await, 6, "it ended");
    });
}

#[test]
fn what_is_under_way_when_the_dispatcher_falls_reports_to_the_next_one() {
    let universe = Universe::with("[dispatch.email]\nslots = 2");
    universe.expects_panics(1);
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        salon(life).await;
        life.does(registers(SALON, "poison")).await;
        bookings(life, 0..1).await;
        wire.reached().await;
        stumble::place(Some("poison"));
        life.does(books(SALON, "deadly", "poison")).await;
        life.settles().await;
        stumble::place(None);
        // What was said of it since waits for it still, and it is withdrawn where it is.
        life.does(cancels(SALON, "b0")).await;
        life.passes(Duration::from_secs(10)).await;
        assert_eq!(life.fates(SALON, "poison").await, ["booking.confirmed sent"]);
        assert_eq!(universe.provider.tried().len(), 1, "one slot is taken, and its strand");
        wire.open();
        life.passes(Duration::from_secs(5)).await;
        let fates = ["booking.confirmed sent", "booking.cancelled sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    assert_eq!(universe.provider.tried().len(), 3, "none twice");
}
