//! The road from end to end, and the universe itself.

use std::time::Duration;

use super::salon::{SALON, STARTS, books, cancels, moves, opens, registers};
use super::universe::{BEGINNING, Universe};
use crate::clock;
use crate::domain::outcome::Outcome;
use crate::egress::script::Act;
use jiff::Timestamp;

#[test]
fn a_booking_is_confirmed_by_mail_and_nothing_is_left() {
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
    let [mail] = &universe.provider.tried()[..] else { panic!("one mail") };
    assert_eq!(mail.to, "anna@example.com");
    assert!(mail.subject.starts_with("Confirmed: "), "{}", mail.subject);
}

#[test]
fn time_passes_as_the_test_lets_it() {
    let universe = Universe::new();
    universe.provider.next(Act::Says(Outcome::Transient));
    let began: Timestamp = BEGINNING.parse().unwrap();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        assert!(clock::now().duration_since(began).as_millis() < 100);
        life.passes(Duration::from_secs(600)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
    let [first, second] = &universe.provider.tried()[..] else { panic!("two attempts") };
    let pause = second.at.duration_since(first.at).as_secs();
    assert!((1..=600).contains(&pause), "the first pause of the schedule: {pause}");
}

#[test]
fn what_a_life_leaves_the_next_one_ends() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Accepted);
    universe.dies(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        wire.reached().await;
        life.does(moves(SALON, "b1", STARTS[1])).await;
        life.does(cancels(SALON, "b1")).await;
    });
    assert_eq!(universe.provider.tried().len(), 0);
    universe.lives(async |life| {
        life.settles().await;
        let fates = life.fates(SALON, "anna").await;
        assert_eq!(fates.last().unwrap(), "booking.cancelled sent", "{fates:?}");
    });
}
