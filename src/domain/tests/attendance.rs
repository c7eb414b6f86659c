//! Will they come, while cancelling is still free?

use super::*;
use crate::domain::message::Facts;

/// Anna has a seat of `s1`, which may be cancelled freely until the evening before: 18:00.
fn gym() -> World {
    let mut world = World::with(gym_settings());
    let mut session = yoga("s1", 2);
    session.free_cancel_until = Some(at("2026-12-02T18:00:00Z"));
    world.does(Command::ScheduleSession(Box::new(session)));
    world
}

#[test]
fn it_is_asked_an_hour_and_a_half_before_cancelling_costs() {
    let mut world = gym();
    assert_eq!(world.does(seat("b1", "anna")).last().unwrap(), "plan check of b1 at 02 Dec 16:30");
    assert_eq!(world.passes(START), ["02 Dec 16:30 tell anna attendance.check: email"]);
    let message = world.sent.last().unwrap();
    let Facts::Booking(facts) = &message.facts else { panic!("a booking") };
    let until = Some(at("2026-12-02T18:00:00Z"));
    assert_eq!((facts.free_until, message.deadline), (until, until));
}

#[test]
fn a_session_without_a_limit_asks_nobody() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn who_said_that_they_will_come_is_not_asked() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    world.does(will_come("b1"));
    assert_eq!(world.does(will_come("b1")), ["already done"]);
    assert_eq!(
        world.passes(START),
        ["02 Dec 16:30 tell anna attendance.check: no email (attendance_confirmed)"]
    );
}

#[test]
fn who_takes_the_seat_over_is_asked_anew() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    world.does(will_come("b1"));
    world.does(reassign("b1", "bruno"));
    assert_eq!(world.passes(START), ["02 Dec 16:30 tell bruno attendance.check: email"]);
}

#[test]
fn who_cancelled_is_not_asked() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    let lines = world.does(cancel("b1", Party::Client));
    assert_eq!(lines.last().unwrap(), "drop check of b1");
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn booked_too_late_for_it_that_is_said() {
    let mut world = gym();
    world.now = at("2026-12-02T17:00:00Z");
    assert_eq!(
        world.does(seat("b1", "anna")).last().unwrap(),
        "tell anna attendance.check: no email (booked_inside_lead)"
    );
}

#[test]
fn it_moves_with_the_session() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    world.all_sent();
    let lines = world.does(move_session("s1", "2026-12-04T10:00:00Z"));
    assert_eq!(lines.last().unwrap(), "plan check of b1 at 03 Dec 16:30");
    assert_eq!(
        world.passes("2026-12-05T00:00:00Z"),
        ["03 Dec 16:30 tell anna attendance.check: email"]
    );
}

#[test]
fn what_they_said_of_the_old_date_does_not_count() {
    for change in [
        vec![move_session("s1", "2026-12-04T10:00:00Z")],
        vec![
            cancel("b1", Party::Client),
            confirm("b1"),
            move_session("s1", "2026-12-04T10:00:00Z"),
        ],
    ] {
        let mut world = gym();
        world.does(seat("b1", "anna"));
        world.does(will_come("b1"));
        for command in change {
            world.does(command);
        }
        let lines = world.passes("2026-12-05T00:00:00Z");
        assert_eq!(lines, ["03 Dec 16:30 tell anna attendance.check: email"]);
    }
}

#[test]
fn nor_what_they_said_before_it_was_called_off() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    world.does(will_come("b1"));
    world.does(cancel("b1", Party::Client));
    world.does(confirm("b1"));
    assert_eq!(world.passes(START), ["02 Dec 16:30 tell anna attendance.check: email"]);
}

#[test]
fn another_end_of_the_same_visit_is_no_other_date() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.does(will_come("b1"));
    let ends_at = Some(at(START) + SignedDuration::from_hours(2));
    let (booking, starts_at) = (booking_id("b1"), at(START));
    world.does(Command::RescheduleBooking { booking, starts_at, ends_at });
    assert!(world.booking("b1").attendance_confirmed);
    world.does(reschedule("b1", LATER));
    assert!(!world.booking("b1").attendance_confirmed);
}

#[test]
fn once_cancelling_costs_nobody_is_asked() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    assert_eq!(
        world.sleeps("2026-12-02T18:00:00Z"),
        ["02 Dec 18:00 tell anna attendance.check: no email (too_late)"]
    );
}

#[test]
fn nobody_is_expected_who_is_not_confirmed() {
    let mut world = gym();
    world.does(seat("b1", "anna"));
    world.does(cancel("b1", Party::Client));
    assert_eq!(world.refuses(will_come("b1")), RejectionReason::IllegalTransition);
}
