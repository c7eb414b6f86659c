//! What the store will not have, however often it is asked to.

use super::salon::{SALON, annotates, books, opens, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::domain::rejection::RejectionReason;

const NO_NOTES: &str = "CREATE TRIGGER no_notes BEFORE INSERT ON inbox \
    WHEN NEW.command LIKE 'annotate%' BEGIN SELECT RAISE(ABORT, 'injected by a test'); END";
const NO_WORDS: &str = "CREATE TRIGGER no_words BEFORE UPDATE ON messages \
    WHEN NEW.reply LIKE 'as the script%' BEGIN SELECT RAISE(ABORT, 'injected by a test'); END";

#[test]
fn a_unit_that_the_store_refuses_is_set_aside_and_all_beside_it_is_written() {
    const NEIGHBOURS: usize = 20;
    let neighbour = |n: usize| format!("neighbour-{n}");
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.settles().await;
        universe.rules(NO_NOTES).await;
        // Given a batch in which the store refuses one,
        let written = universe.store.holds("commit");
        let first = life.hears(opens(&neighbour(0)));
        written.reached().await;
        let mut batch = vec![books(SALON, "b2", "anna"), annotates(SALON, "b1")];
        batch.push(books(SALON, "b3", "anna"));
        batch.extend((1..NEIGHBOURS).map(|n| opens(&neighbour(n))));
        let mut answers = life.hears_all(batch);
        life.settles().await;
        let before = universe.store.calls("commit");
        // when it is written,
        written.open();
        assert_eq!(first.await.unwrap().result(), "accepted");
        // then all but that one are, the same tenant's before it and behind it among them.
        let refused = answers.remove(1).await.unwrap();
        assert_eq!(refused.result(), RejectionReason::HandlerPanicked.as_str());
        for answer in answers {
            assert_eq!(answer.await.unwrap().result(), "accepted");
        }
        life.settles().await;
        let booked = ["booking.confirmed sent"; 3];
        assert_eq!(life.fates(SALON, "anna").await, booked);
        assert_eq!(life.core.tenants.crashes(), 0, "nobody fell");
        let commits = universe.store.calls("commit") - before;
        assert!(commits <= 40, "{commits} transactions to find one that is refused three times");
    });
}

#[test]
fn of_an_outcome_whose_words_the_store_refuses_the_rest_is_written() {
    let universe = Universe::with("[dispatch.email]\nslots = 1");
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        universe.rules(NO_WORDS).await;
        wire.open();
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
        let told = "SELECT count(*) FROM event_pages WHERE events LIKE '%message.sent%'";
        assert_eq!(life.store.count(told).await, 1);
        // Its slot, of which there is one, is free.
        universe.rules("DROP TRIGGER no_words").await;
        life.does(books(SALON, "b2", "anna")).await;
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"; 2]);
    });
    assert_eq!(universe.provider.tried().len(), 2, "each once");
}
