//! A session and its seats.

use super::*;
use crate::domain::message::Facts;
use crate::domain::session::MinAttendance;

#[test]
fn a_seat_has_the_times_of_its_session() {
    let mut world = World::gym(2);
    assert_eq!(
        world.does(seat("b1", "anna")),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: email"]
    );
    assert_eq!(world.booking("b1").ends_at, Some(at("2026-12-03T11:00:00Z")));
    let Command::RequestBooking(other) = seat("b2", "bruno") else { unreachable!() };
    let agrees = RequestBooking { starts_at: Some(at(START)), ..other.clone() };
    let disagrees = RequestBooking { starts_at: Some(at(LATER)), ..other };
    assert_eq!(world.refuses(Command::RequestBooking(disagrees)), RejectionReason::InvalidTime);
    world.does(Command::RequestBooking(agrees));
}

#[test]
fn the_message_says_the_activity_and_the_place() {
    let mut world = World::with(gym_settings());
    let mut session = yoga("s1", 1);
    session.location = Some("Room 2".to_owned());
    world.does(Command::ScheduleSession(Box::new(session)));
    world.does(seat("b1", "anna"));
    world.all_sent();
    let Facts::Booking(facts) = &world.sent.last().unwrap().facts else { panic!("a booking") };
    assert_eq!(
        (facts.service.as_deref(), facts.location.as_deref()),
        (Some("Yoga"), Some("Room 2"))
    );
}

#[test]
fn a_pending_booking_takes_a_seat() {
    let mut world = World::gym_with(1, Settings { approval: Approval::Manual, ..gym_settings() });
    assert_eq!(world.does(seat("b1", "anna"))[1], "tell anna booking.pending: email");
    assert_eq!(world.does(seat("b2", "bruno")), ["queue b2 of bruno is waiting"]);
    assert_eq!(
        told(world.does(decline("b1"))),
        [
            "withdraw booking.pending to anna: email",
            "tell anna booking.declined: email",
            "tell bruno queue.offered: email",
        ]
    );
}

#[test]
fn a_full_session_refuses_who_would_not_wait() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    let Command::RequestBooking(other) = seat("b2", "bruno") else { unreachable!() };
    let other = RequestBooking { join_queue: false, ..other };
    assert_eq!(world.refuses(Command::RequestBooking(other)), RejectionReason::SessionFull);
    let mut reinstated = World::gym(1);
    reinstated.does(seat("b1", "anna"));
    reinstated.does(cancel("b1", Party::Client));
    reinstated.does(seat("b2", "bruno"));
    assert_eq!(reinstated.refuses(confirm("b1")), RejectionReason::SessionFull);
}

#[test]
fn one_seat_of_many_called_off_is_told_to_its_client_alone() {
    let mut world = World::gym(3);
    for (booking, client) in [("b1", "anna"), ("b2", "bruno"), ("b3", "carla")] {
        world.does(seat(booking, client));
    }
    world.all_sent();
    assert_eq!(
        world.does(cancel("b2", Party::Staff)),
        ["b2 is cancelled, 2026-12-03T10:00:00Z", "tell bruno booking.cancelled: email"]
    );
}

#[test]
fn a_session_called_off_is_told_as_such_to_each_and_closes_the_queue() {
    let mut world = World::gym(2);
    world.does(seat("b1", "anna"));
    world.does(seat("b2", "bruno"));
    world.does(join("e1", "carla"));
    world.all_sent();
    assert_eq!(
        world.does(call_off("s1")),
        [
            "session s1 is cancelled",
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "b2 is cancelled, 2026-12-03T10:00:00Z",
            "queue e1 of carla is closed",
            "tell anna session.cancelled: email",
            "tell bruno session.cancelled: email",
            "tell carla queue.closed: email",
        ]
    );
    world.all_sent();
    let reasons = world.sent.iter().rev().take(3).map(|message| match &message.facts {
        Facts::Booking(facts) => facts.reason.as_deref(),
        Facts::Queue(facts) => facts.reason.as_deref(),
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [Some("no teacher"); 3]);
    assert_eq!(world.refuses(seat("b3", "dora")), RejectionReason::SessionCancelled);
    assert_eq!(world.refuses(confirm("b1")), RejectionReason::SessionCancelled);
}

#[test]
fn a_session_that_moves_moves_every_booking() {
    let mut world = World::gym(2);
    world.does(seat("b1", "anna"));
    world.all_sent();
    world.does(seat("b2", "bruno"));
    assert_eq!(
        world.does(move_session("s1", LATER)),
        [
            "session s1 is at 04 Dec 15:30, 2 seats",
            "b1 is confirmed, 2026-12-04T15:30:00Z",
            "b2 is confirmed, 2026-12-04T15:30:00Z",
            "withdraw booking.confirmed to bruno: email",
            "tell anna booking.rescheduled: email",
            "tell bruno booking.confirmed: email",
        ]
    );
    assert_eq!(world.refuses(reschedule("b1", START)), RejectionReason::IllegalTransition);
}

#[test]
fn a_seat_reinstated_after_the_move_is_a_seat_of_the_session_as_it_is() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(cancel("b1", Party::Client));
    world.does(move_session("s1", LATER));
    assert_eq!(world.does(confirm("b1"))[0], "b1 is confirmed, 2026-12-04T15:30:00Z");
}

