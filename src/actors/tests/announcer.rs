//! Events on their way to a broker that does as it is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::life::Life;
use super::salon::{SALON, annotates, books, opens, registers};
use super::universe::Universe;
use crate::actors::announcer::script::{Act, Script};
use crate::actors::announcer::{Announcer, CURSOR, Upstream};
use crate::clock;
use crate::config::Config;
use crate::store::tamper::Fault;
use crate::telemetry::spell::Spell;

/// Two heartbeats of this are the longest that confirms may take.
const AMQP: &str = "[amqp]\nurl = \"amqp://localhost\"\nheartbeat = \"PT5S\"";

/// An announcer at work.
struct Telling {
    script: Arc<Script>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Telling {
    /// Begins to tell of what happens in this life.
    fn begins(life: &Life, script: &Arc<Script>) -> Self {
        let amqp = Config::parse("announcer", AMQP).unwrap().amqp.unwrap();
        let announcer = Announcer {
            store: life.store.clone(),
            upstream: Upstream::scripted(amqp, script.clone()),
            page: 4,
            announced: life.core.announced.clone(),
            store_spell: Spell::default(),
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(Arc::new(announcer).run(stop.clone()));
        Self { script: script.clone(), stop, task }
    }

    /// Waits until the broker has so many events.
    async fn has_told(&self, life: &Life, count: usize) {
        life.until("told", async || self.script.took().len() >= count).await;
    }

    async fn ends(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// A salon with a client who booked.
async fn has_a_booking(life: &Life) {
    life.does(opens(SALON)).await;
    life.does(registers(SALON, "anna")).await;
    life.does(books(SALON, "b1", "anna")).await;
    life.settles().await;
}

/// The ids of all events in the store, in their order.
async fn all(life: &Life) -> Vec<String> {
    let beginning = life.store.cursor("nobody").await.unwrap();
    let events = life.store.events_after(&beginning, 1000).await.unwrap();
    events.into_iter().map(|event| event.id).collect()
}

#[test]
fn each_event_is_told_once_and_in_order_and_the_next_life_goes_on_behind() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        let telling = Telling::begins(life, &script);
        let before = all(life).await;
        assert!(before.len() > 4, "several pages");
        telling.has_told(life, before.len()).await;
        // What is decided meanwhile need not be read again.
        life.settles().await;
        life.passes(Duration::from_millis(200)).await;
        let read = universe.store.calls("events_after");
        life.does(annotates(SALON, "b1")).await;
        telling.has_told(life, before.len() + 1).await;
        assert_eq!(universe.store.calls("events_after"), read);
        telling.ends().await;
        assert_eq!(script.took(), all(life).await);
    });
    let told = script.took().len();
    universe.lives(async |life| {
        let telling = Telling::begins(life, &script);
        life.does(books(SALON, "b2", "anna")).await;
        life.settles().await;
        let all = all(life).await;
        telling.has_told(life, all.len()).await;
        telling.ends().await;
        assert!(all.len() > told);
        assert_eq!(script.took(), all);
    });
}

#[test]
fn what_was_not_confirmed_is_told_again_and_nothing_before_it() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        let all = all(life).await;
        // Given a connection that breaks behind the second event,
        let second = script.holds();
        second.open();
        script.next(Act::ConfirmsBehind(second));
        script.next(Act::IsLost);
        let telling = Telling::begins(life, &script);
        telling.has_told(life, all.len() + 2).await;
        telling.ends().await;
        // then the page comes again from there on, on another connection.
        let took = script.took();
        assert_eq!(took[..4], all[..4]);
        assert_eq!(took[4..], all[2..]);
        assert_eq!(script.opened(), 2);
    });
}

#[test]
fn who_dies_tells_the_next_life_how_far_it_came() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.dies(async |life| {
        has_a_booking(life).await;
        let telling = Telling::begins(life, &script);
        telling.has_told(life, all(life).await.len()).await;
        let waits = async || life.store.cursor(CURSOR).await.unwrap();
        let beginning = life.store.cursor("nobody").await.unwrap();
        life.until("the cursor is stored", async || waits().await != beginning).await;
    });
    let told = script.took();
    universe.lives(async |life| {
        let telling = Telling::begins(life, &script);
        life.does(books(SALON, "b2", "anna")).await;
        let more = all(life).await.len();
        telling.has_told(life, more).await;
        telling.ends().await;
        assert_eq!(script.took()[..told.len()], told);
        assert_eq!(script.took(), all(life).await, "nothing twice");
    });
}

