//! A client of many bookings is erased: at once for whoever writes to them, page by page in the
//! store, whatever comes in between.

use serde_json::json;

use super::life::Life;
use super::salon::{SALON, books, command, erases, opens, registers};
use super::universe::Universe;
use crate::actors::Answer;
use crate::domain::outcome::Outcome;
use crate::domain::session::PAGE_PEOPLE;

/// Three pages of bookings.
const MANY: usize = 2 * PAGE_PEOPLE + 10;
const ONE_AT_A_TIME: &str = "[email.provider_defaults]\nconnections = 1";

const UNFORGOTTEN: &str = "SELECT count(*) FROM records WHERE kind = 'booking'
    AND body ->> 'client' = 'anna' AND body ->> 'erased' IS NOT 1";
const ERASURES: &str = "SELECT count(*) FROM records WHERE kind = 'erasure'";
const STILL_TOLD: &str = "SELECT count(*) FROM messages WHERE client = 'anna'
    AND (facts LIKE '%starts_at%' OR superseded = 0)";

async fn anna_books_much(life: &Life) {
    life.does(opens(SALON)).await;
    life.does(registers(SALON, "anna")).await;
    let bookings = (0..MANY).map(|n| books(SALON, &format!("b{n}"), "anna")).collect();
    for answer in life.hears_all(bookings) {
        assert!(matches!(answer.await.unwrap(), Answer::Accepted { .. }));
    }
}

#[test]
fn nothing_leaves_once_an_erasure_is_answered_and_a_crash_between_its_pages_loses_none() {
    let universe = Universe::with(ONE_AT_A_TIME);
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.dies(async |life| {
        anna_books_much(life).await;
        wire.reached().await;
        let mut commit = universe.store.holds("commit");
        let mut erased = Some(life.hears(erases(SALON, "anna")));
        // Given a life that ends between two pages,
        loop {
            commit.reached().await;
            if life.store.count(UNFORGOTTEN).await < MANY as i64 {
                break;
            }
            let next = universe.store.holds("commit");
            commit.open();
            commit = next;
            if let Some(erased) = erased.take() {
                assert!(matches!(erased.await.unwrap(), Answer::Accepted { .. }));
            }
        }
        assert_eq!(life.store.count(ERASURES).await, 1);
    });
    universe.lives(async |life| {
        // when somebody new is given the id in the next,
        let data = json!({ "client": "anna", "name": "Another", "email": "another@example.com" });
        life.does(command(SALON, "register-another", "client.register", data)).await;
        life.does(books(SALON, "theirs", "anna")).await;
        // then the rest is forgotten, and nothing of theirs.
        life.until("it is at its end", async || life.store.count(ERASURES).await == 0).await;
        assert_eq!(life.store.count(UNFORGOTTEN).await, 1);
        life.settles().await;
        assert_eq!(life.store.count(STILL_TOLD).await, 1);
        let last = life.fates(SALON, "anna").await.pop();
        assert_eq!(last.as_deref(), Some("booking.confirmed sent"));
    });
    let tried = universe.provider.tried();
    assert_eq!(tried.len(), 1, "the confirmation of somebody new");
}
