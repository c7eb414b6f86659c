//! Mail that is not to leave any more, wherever it is when that is known.

use std::time::Duration;

use super::life::Life;
use super::salon::{SALON, STARTS, books, cancels, erases, links, moves, opens, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::egress::script::{Act, Reached};
use crate::store::tamper::Gate;
use crate::wire::Received;

const ONE_AT_A_TIME: &str = "[email.provider_defaults]\nconnections = 1";

/// Bert's mail is on the wire, and Anna's waits for its turn with the provider.
async fn anna_waits_for_bert(life: &Life, wire: &Gate, anna: Received) {
    life.does(opens(SALON)).await;
    for client in ["anna", "bert"] {
        life.does(registers(SALON, client)).await;
    }
    life.does(books(SALON, "b-bert", "bert")).await;
    wire.reached().await;
    life.does(anna).await;
    life.settles().await;
    assert_eq!(life.messages(SALON, "anna").await[0].status, "sending");
}

#[test]
fn mail_withdrawn_while_it_waits_for_its_turn_does_not_leave() {
    for withdrawal in [cancels(SALON, "b1"), erases(SALON, "anna")] {
        let universe = Universe::with(ONE_AT_A_TIME);
        let wire = universe.provider.holds(Outcome::Accepted);
        universe.lives(async |life| {
            anna_waits_for_bert(life, &wire, books(SALON, "b1", "anna")).await;
            life.does(withdrawal.clone()).await;
            wire.open();
            life.passes(Duration::from_secs(2)).await;
        });
        let arrived = universe.provider.arrived();
        let confirmed = arrived.iter().filter(|mail| mail.starts_with("Confirmed: ")).count();
        assert_eq!(confirmed, 1, "Bert's: {arrived:?} after {withdrawal:?}");
    }
}

#[test]
fn mail_that_expires_while_it_waits_for_its_turn_does_not_leave() {
    let universe = Universe::with(ONE_AT_A_TIME);
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        anna_waits_for_bert(life, &wire, links(SALON, "anna", "2026-12-01T09:00:20Z")).await;
        life.passes(Duration::from_secs(21)).await;
        wire.open();
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["account.magic_link expired"]);
    });
    assert_eq!(universe.provider.tried().len(), 1, "Bert's");
}

#[test]
fn mail_withdrawn_while_it_waits_for_a_connection_does_not_leave() {
    let universe = Universe::new();
    let connected = Gate::default();
    universe.provider.next(Act::ConnectsBehind(connected.clone(), Outcome::Accepted));
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        connected.reached().await;
        life.does(cancels(SALON, "b1")).await;
        connected.open();
        life.settles().await;
        let fates = ["booking.confirmed withdrawn", "booking.cancelled sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
    assert_eq!(universe.provider.tried().len(), 1);
}

/// Between the claim of a message and its place in the queue nobody can withdraw it unheard.
#[test]
fn mail_withdrawn_while_it_is_claimed_does_not_leave_behind_the_answer() {
    for newer in [moves(SALON, "b1", STARTS[1]), erases(SALON, "anna")] {
        let universe = Universe::new();
        universe.provider.next(Act::Says(Outcome::Transient));
        universe.lives(async |life| {
            life.does(opens(SALON)).await;
            life.does(registers(SALON, "anna")).await;
            life.does(books(SALON, "b1", "anna")).await;
            life.settles().await;
            assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed ready"]);
            // Given a message that is claimed for its second attempt, and not in the queue yet,
            let claimed = claimed(&universe, life).await;
            // when something newer is said of it, or its reader is erased,
            let answer = life.hears(newer.clone());
            let provider = universe.provider.clone();
            let tried_by_the_answer = tokio::spawn(async move {
                answer.await.unwrap();
                provider.tried()
            });
            life.passes(Duration::from_secs(1)).await;
            claimed.open();
            // then it has left before whoever said so was told that it is taken, or never leaves.
            let old = &universe.provider.tried()[0].id;
            let leaves = |tried: &[Reached]| tried.iter().filter(|tried| tried.id == *old).count();
            let by_the_answer = leaves(&tried_by_the_answer.await.unwrap());
            life.passes(Duration::from_secs(600)).await;
            assert_eq!(leaves(&universe.provider.tried()), by_the_answer, "{newer:?}");
        });
    }
}

/// Waits for the next claim that finds something, and holds what it found.
async fn claimed(universe: &Universe, life: &Life) -> Gate {
    loop {
        let gate = universe.store.holds_answer("claim_due");
        gate.reached().await;
        if life.store.count("SELECT count(*) FROM messages WHERE status = 'sending'").await > 0 {
            return gate;
        }
        gate.open();
    }
}
