//! A commit of which nobody hears whether it was written.

use std::time::Duration;

use super::salon::{SALON, STARTS, books, cancels, moves, opens, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;
use crate::store::tamper::Fault;

#[test]
fn mail_of_a_commit_whose_answer_was_lost_leaves_once() {
    for fault in [Fault::LosesAnswer, Fault::Fails] {
        let universe = Universe::new();
        universe.lives(async |life| {
            life.does(opens(SALON)).await;
            life.does(registers(SALON, "anna")).await;
            universe.store.next("commit", fault.clone());
            life.does(books(SALON, "b1", "anna")).await;
            life.settles().await;
            assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"], "{fault:?}");
            life.does(cancels(SALON, "b1")).await;
        });
        assert_eq!(universe.provider.arrived().len(), 2, "{fault:?}");
    }
}

#[test]
fn a_withdrawal_whose_answer_was_lost_holds() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Transient);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        universe.store.next("commit", Fault::LosesAnswer);
        life.does(moves(SALON, "b1", STARTS[1])).await;
        wire.open();
        life.passes(Duration::from_secs(600)).await;
        let fates = ["booking.confirmed withdrawn", "booking.confirmed sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    assert_eq!(universe.provider.tried().len(), 2, "the first is not tried again");
}

#[test]
fn an_outcome_whose_answer_was_lost_stands() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        universe.store.next("commit", Fault::LosesAnswer);
        wire.open();
        life.passes(Duration::from_secs(60)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
        life.does(cancels(SALON, "b1")).await;
    });
}

#[test]
fn what_a_claim_leased_whose_answer_was_lost_leaves_all_the_same() {
    let universe = Universe::new();
    universe.provider.next(Act::Says(Outcome::Transient));
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.until("a claim has found it", async || {
            universe.store.next("claim_due", Fault::LosesAnswer);
            life.passes(Duration::from_secs(1)).await;
            life.fates(SALON, "anna").await != ["booking.confirmed ready"]
        })
        .await;
        universe.store.heals("claim_due");
        life.passes(Duration::from_secs(60)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
}
