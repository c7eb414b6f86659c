//! A task that panics.

use std::time::Duration;

use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

use super::salon::{SALON, books, books_at, opens, opens_with, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;
use crate::store::Store;
use crate::store::tamper::Fault;

#[test]
fn without_its_committer_the_daemon_begins_nothing_more_and_says_that_it_fell() {
    const SLOTS: usize = 2;
    let universe = Universe::with("[dispatch.email]\nslots = 2");
    universe.expects_panics(1);
    let wires = [(); SLOTS].map(|()| universe.provider.holds(Outcome::Accepted));
    universe.fails(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        for n in 0..6 {
            life.does(books(SALON, &format!("b{n}"), "anna")).await;
        }
        for wire in &wires {
            wire.reached().await;
        }
        // Given a committer that panics,
        universe.store.next("commit", Fault::Panics);
        let unanswered = life.hears(books(SALON, "b-lost", "anna"));
        assert_eq!(life.crew.fell().await, "committer");
        assert!(!life.core.committer.is_available());
        // when attempts end whose outcome nobody writes,
        wires.iter().for_each(|wire| wire.open());
        let looked = universe.store.calls("lookup");
        life.passes(Duration::from_secs(20)).await;
        // then no others begin, and nobody runs in circles.
        assert_eq!(universe.provider.tried().len(), SLOTS);
        assert!(universe.store.calls("lookup") - looked <= 20);
        drop(unanswered);
    });
    universe.lives(async |life| {
        // What was on the wire is in doubt, and waits a minute.
        life.passes(Duration::from_secs(90)).await;
        let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
        assert_eq!(life.store.count(sent).await, 6);
    });
    assert_eq!(universe.provider.tried().len(), 6 + SLOTS, "what was on the wire comes twice");
}

#[test]
fn who_was_taken_over_writes_nothing_more_and_falls() {
    let universe = Universe::new();
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        universe.fails(async |life| {
            life.does(opens(SALON)).await;
            let _other = Store::wrested(&universe.file()).await;
            let unanswered = life.hears(registers(SALON, "anna"));
            assert_eq!(life.crew.fell().await, "committer");
            assert_eq!(life.store.count("SELECT count(*) FROM inbox").await, 1);
            drop(unanswered);
        });
    });
    let metrics = recorder.handle().render();
    assert!(metrics.contains("bellhop_fenced_total 1"), "{metrics}");
}

#[test]
fn a_sweeper_that_panics_sweeps_on() {
    let universe = Universe::new();
    universe.expects_panics(1);
    universe.provider.next(Act::Says(Outcome::Transient));
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        universe.store.next("next_due", Fault::Panics);
        life.passes(Duration::from_secs(600)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
}

#[test]
fn a_scheduler_that_panics_fires_on() {
    let universe = Universe::new();
    universe.expects_panics(1);
    universe.store.next("timers_due", Fault::Panics);
    universe.lives(async |life| {
        life.does(opens_with(SALON, json!({ "reminders": ["PT1H"] }))).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books_at(SALON, "b1", "anna", "2026-12-01T11:02:00+01:00")).await;
        life.passes(Duration::from_secs(180)).await;
        let fates = ["booking.confirmed sent", "booking.reminder sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
}

#[test]
fn a_sign_of_life_that_panics_is_no_outage() {
    let universe = Universe::new();
    universe.expects_panics(1);
    universe.lives(async |life| {
        universe.store.next("beat", Fault::Panics);
        life.passes(Duration::from_secs(600)).await;
    });
    universe.lives(async |life| {
        assert_eq!(life.store.outages(Timestamp::MIN).await.unwrap(), []);
    });
}

#[test]
fn a_message_whose_sending_panics_is_tried_again() {
    let universe = Universe::new();
    universe.expects_panics(1);
    universe.provider.next(Act::Panics);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.passes(Duration::from_secs(600)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
}

#[test]
fn a_message_of_which_nobody_knows_what_became_is_in_doubt_and_holds_nobody_up() {
    let mut universe = Universe::with("[dispatch.email]\nslots = 1");
    universe.expects_panics(1);
    // No pause can be reckoned with it.
    universe.config.retry.jitter = f64::NAN;
    universe.provider.next(Act::Says(Outcome::Transient));
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.settles().await;
        let [message] = &life.messages(SALON, "anna").await[..] else { panic!("one message") };
        assert_eq!((message.status.as_str(), message.doubts), ("ready", 1));
        life.does(books(SALON, "b2", "anna")).await;
        life.settles().await;
        let fates = ["booking.confirmed ready", "booking.confirmed sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates, "the only slot goes on");
        life.passes(Duration::from_secs(120)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"; 2]);
    });
}

#[test]
fn a_store_that_does_not_answer_is_noticed_until_it_does() {
    let universe = Universe::new();
    universe.lives(async |life| {
        let (committer, seconds) = (&life.core.committer, Duration::from_secs);
        life.does(opens(SALON)).await;
        let commit = universe.store.holds("commit");
        let slow = life.hears(registers(SALON, "anna"));
        commit.reached().await;
        life.passes(seconds(9)).await;
        assert!(!committer.is_stuck());
        let more = life.hears(registers(SALON, "bert"));
        life.passes(seconds(2)).await;
        assert!(committer.is_stuck(), "what comes meanwhile moves nothing");
        assert!(committer.is_available(), "no commit has failed");
        commit.open();
        for answer in [slow, more] {
            answer.await.unwrap();
        }
        life.settles().await;
        assert!(!committer.is_stuck());
        // That it had nothing to do for long says nothing.
        let commit = universe.store.holds("commit");
        life.passes(seconds(600)).await;
        let next = life.hears(books(SALON, "b1", "anna"));
        commit.reached().await;
        assert!(!committer.is_stuck());
        commit.open();
        next.await.unwrap();
    });
}
