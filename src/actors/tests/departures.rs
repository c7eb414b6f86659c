//! What leaves while a tenant's actor is not there to see it.

use std::time::Duration;

use super::salon::{SALON, STARTS, books, moves, opens, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;

#[test]
fn a_mail_that_leaves_while_its_tenant_is_read_is_known_to_have_left() {
    let universe = Universe::with("[actors]\nidle_after = \"PT1S\"");
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        life.until("the actor is gone", async || life.core.tenants.live() == 0).await;
        // Given a tenant that was read from the store while the mail was on its way,
        let read = universe.store.holds_answer("load_tenant");
        let moved = life.hears(moves(SALON, "b1", STARTS[1]));
        read.reached().await;
        // when the mail leaves before its new actor lives,
        wire.open();
        life.until("it is sent", async || {
            life.fates(SALON, "anna").await == ["booking.confirmed sent"]
        })
        .await;
        life.passes(Duration::from_secs(1)).await;
        read.open();
        moved.await.unwrap();
        life.settles().await;
    });
    // then the client is told of a move, and not once more that all is well.
    let arrived = universe.provider.arrived();
    let [first, second] = &arrived[..] else { panic!("{arrived:?}") };
    assert!(first.starts_with("Confirmed: "), "{first}");
    assert!(second.starts_with("New time: "), "{second}");
}
