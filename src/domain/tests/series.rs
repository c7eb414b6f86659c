//! A recurring series is told of once.

use super::*;

fn weekly(booking: &str, client: &str, week: i64) -> Command {
    let starts_at = at(START) + SignedDuration::from_hours(7 * 24 * week);
    Command::RequestBooking(RequestBooking {
        client: client_id(client),
        starts_at: Some(starts_at),
        series: Some(series_id("tuesdays")),
        ..booked(booking, Party::Client)
    })
}

#[test]
fn its_first_booking_is_confirmed_and_the_others_are_not_told() {
    let mut world = World::salon();
    assert_eq!(told(world.does(weekly("b0", "anna", 0))), ["tell anna booking.confirmed: email"]);
    for week in 1..4 {
        assert_eq!(
            told(world.does(weekly(&format!("b{week}"), "anna", week))),
            ["tell anna booking.confirmed: no email (series_told)"]
        );
    }
}

#[test]
fn approved_by_hand_it_waits_once_and_is_confirmed_once() {
    let mut world = World::by_hand();
    assert_eq!(told(world.does(weekly("b0", "anna", 0))), ["tell anna booking.pending: email"]);
    assert_eq!(
        told(world.does(weekly("b1", "anna", 1))),
        ["tell anna booking.pending: no email (series_told)"]
    );
    world.all_sent();
    assert_eq!(told(world.does(confirm("b1"))), ["tell anna booking.confirmed: email"]);
    assert_eq!(
        told(world.does(confirm("b0"))),
        ["tell anna booking.confirmed: no email (series_told)"]
    );
}

#[test]
fn each_client_of_a_series_is_told() {
    let mut world = World::salon();
    world.does(weekly("b0", "anna", 0));
    assert_eq!(told(world.does(weekly("b1", "bruno", 0))), ["tell bruno booking.confirmed: email"]);
}

#[test]
fn changes_are_told_booking_by_booking() {
    let mut world = World::salon();
    world.does(weekly("b0", "anna", 0));
    world.does(weekly("b1", "anna", 1));
    world.all_sent();
    assert_eq!(told(world.does(reschedule("b1", LATER))), ["tell anna booking.rescheduled: email"]);
    assert_eq!(
        told(world.clone().does(cancel("b0", Party::Staff))),
        ["tell anna booking.cancelled: email"]
    );
    world.all_sent();
    world.does(cancel("b1", Party::Staff));
    world.all_sent();
    assert_eq!(told(world.does(confirm("b1"))), ["tell anna booking.confirmed: email"]);
}

#[test]
fn a_booking_that_is_over_or_off_speaks_for_none() {
    let mut world = World::salon();
    world.does(weekly("b0", "anna", 0));
    let mut late = world.clone();
    late.now = at(START);
    assert_eq!(told(late.does(weekly("b1", "anna", 1))), ["tell anna booking.confirmed: email"]);
    world.all_sent();
    world.does(cancel("b0", Party::Client));
    assert_eq!(told(world.does(weekly("b1", "anna", 1))), ["tell anna booking.confirmed: email"]);
}

#[test]
fn if_the_one_that_was_to_tell_is_called_off_first_the_next_tells() {
    let mut world = World::salon();
    world.does(weekly("b0", "anna", 0));
    world.does(weekly("b2", "anna", 2));
    world.does(weekly("b1", "anna", 1));
    let decision = world.clone().decide(&cancel("b0", Party::Client)).unwrap();
    assert_eq!(decision.messages[1].booking(), Some(&booking_id("b1")));
    assert_eq!(
        told(world.clone().does(cancel("b0", Party::Client))),
        [
            "withdraw booking.confirmed to anna: email",
            "tell anna booking.cancelled: email",
            "tell anna booking.confirmed: email",
        ]
    );
    assert_eq!(
        told(world.clone().does(reassign("b0", "bruno"))),
        [
            "withdraw booking.confirmed to anna: email",
            "tell anna booking.cancelled: email",
            "tell bruno booking.confirmed: email",
            "tell anna booking.confirmed: email",
        ]
    );
    world.all_sent();
    assert_eq!(
        told(world.does(cancel("b0", Party::Client))),
        ["tell anna booking.cancelled: email"]
    );
}

#[test]
fn so_it_is_with_a_series_that_waits() {
    let mut world = World::by_hand();
    world.does(weekly("b0", "anna", 0));
    world.does(weekly("b1", "anna", 1));
    assert_eq!(
        told(world.does(decline("b0"))),
        [
            "withdraw booking.pending to anna: email",
            "tell anna booking.declined: email",
            "tell anna booking.pending: email",
        ]
    );
}
