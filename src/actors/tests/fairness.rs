//! Tenants that share a thread.

use std::cell::RefCell;
use std::time::Duration;

use super::salon::{books, opens, registers};
use super::universe::Universe;
use crate::clock::moved;
use crate::domain::decide;
use crate::domain::{Ctx, Decision, Input, Rejection, TenantState};
use crate::store::tamper::Gate;

thread_local! {
    static DECIDED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Whatever the slow tenant asks for takes long to decide.
fn slowly(ctx: &Ctx<'_>, state: &TenantState, input: Input<'_>) -> Result<Decision, Rejection> {
    if ctx.tenant.as_str() == "slow" {
        moved::takes(Duration::from_millis(3));
    }
    DECIDED.with_borrow_mut(|decided| decided.push(ctx.tenant.to_string()));
    decide(ctx, state, input)
}

#[test]
fn who_decides_long_lets_the_others_on_the_thread_go_first() {
    const BOOKINGS: usize = 100;
    let mut universe = Universe::new();
    universe.decide = slowly;
    universe.lives(async |life| {
        for tenant in ["slow", "quick"] {
            life.does(opens(tenant)).await;
            life.does(registers(tenant, "anna")).await;
        }
        DECIDED.with_borrow_mut(Vec::clear);
        // Given a tenant with much to decide, each of it long,
        let slow = (0..BOOKINGS).map(|n| books("slow", &format!("b{n}"), "anna"));
        let doors = ["lookup", "lookup"].map(|door| universe.store.holds_answer(door));
        let slow = life.hears_all(slow.collect());
        doors[0].reached().await;
        // when another asks for something behind it,
        let quick = life.hears(books("quick", "b1", "anna"));
        doors[1].reached().await;
        doors.iter().for_each(Gate::open);
        quick.await.unwrap();
        // then it does not wait until the first has decided everything.
        let before = DECIDED
            .with_borrow(|decided| decided.iter().position(|tenant| tenant == "quick").unwrap());
        assert!(before <= 3, "behind {before} decisions of the slow tenant");
        for booking in slow {
            booking.await.unwrap();
        }
    });
}
