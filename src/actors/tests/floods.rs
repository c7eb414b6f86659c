//! More than there is room for.

use std::cell::Cell;
use std::time::Duration;

use tokio::runtime::Handle;

use super::salon::{SALON, annotates_with, books, opens, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::domain::rejection::RejectionReason;

/// Commands in flight at most.
const ROOM: usize = 8;

#[test]
fn ids_that_are_used_again_and_again_wait_for_room_like_all_else() {
    let universe = Universe::with("[limits]\nintake_max = 8\ntenant_window = 8");
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.does(annotates_with(SALON, "b1", "the first")).await;
        life.settles().await;
        // Given a store that takes nothing,
        let written = universe.store.holds("commit");
        let before = Handle::current().metrics().num_alive_tasks();
        // when one id comes again and again with other contents,
        let notes = (0..50 * ROOM).map(|n| annotates_with(SALON, "b1", &format!("note {n}")));
        let answers = life.hears_all(notes.collect());
        life.passes(Duration::from_secs(5)).await;
        // then no more of it is in the house than there is room for.
        let tasks = Handle::current().metrics().num_alive_tasks() - before;
        assert!(tasks <= ROOM + 4, "{tasks} tasks");
        assert!(life.core.intake.in_flight() <= ROOM);
        written.open();
        for answer in answers {
            let answer = answer.await.unwrap();
            assert_eq!(answer.result(), RejectionReason::IdReused.as_str());
        }
    });
}

#[test]
fn what_was_not_begun_is_given_back_in_one_go_at_a_stop() {
    const MAILS: usize = 40;
    let universe = Universe::with("[dispatch.email]\nslots = 1");
    let _wire = universe.provider.holds(Outcome::Accepted);
    let commits = Cell::new(0);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        for n in 0..MAILS {
            life.does(books(SALON, &format!("b{n}"), "anna")).await;
        }
        commits.set(universe.store.calls("commit"));
    });
    // One for the mail that was cut off, one for the others, and one that may split them.
    let commits = universe.store.calls("commit") - commits.get();
    assert!(commits <= 3, "{commits} transactions for {MAILS} messages");
    universe.lives(async |life| {
        life.settles().await;
        let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
        assert_eq!(life.store.count(sent).await, MAILS as i64 - 1, "one is in doubt");
    });
}

#[test]
fn a_stop_has_an_end_though_the_store_does_not_answer() {
    const MAILS: usize = 6;
    let universe = Universe::with("[dispatch.email]\nslots = 1");
    let wire = universe.provider.holds(Outcome::Accepted);
    // Within the deadlines of its phases.
    universe.fails(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        for n in 0..MAILS {
            life.does(books(SALON, &format!("b{n}"), "anna")).await;
        }
        wire.reached().await;
        let commit = universe.store.holds("commit");
        wire.open();
        commit.reached().await;
    });
    universe.lives(async |life| {
        life.passes(Duration::from_secs(90)).await;
        let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
        assert_eq!(life.store.count(sent).await, MAILS as i64);
    });
    assert_eq!(universe.provider.tried().len(), MAILS + 1, "what became of one was not written");
}