#[test]
fn while_the_cursor_cannot_be_stored_no_more_is_told() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        let before = all(life).await.len();
        let stuck = universe.store.holds("set_cursor");
        let telling = Telling::begins(life, &script);
        stuck.reached().await;
        let told = script.took().len();
        for booking in ["b2", "b3", "b4"] {
            life.does(books(SALON, booking, "anna")).await;
        }
        life.passes(Duration::from_secs(60)).await;
        assert_eq!(script.took().len(), told);
        // A store that refuses for a while is asked again.
        universe.store.next("set_cursor", Fault::Fails);
        stuck.open();
        telling.has_told(life, before + 1).await;
        telling.ends().await;
        assert_eq!(script.took(), all(life).await);
    });
}

#[test]
fn a_broker_that_is_away_is_looked_for_again_and_a_panic_costs_a_connection() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.expects_panics(1);
    universe.lives(async |life| {
        has_a_booking(life).await;
        script.is_away(true);
        script.next(Act::Panics);
        let telling = Telling::begins(life, &script);
        life.passes(Duration::from_secs(300)).await;
        assert!(!life.core.announced.is_up());
        let tried = script.opened();
        assert!((55..=70).contains(&tried), "pauses up to 5 s: {tried}");
        script.is_away(false);
        let all = all(life).await;
        telling.has_told(life, all.len()).await;
        assert!(life.core.announced.is_up());
        telling.ends().await;
        assert_eq!(script.took(), all);
    });
}

#[test]
fn confirms_that_come_late_are_told_of_and_nothing_is_published_twice_for_that() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        let gate = script.holds();
        let telling = Telling::begins(life, &script);
        gate.reached().await;
        life.passes(Duration::from_secs(9)).await;
        assert!(life.core.announced.is_up());
        life.passes(Duration::from_secs(2)).await;
        assert!(!life.core.announced.is_up(), "two heartbeats");
        // What an alarm holds up is not late.
        script.is_full(true);
        life.passes(Duration::from_secs(600)).await;
        script.is_full(false);
        assert_eq!(script.opened(), 1);
        gate.open();
        let all = all(life).await;
        telling.has_told(life, all.len()).await;
        life.settles().await;
        assert!(life.core.announced.is_up());
        telling.ends().await;
        assert_eq!(script.took(), all);
    });
}

#[test]
fn where_nothing_is_confirmed_the_connection_is_given_up_and_all_is_published_again() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        let all = all(life).await;
        script.is_silent(true);
        let telling = Telling::begins(life, &script);
        telling.has_told(life, 4).await;
        // The broker confirms what comes on another connection.
        script.is_silent(false);
        life.passes(Duration::from_secs(18)).await;
        assert_eq!(script.opened(), 1);
        assert!(!life.core.announced.is_up());
        life.passes(Duration::from_secs(4)).await;
        assert_eq!(script.opened(), 2, "four heartbeats");
        telling.has_told(life, 4 + all.len()).await;
        life.settles().await;
        assert!(life.core.announced.is_up());
        telling.ends().await;
        let took = script.took();
        assert_eq!(took[..4], all[..4]);
        assert_eq!(took[4..], all);
    });
}

#[test]
fn each_connection_on_which_nothing_is_confirmed_is_kept_longer_than_the_one_before() {
    let (universe, script) = (Universe::new(), Arc::<Script>::default());
    universe.lives(async |life| {
        has_a_booking(life).await;
        script.is_silent(true);
        let telling = Telling::begins(life, &script);
        let mut opened = 1;
        for seconds in [20, 40, 80, 160, 320, 640, 900, 900] {
            life.passes(Duration::from_secs(seconds - 5)).await;
            assert_eq!(script.opened(), opened, "for {seconds} s");
            opened += 1;
            life.until("another", async || script.opened() == opened).await;
        }
        script.is_silent(false);
        let all = all(life).await;
        telling.has_told(life, 4 * opened + all.len()).await;
        // Then all is forgotten.
        life.settles().await;
        script.is_silent(true);
        life.does(annotates(SALON, "b1")).await;
        life.passes(Duration::from_secs(25)).await;
        assert_eq!(script.opened(), opened + 2);
        script.is_silent(false);
        telling.ends().await;
    });
}

#[test]
fn a_stop_waits_for_confirms_a_little_and_under_an_alarm_not_at_all() {
    for full in [false, true] {
        let (universe, script) = (Universe::new(), Arc::<Script>::default());
        universe.lives(async |life| {
            has_a_booking(life).await;
            let gate = script.holds();
            script.is_full(full);
            let telling = Telling::begins(life, &script);
            gate.reached().await;
            let began = clock::instant();
            telling.ends().await;
            let most = if full { 100 } else { 2_100 };
            let took = clock::since(began);
            assert!(took <= Duration::from_millis(most), "{took:?}");
            let beginning = life.store.cursor("nobody").await.unwrap();
            assert_eq!(life.store.cursor(CURSOR).await.unwrap(), beginning, "none is confirmed");
        });
    }
}