#[test]
fn more_seats_go_to_those_who_wait_and_fewer_than_are_taken_there_never_are() {
    let mut world = World::gym(2);
    for (booking, client) in [("b1", "anna"), ("b2", "bruno"), ("e1", "carla"), ("e2", "dora")] {
        world.does(seat(booking, client));
    }
    assert_eq!(world.refuses(resize("s1", 1)), RejectionReason::SeatsTaken);
    assert_eq!(
        world.does(resize("s1", 3)),
        [
            "session s1 is at 03 Dec 10:00, 3 seats",
            "queue e1 of carla is offered until 01 Dec 12:30",
            "tell carla queue.offered: email",
        ]
    );
    // The offer takes a seat as well.
    assert_eq!(world.refuses(resize("s1", 2)), RejectionReason::SeatsTaken);
}

#[test]
fn with_too_few_it_is_called_off_by_itself() {
    let least = |count| {
        let mut session = yoga("s1", 5);
        session.min_attendance = Some(MinAttendance { count, decide_at: at(NOON) + hours(10) });
        let mut world = World::with(gym_settings());
        let lines = world.does(Command::ScheduleSession(Box::new(session)));
        assert_eq!(lines[1], "plan count of s1 at 01 Dec 22:00");
        world.does(seat("b1", "anna"));
        world.does(seat("b2", "bruno"));
        world.passes("2026-12-02T00:00:00Z")
    };
    assert_eq!(least(2), [""; 0]);
    assert_eq!(
        least(3),
        [
            "01 Dec 22:00 session s1 is cancelled",
            "01 Dec 22:00 b1 is cancelled, 2026-12-03T10:00:00Z",
            "01 Dec 22:00 b2 is cancelled, 2026-12-03T10:00:00Z",
            "01 Dec 22:00 tell anna session.cancelled: email",
            "01 Dec 22:00 tell bruno session.cancelled: email",
            "01 Dec 22:00 drop count of s1",
        ]
    );
}

#[test]
fn a_pending_booking_does_not_count_as_attendance() {
    let mut session = yoga("s1", 5);
    session.min_attendance = Some(MinAttendance { count: 1, decide_at: at(NOON) + hours(10) });
    let mut world = World::with(Settings { approval: Approval::Manual, ..gym_settings() });
    world.does(Command::ScheduleSession(Box::new(session)));
    world.does(seat("b1", "anna"));
    assert_eq!(
        told(world.passes("2026-12-02T00:00:00Z")),
        ["01 Dec 22:00 tell anna session.cancelled: email"]
    );
}

#[test]
fn the_count_moves_with_the_session() {
    let mut session = yoga("s1", 5);
    session.min_attendance = Some(MinAttendance { count: 1, decide_at: at(NOON) + hours(10) });
    let mut world = World::with(gym_settings());
    world.does(Command::ScheduleSession(Box::new(session)));
    world.does(move_session("s1", "2026-12-04T10:00:00Z"));
    assert_eq!(
        world.passes("2026-12-05T00:00:00Z"),
        ["02 Dec 22:00 session s1 is cancelled", "02 Dec 22:00 drop count of s1"]
    );
}

#[test]
fn a_session_that_has_begun_is_what_it_was() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.passes(START);
    for command in [resize("s1", 2), move_session("s1", LATER), seat("b2", "bruno")] {
        assert_eq!(world.refuses(command), RejectionReason::SessionStarted);
    }
}

#[test]
fn moved_into_the_past_nobody_waits_for_it() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.all_sent();
    assert_eq!(
        world.does(move_session("s1", "2026-12-01T11:00:00Z")),
        [
            "session s1 is at 01 Dec 11:00, 1 seats",
            "b1 is confirmed, 2026-12-01T11:00:00Z",
            "queue e1 of bruno is closed",
            "tell anna booking.rescheduled: no email (too_late)",
            "tell bruno queue.closed: email",
        ]
    );
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}
