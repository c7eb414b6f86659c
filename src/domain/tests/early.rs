//! Who was noted as having come before their session began follows it until then.

use super::*;
use crate::domain::booking::BookingState;
use crate::domain::session::MinAttendance;
use crate::domain::settings::ReviewRules;

/// Long after everything.
const AT_LAST: &str = "2027-06-01T00:00:00Z";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A gym that asks two hours after a visit, and misses a client after thirty days.
fn settings() -> Settings {
    let url = "https://example.com/review".to_owned();
    Settings {
        review: Some(ReviewRules { after: hours(2), every: hours(1), url }),
        win_back_after: Some(hours(30 * 24)),
        ..gym_settings()
    }
}

/// Anna and bruno have seats of `s1`; of anna it was noted two days before that she came.
fn came_early() -> World {
    let mut world = World::gym_with(3, settings());
    world.does(seat("b1", "anna"));
    world.does(seat("b2", "bruno"));
    assert_eq!(
        world.does(attend("b1")),
        [
            "b1 is attended, 2026-12-03T10:00:00Z",
            "plan review of b1 at 03 Dec 13:00",
            "plan win-back of anna at 02 Jan 10:00",
        ]
    );
    world.all_sent();
    world
}

#[test]
fn the_session_takes_place_and_they_are_asked_after_it() {
    let lines = came_early().passes(AT_LAST);
    assert_eq!(
        told(lines),
        [
            "03 Dec 13:00 tell anna review.requested: email",
            "02 Jan 10:00 tell anna client.win_back: email",
        ]
    );
}

#[test]
fn the_session_moves_and_they_come_then_or_not() {
    let mut world = came_early();
    assert_eq!(
        world.does(move_session("s1", LATER)),
        [
            "session s1 is at 04 Dec 15:30, 3 seats",
            "b2 is confirmed, 2026-12-04T15:30:00Z",
            "b1 is confirmed, 2026-12-04T15:30:00Z",
            "tell bruno booking.rescheduled: email",
            "tell anna booking.rescheduled: email",
            "drop review of b1",
            "drop win-back of anna",
        ]
    );
    assert_eq!((world.client("anna").visited, world.client("anna").last_visit), (None, None));
    assert_eq!(told(world.clone().passes(AT_LAST)), [""; 0], "who does not come is asked nothing");
    world.passes(LATER);
    world.does(attend("b1"));
    assert_eq!(
        told(world.passes("2026-12-31T00:00:00Z")),
        ["04 Dec 18:30 tell anna review.requested: email"]
    );
}

#[test]
fn the_session_is_called_off_and_there_was_no_visit() {
    let mut world = came_early();
    assert_eq!(
        world.does(call_off("s1")),
        [
            "session s1 is cancelled",
            "b2 is cancelled, 2026-12-03T10:00:00Z",
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "tell bruno session.cancelled: email",
            "tell anna session.cancelled: email",
            "drop review of b1",
            "drop win-back of anna",
        ]
    );
    assert_eq!(told(world.passes(AT_LAST)), [""; 0]);
}

#[test]
fn a_visit_of_before_is_the_last_again() {
    let mut world = World::gym_with(3, settings());
    world.does(request_at("b0", "2026-12-01T13:00:00Z"));
    world.passes("2026-12-01T13:00:00Z");
    world.does(attend("b0"));
    world.does(seat("b1", "anna"));
    world.does(attend("b1"));
    world.all_sent();
    let lines = world.does(call_off("s1"));
    assert_eq!(lines.last().unwrap(), "plan win-back of anna at 31 Dec 13:00");
    assert_eq!(world.client("anna").visited, Some(at("2026-12-01T13:00:00Z")));
}

#[test]
fn it_takes_longer_and_they_are_asked_after_that() {
    let mut world = came_early();
    let (starts_at, ends_at) = (at(START), at(START) + hours(3));
    let session = session_id("s1");
    world.does(Command::RescheduleSession { session, starts_at, ends_at });
    assert_eq!(world.booking("b1").state, BookingState::Attended);
    let lines = told(world.passes("2026-12-31T00:00:00Z"));
    assert_eq!(lines, ["03 Dec 15:00 tell anna review.requested: email"]);
    // Even where it is still going on when they were to be asked.
    let mut world = came_early();
    let (session, ends_at) = (session_id("s1"), at(START) + hours(6));
    world.does(Command::RescheduleSession { session, starts_at, ends_at });
    let lines = told(world.passes("2026-12-31T00:00:00Z"));
    assert_eq!(lines, ["03 Dec 18:00 tell anna review.requested: email"]);
}

#[test]
fn called_off_once_it_has_begun_nobody_is_asked_how_it_was() {
    let mut world = came_early();
    world.passes(START);
    world.does(call_off("s1"));
    assert_eq!(world.booking("b1").state, BookingState::Attended, "they were there");
    assert_eq!(
        told(world.passes("2026-12-31T00:00:00Z")),
        ["03 Dec 13:00 tell anna review.requested: no email (superseded)"]
    );
}

#[test]
fn moved_into_the_past_it_was_visited_all_the_same() {
    let mut world = came_early();
    world.does(move_session("s1", "2026-12-01T10:00:00Z"));
    assert_eq!(world.booking("b1").state, BookingState::Attended);
}

#[test]
fn who_came_early_has_a_seat_and_counts() {
    let mut world = came_early();
    for command in [seat("b9", "anna"), join("e9", "anna"), reassign("b2", "anna")] {
        assert_eq!(world.refuses(command), RejectionReason::AlreadyBooked);
    }
    let mut session = yoga("s2", 2);
    session.min_attendance = Some(MinAttendance { count: 1, decide_at: at(NOON) + hours(10) });
    world.does(Command::ScheduleSession(Box::new(session)));
    let asked = RequestBooking {
        starts_at: None,
        session: Some(session_id("s2")),
        ..booked("b3", Party::Client)
    };
    world.does(Command::RequestBooking(asked));
    world.does(attend("b3"));
    world.passes(START);
    assert!(!world.state().session(&session_id("s2")).unwrap().cancelled);
}

#[test]
fn many_who_came_early_hear_of_it_page_by_page() {
    for what in [move_session("s1", LATER), call_off("s1")] {
        let mut world = came_early();
        for (booking, client) in [("b2", "bruno"), ("b3", "carla")] {
            if booking == "b3" {
                world.does(seat(booking, client));
            }
            world.does(attend(booking));
        }
        world.all_sent();
        world.page = 1;
        let mut lines = told(world.does(what));
        assert_eq!(lines.len(), 1);
        lines.extend(told(world.passes(NOON)));
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(told(world.passes("2026-12-04T16:00:00Z")), [""; 0]);
    }
}

#[test]
fn of_who_is_erased_it_is_not_known_when_they_came_before() {
    let mut world = came_early();
    world.does(erase("anna"));
    assert_eq!(world.booking("b1").early, None);
    assert_eq!(told(world.does(call_off("s1"))), ["tell bruno session.cancelled: email"]);
}
