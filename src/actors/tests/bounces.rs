//! An address that is refused for good.

use std::time::Duration;

use super::life::Life;
use super::salon::{SALON, annotates, books, opens, registers};
use super::universe::Universe;
use crate::domain::decide;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::{Ctx, Decision, Input, Rejection, RejectionReason, TenantState};
use crate::store::tamper::Gate;
use crate::wire::Received;

/// Notes can never be taken.
fn stumbles(ctx: &Ctx<'_>, state: &TenantState, input: Input<'_>) -> Result<Decision, Rejection> {
    if ctx.cause.as_str().starts_with("annotate") {
        panic!("deciding: injected by a test");
    }
    decide(ctx, state, input)
}

/// Anna's first booking is told of, and the mail is on the wire.
pub async fn one_leaves(life: &Life, opens: Received, wire: &Gate) {
    life.does(opens).await;
    life.does(registers(SALON, "anna")).await;
    life.does(books(SALON, "b1", "anna")).await;
    wire.reached().await;
}

/// It is refused for good, and all that follows is written in one transaction.
pub async fn is_refused_at_once(universe: &Universe, life: &Life, wire: &Gate) {
    let before = universe.store.calls("commit");
    wire.open();
    life.settles().await;
    assert_eq!(universe.store.calls("commit") - before, 1);
    assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed dead"]);
}

const PARKS_SOON: &str = "[actors]\nrestarts_max = 1\ncommand_panics_max = 2\n\
                          park_time = \"PT10M\"\nrestart_window = \"PT1H\"";

#[test]
fn an_address_refused_while_its_tenant_is_parked_is_suppressed_in_the_end() {
    let mut universe = Universe::with(PARKS_SOON);
    universe.decide = stumbles;
    universe.expects_panics(2);
    universe.provider.always(Some(Outcome::Permanent(Scope::Address)));
    let wire = universe.provider.holds(Outcome::Permanent(Scope::Address));
    universe.lives(async |life| {
        one_leaves(life, opens(SALON), &wire).await;
        // Given a tenant that is parked,
        let why = life.refuses(annotates(SALON, "b1")).await;
        assert_eq!(why, RejectionReason::HandlerPanicked);
        assert_eq!(life.refuses(annotates(SALON, "b2")).await, RejectionReason::TenantParked);
        assert_eq!(life.core.tenants.parked().len(), 1);
        // when a mail is refused because there is no such mailbox,
        wire.open();
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed ready"], "told later");
        // then the tenant hears of it once it can, and nothing more goes there.
        life.passes(Duration::from_secs(15 * 60)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed dead"]);
        life.does(books(SALON, "b3", "anna")).await;
        assert_eq!(life.reasons(SALON, "anna", "email").await.last().unwrap(), "suppressed");
    });
    let attempts = universe.provider.tried().len();
    assert!((2..=12).contains(&attempts), "about one a minute while it is parked: {attempts}");
}

#[test]
fn what_became_of_a_message_and_what_its_tenant_makes_of_that_are_one_transaction() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Permanent(Scope::Address));
    universe.lives(async |life| {
        one_leaves(life, opens(SALON), &wire).await;
        is_refused_at_once(&universe, life, &wire).await;
        life.does(books(SALON, "b2", "anna")).await;
        assert_eq!(life.reasons(SALON, "anna", "email").await.last().unwrap(), "suppressed");
    });
}
