//! A recurring series is told of once, with all its dates.

use super::*;
use crate::domain::message::{BookingFacts, Facts};

/// When what was booked at noon is told.
const TOLD: &str = "01 Dec 12:02";

fn weekly(booking: &str, client: &str, week: i64) -> Command {
    let starts_at = at(START) + SignedDuration::from_hours(7 * 24 * week);
    Command::RequestBooking(RequestBooking {
        client: client_id(client),
        starts_at: Some(starts_at),
        series: Some(series_id("tuesdays")),
        ..booked(booking, Party::Client)
    })
}

/// Anna's first three weeks are booked, and nothing is told yet.
fn booked_three_weeks(mut world: World) -> World {
    for week in [0, 2, 1] {
        assert_eq!(
            world.does(weekly(&format!("b{week}"), "anna", week))[1..],
            [format!("plan tuesdays to anna at {TOLD}")]
        );
    }
    world
}

fn minutes(minutes: i64) -> Timestamp {
    at(NOON) + SignedDuration::from_mins(minutes)
}

/// What was sent so far: the kind, and the bookings that each message tells of.
fn messages(world: &World) -> Vec<(Kind, Vec<String>)> {
    let told = world.sent.iter().filter_map(|message| match &message.facts {
        Facts::Booking(BookingFacts { booking, others, .. }) => {
            let others = others.iter().map(|other| other.booking.to_string());
            Some((message.kind, [booking.to_string()].into_iter().chain(others).collect()))
        }
        _ => None,
    });
    told.collect()
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn one_message_has_the_dates_of_all() {
    let mut world = booked_three_weeks(World::salon());
    assert_eq!(
        world.passes_to(minutes(5)),
        [
            format!("{TOLD} tell anna booking.confirmed: email"),
            format!("{TOLD} tell anna booking.confirmed: no email (series_told)"),
            format!("{TOLD} tell anna booking.confirmed: no email (series_told)"),
        ]
    );
    assert_eq!(messages(&world), [(Kind::BookingConfirmed, ids(&["b0", "b1", "b2"]))]);
    let message = world.sent.last().unwrap();
    let last = at(START) + SignedDuration::from_hours(14 * 24);
    assert_eq!(message.deadline, Some(last), "of use while one of them lies ahead");
}

#[test]
fn those_that_come_later_are_told_as_well() {
    let mut world = booked_three_weeks(World::salon());
    world.passes_to(minutes(60));
    world.does(weekly("b3", "anna", 3));
    world.does(weekly("b4", "anna", 4));
    world.passes_to(minutes(70));
    assert_eq!(messages(&world)[1..], [(Kind::BookingConfirmed, ids(&["b3", "b4"]))]);
}

#[test]
fn each_waits_for_the_next_but_the_first_not_for_ever() {
    let mut world = World::salon();
    for week in 0..12 {
        world.passes_to(minutes(week));
        world.does(weekly(&format!("b{week}"), "anna", week));
    }
    world.passes_to(minutes(60));
    let counts: Vec<usize> = messages(&world).iter().map(|(_, told)| told.len()).collect();
    assert_eq!(counts, [10, 2]);
}

#[test]
fn what_begins_before_it_would_be_told_is_told_at_once() {
    let mut world = World::salon();
    world.does(weekly("b1", "anna", 1));
    world.now = at(START) - SignedDuration::from_mins(1);
    assert_eq!(told(world.does(weekly("b0", "anna", 0))).len(), 2);
    world.all_sent();
    assert_eq!(messages(&world), [(Kind::BookingConfirmed, ids(&["b0", "b1"]))]);
}

#[test]
fn approved_by_hand_it_waits_once_and_is_confirmed_once() {
    let mut world = booked_three_weeks(World::by_hand());
    world.passes_to(minutes(5));
    for booking in ["b2", "b0", "b1"] {
        assert_eq!(told(world.does(confirm(booking))), [""; 0]);
    }
    world.passes_to(minutes(10));
    let all = ids(&["b0", "b1", "b2"]);
    assert_eq!(
        messages(&world),
        [(Kind::BookingPending, all.clone()), (Kind::BookingConfirmed, all)]
    );
}

#[test]
fn agreed_to_before_it_was_told_it_does_not_also_say_that_it_waits() {
    let mut world = booked_three_weeks(World::by_hand());
    world.does(confirm("b1"));
    world.passes_to(minutes(10));
    assert_eq!(
        messages(&world),
        [(Kind::BookingConfirmed, ids(&["b1"])), (Kind::BookingPending, ids(&["b0", "b2"]))]
    );
}

#[test]
fn each_client_of_a_series_is_told() {
    let mut world = booked_three_weeks(World::salon());
    world.does(weekly("b3", "bruno", 0));
    world.does(reassign("b0", "bruno"));
    world.passes_to(minutes(5));
    assert_eq!(
        messages(&world),
        [
            (Kind::BookingCancelled, ids(&["b0"])),
            (Kind::BookingConfirmed, ids(&["b1", "b2"])),
            (Kind::BookingConfirmed, ids(&["b0", "b3"])),
        ]
    );
}

#[test]
fn if_the_first_is_called_off_the_others_are_told_all_the_same() {
    // Before anything was told, and while the message waits to be sent.
    for told_already in [false, true] {
        let mut world = booked_three_weeks(World::salon());
        if told_already {
            world.fires_unsent("2026-12-01T12:03:00Z");
        }
        world.does(cancel("b0", Party::Client));
        world.passes_to(minutes(10));
        assert_eq!(
            messages(&world),
            [(Kind::BookingCancelled, ids(&["b0"])), (Kind::BookingConfirmed, ids(&["b1", "b2"]))]
        );
    }
}

#[test]
fn so_it_is_with_any_other_and_with_a_series_that_waits() {
    let mut world = booked_three_weeks(World::by_hand());
    world.fires_unsent("2026-12-01T12:03:00Z");
    assert_eq!(
        told(world.does(decline("b1"))),
        ["withdraw booking.pending to anna: email", "tell anna booking.declined: email"]
    );
    world.passes_to(minutes(10));
    assert_eq!(
        messages(&world),
        [(Kind::BookingDeclined, ids(&["b1"])), (Kind::BookingPending, ids(&["b0", "b2"]))]
    );
}

#[test]
fn what_moved_before_it_was_told_is_told_with_its_new_date() {
    for told_already in [false, true] {
        let mut world = booked_three_weeks(World::salon());
        if told_already {
            world.fires_unsent("2026-12-01T12:03:00Z");
        }
        world.does(reschedule("b0", "2026-12-30T10:00:00Z"));
        world.passes_to(minutes(10));
        assert_eq!(messages(&world), [(Kind::BookingConfirmed, ids(&["b1", "b2", "b0"]))]);
    }
}

#[test]
fn changes_of_what_was_told_are_told_booking_by_booking() {
    let mut world = booked_three_weeks(World::salon());
    world.passes_to(minutes(5));
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
fn a_session_that_is_called_off_leaves_the_others_of_a_series_told() {
    let mut world = World::gym(3);
    world.does(schedule("s2", 3));
    for (booking, session) in [("b1", "s1"), ("b2", "s2")] {
        let asked = RequestBooking {
            starts_at: None,
            session: Some(session_id(session)),
            series: Some(series_id("tuesdays")),
            ..booked(booking, Party::Client)
        };
        world.does(Command::RequestBooking(asked));
    }
    world.fires_unsent("2026-12-01T12:03:00Z");
    world.does(call_off("s1"));
    world.passes_to(minutes(10));
    assert_eq!(
        messages(&world),
        [(Kind::SessionCancelled, ids(&["b1"])), (Kind::BookingConfirmed, ids(&["b2"]))]
    );
}

/// Of two services at two places, and two sessions.
#[test]
fn what_differs_in_more_than_the_date_is_told_apart() {
    use crate::domain::id::ServiceId;
    use crate::domain::settings::Service;

    let service = |id: &str| ServiceId::parse(id).unwrap();
    let offered = |name: &str, location: &str, bring: Option<&str>| Service {
        name: name.to_owned(),
        duration: None,
        location: Some(location.to_owned()),
        reminders: None,
        bring: bring.map(str::to_owned),
    };
    let mut settings = gym_settings();
    settings.services = BTreeMap::from([
        (service("cut"), offered("Cut", "Via A", Some("Comb"))),
        (service("trim"), offered("Cut", "Via A", Some("Comb"))),
        (service("massage"), offered("Massage", "https://zoom.example", None)),
    ]);
    let mut world = World::gym_with(3, settings);
    let ask = |booking: &str, week: i64, id: &str| match weekly(booking, "anna", week) {
        Command::RequestBooking(request) => {
            Command::RequestBooking(RequestBooking { service: Some(service(id)), ..request })
        }
        other => other,
    };
    world.does(ask("b2", 2, "massage"));
    world.does(ask("b1", 1, "cut"));
    world.does(ask("b3", 3, "trim"));
    world.does(ask("b4", 4, "massage"));
    world.does(Command::RequestBooking(RequestBooking {
        starts_at: None,
        session: Some(session_id("s1")),
        series: Some(series_id("tuesdays")),
        ..booked("b0", Party::Client)
    }));
    world.passes_to(minutes(5));
    assert_eq!(
        messages(&world),
        [
            (Kind::BookingConfirmed, ids(&["b0"])),
            (Kind::BookingConfirmed, ids(&["b1", "b3"])),
            (Kind::BookingConfirmed, ids(&["b2", "b4"])),
        ]
    );
    let told = world.sent.iter().rev().take(3).rev().map(|message| match &message.facts {
        Facts::Booking(facts) => (facts.service.clone().unwrap(), facts.bring.clone()),
        _ => panic!("a booking"),
    });
    let comb = Some("Comb".to_owned());
    let expected = [("Yoga", None), ("Cut", comb), ("Massage", None)];
    assert_eq!(
        told.collect::<Vec<_>>(),
        expected.map(|(service, bring)| (service.to_owned(), bring))
    );
    // What becomes of one of a group is told to its group alone.
    world.does(cancel("b1", Party::Client));
    world.passes_to(minutes(10));
    assert_eq!(messages(&world)[3..], [(Kind::BookingCancelled, ids(&["b1"]))]);
}

/// As many as one message tells of do not wait for more: no decision is about thousands.
#[test]
fn a_series_without_end_is_told_a_message_at_a_time() {
    const TOGETHER: i64 = 400;
    let mut world = World::salon();
    for day in 0..2 * TOGETHER + 10 {
        let told = told(world.does(weekly(&format!("b{day:04}"), "anna", day))).len() as i64;
        let is_full = (day + 1) % TOGETHER == 0;
        assert_eq!(told, if is_full { TOGETHER } else { 0 }, "day {day}");
    }
    world.passes("2026-12-01T12:10:00Z");
    let counts: Vec<usize> = messages(&world).iter().map(|(_, told)| told.len()).collect();
    assert_eq!(counts, [400, 400, 10]);
}
