//! What a client hears last is what was said last.

use std::time::Duration;

use serde_json::json;

use super::salon::{SALON, STARTS, books, books_at, cancels, moves, opens, opens_with, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;
use crate::store::tamper::Gate;

/// In doubt for five minutes, twice.
const DOUBTS: &str = "[retry.in_doubt]\nemail = [\"PT5M\", \"PT5M\"]\n[retry]\njitter = 0.0";
/// An hour and two minutes after the beginning; it is reminded of an hour before.
const SOON: &str = "2026-12-01T11:02:00+01:00";

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[test]
fn what_was_replaced_on_the_wire_is_not_tried_again_whatever_ended_the_attempt() {
    for outcome in [Outcome::Transient, Outcome::InDoubt, Outcome::Throttled { after: None }] {
        let universe = Universe::new();
        let wire = universe.provider.holds(outcome.clone());
        universe.lives(async |life| {
            life.does(opens(SALON)).await;
            life.does(registers(SALON, "anna")).await;
            life.does(books(SALON, "b1", "anna")).await;
            wire.reached().await;
            life.does(cancels(SALON, "b1")).await;
            wire.open();
            life.passes(minutes(10)).await;
            let fates = ["booking.confirmed withdrawn", "booking.cancelled sent"];
            assert_eq!(life.fates(SALON, "anna").await, fates, "{outcome:?}");
        });
        assert_eq!(universe.provider.tried().len(), 2, "{outcome:?}");
    }
}

#[test]
fn what_was_replaced_on_the_wire_is_not_tried_again_after_a_crash() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.dies(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        life.does(cancels(SALON, "b1")).await;
    });
    universe.lives(async |life| {
        life.passes(minutes(10)).await;
        let fates = ["booking.confirmed withdrawn", "booking.cancelled sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    let arrived = universe.provider.arrived();
    assert!(arrived[0].starts_with("Cancelled at your request: "), "{arrived:?}");
    assert_eq!(arrived.len(), 1, "{arrived:?}");
}

#[test]
fn a_crash_before_a_failure_is_written_down_does_not_bring_back_what_was_replaced() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Transient);
    universe.dies(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        life.does(moves(SALON, "b1", STARTS[1])).await;
        let unwritten = universe.store.holds("commit");
        wire.open();
        unwritten.reached().await;
    });
    universe.lives(async |life| {
        life.passes(minutes(10)).await;
        let fates = ["booking.confirmed withdrawn", "booking.confirmed sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    let ids: Vec<_> = universe.provider.tried().iter().map(|mail| mail.id).collect();
    assert_eq!(ids.len(), 2, "each once");
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_later_message_waits_while_an_earlier_one_is_on_the_wire() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        life.does(cancels(SALON, "b1")).await;
        life.passes(minutes(1)).await;
        assert_eq!(universe.provider.tried().len(), 0, "it waits");
        wire.open();
        life.settles().await;
    });
    let arrived = universe.provider.arrived();
    let [first, second] = &arrived[..] else { panic!("{arrived:?}") };
    assert!(first.starts_with("Confirmed: ") && second.starts_with("Cancelled "), "{arrived:?}");
}

/// A salon that reminds, and a booking so soon that its reminder comes while its confirmation is in
/// doubt.
async fn in_doubt(universe: &Universe, life: &super::life::Life) {
    universe.provider.next(Act::Says(Outcome::InDoubt));
    life.does(opens_with(SALON, json!({ "reminders": ["PT1H"] }))).await;
    life.does(registers(SALON, "anna")).await;
    life.does(books_at(SALON, "b1", "anna", SOON)).await;
    life.settles().await;
    assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed ready"]);
}

fn assert_in_order(universe: &Universe) {
    let arrived = universe.provider.arrived();
    let [perhaps, surely, reminder] = &arrived[..] else { panic!("{arrived:?}") };
    assert_eq!(perhaps, surely, "the same mail");
    assert!(surely.starts_with("Confirmed: ") && reminder.starts_with("Reminder: "), "{arrived:?}");
}

#[test]
fn a_later_message_waits_while_an_earlier_one_is_in_doubt() {
    let universe = Universe::with(DOUBTS);
    universe.lives(async |life| {
        in_doubt(&universe, life).await;
        life.passes(minutes(4)).await;
        let fates = ["booking.confirmed ready", "booking.reminder ready"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
        life.passes(minutes(2)).await;
    });
    assert_in_order(&universe);
}

#[test]
fn a_later_message_waits_for_a_doubt_of_an_earlier_life() {
    let universe = Universe::with(DOUBTS);
    universe.dies(async |life| in_doubt(&universe, life).await);
    universe.lives(async |life| life.passes(minutes(6)).await);
    assert_in_order(&universe);
}

#[test]
fn a_later_message_waits_for_what_a_crash_left_on_the_wire() {
    let universe = Universe::with(DOUBTS);
    let taken = Gate::default();
    universe.provider.next(Act::TakesAndSaysNothing(taken.clone()));
    universe.dies(async |life| {
        life.does(opens_with(SALON, json!({ "reminders": ["PT1H"] }))).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books_at(SALON, "b1", "anna", SOON)).await;
        taken.reached().await;
        life.passes(minutes(3)).await;
        let fates = ["booking.confirmed sending", "booking.reminder sending"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    universe.lives(async |life| {
        life.passes(minutes(4)).await;
        assert_eq!(universe.provider.arrived().len(), 1, "it is in doubt, and so they wait");
        life.passes(minutes(2)).await;
    });
    assert_in_order(&universe);
}
