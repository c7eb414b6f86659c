//! When a booking's reminder goes, and when it does not.

use super::*;
use crate::domain::id::ServiceId;
use crate::domain::settings::{LateReminder, Service};

/// A salon in Rome, whose reminders go by these rules.
fn salon(rules: &[LeadRule]) -> World {
    World::with(in_rome(rules))
}

fn in_rome(rules: &[LeadRule]) -> Settings {
    Settings { timezone: rome(), reminders: rules.to_vec(), ..email_only() }
}

fn eve(days_before: u16, hour: i8) -> LeadRule {
    LeadRule::At { days_before, at: jiff::civil::Time::constant(hour, 0, 0, 0) }
}

#[test]
fn an_agreed_booking_is_reminded_of_once() {
    let mut world = salon(&[lead("P1D")]);
    assert_eq!(
        world.does(request("b1")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "tell anna booking.confirmed: email",
            "plan reminder P1D of b1 at 02 Dec 10:00",
        ]
    );
    assert_eq!(
        world.passes("2026-12-31T00:00:00Z"),
        ["02 Dec 10:00 tell anna booking.reminder: email"]
    );
}

#[test]
fn each_rule_has_its_instant() {
    let rules = [lead("P1D"), lead("PT2H"), eve(1, 18)];
    let mut world = salon(&rules);
    world.does(request("b1"));
    assert_eq!(
        world.passes(START),
        [
            "02 Dec 10:00 tell anna booking.reminder: email",
            "02 Dec 17:00 tell anna booking.reminder: email",
            "03 Dec 08:00 tell anna booking.reminder: email",
        ]
    );
}

#[test]
fn a_day_is_counted_on_the_wall_and_24_hours_on_the_clock() {
    // Rome goes back on 25 October at 03:00 and forward on 28 March at 02:00.
    let table = [
        ("2026-10-25T10:00:00+01:00", "P1D", "24 Oct 08:00"),
        ("2026-10-25T10:00:00+01:00", "PT24H", "24 Oct 09:00"),
        ("2027-03-28T10:00:00+02:00", "P1D", "27 Mar 09:00"),
        ("2027-03-28T10:00:00+02:00", "PT24H", "27 Mar 08:00"),
        // 02:30 is skipped on the 28th, and comes twice on the 25th.
        ("2027-03-29T02:30:00+02:00", "P1D", "28 Mar 01:30"),
        ("2026-10-26T02:30:00+01:00", "P1D", "25 Oct 00:30"),
    ];
    for (start, rule, due) in table {
        let mut world = salon(&[lead(rule)]);
        world.now = at("2026-10-01T12:00:00Z");
        world.does(request_at("b1", start));
        let lines = world.passes(start);
        assert_eq!(lines, [format!("{due} tell anna booking.reminder: email")], "{start} {rule}");
    }
}

#[test]
fn a_pending_booking_is_reminded_of_once_it_is_agreed() {
    let settings = Settings { approval: Approval::Manual, ..in_rome(&[lead("P1D")]) };
    let mut world = World::with(settings);
    let lines = world.does(request("b1"));
    assert_eq!(lines.last().unwrap(), "tell anna booking.pending: email");
    assert_eq!(
        world.does(confirm("b1")).last().unwrap(),
        "plan reminder P1D of b1 at 02 Dec 10:00"
    );
}

#[test]
fn a_service_may_have_reminders_of_its_own() {
    let service = |reminders| Service {
        name: "Haircut".to_owned(),
        reminders,
        duration: None,
        location: None,
        bring: None,
    };
    for (reminders, due) in [
        (None, vec!["02 Dec 10:00 tell anna booking.reminder: email"]),
        (Some(vec![lead("PT3H")]), vec!["03 Dec 07:00 tell anna booking.reminder: email"]),
        (Some(vec![]), vec![]),
    ] {
        let haircut = ServiceId::parse("haircut").unwrap();
        let mut settings = in_rome(&[lead("P1D")]);
        settings.services.insert(haircut.clone(), service(reminders));
        let mut world = World::with(settings);
        let asked = RequestBooking { service: Some(haircut), ..booked("b1", Party::Client) };
        world.does(Command::RequestBooking(asked));
        assert_eq!(world.passes(START), due);
    }
}

#[test]
fn booked_inside_the_lead_time_it_is_left_out_and_that_is_said_once() {
    let mut world = salon(&[lead("P1D"), lead("PT6H")]);
    world.now = at("2026-12-03T07:00:00Z");
    assert_eq!(
        world.does(request("b1")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "tell anna booking.confirmed: email",
            "tell anna booking.reminder: no email (booked_inside_lead)",
        ]
    );
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn of_two_one_may_still_lie_ahead() {
    let mut world = salon(&[lead("P1D"), lead("PT2H")]);
    world.now = at("2026-12-03T07:00:00Z");
    let lines = world.does(request("b1"));
    assert_eq!(
        lines[2..],
        [
            "tell anna booking.reminder: no email (booked_inside_lead)",
            "plan reminder PT120M of b1 at 03 Dec 08:00",
        ]
    );
}

#[test]
fn where_the_tenant_wants_late_reminders_one_goes_at_once() {
    let settings =
        Settings { late_reminder: LateReminder::SendNow, ..in_rome(&[lead("P1D"), lead("PT6H")]) };
    let mut world = World::with(settings);
    world.now = at("2026-12-03T07:00:00Z");
    assert_eq!(
        told(world.does(request("b1"))),
        ["tell anna booking.confirmed: email", "tell anna booking.reminder: email"]
    );
    world.now = at(START);
    assert_eq!(
        told(world.does(request("b2"))),
        ["tell anna booking.confirmed: no email (too_late)"]
    );
}

#[test]
fn a_move_plans_anew() {
    let mut world = salon(&[lead("P1D")]);
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(
        world.does(reschedule("b1", LATER)),
        [
            "b1 is confirmed, 2026-12-04T15:30:00Z",
            "tell anna booking.rescheduled: email",
            "tell anna booking.reminder: no email (superseded)",
            "drop reminder P1D of b1",
            "plan reminder P1D of b1 at 03 Dec 15:30",
        ]
    );
    assert_eq!(world.passes(LATER), ["03 Dec 15:30 tell anna booking.reminder: email"]);
}

#[test]
fn other_rules_plan_anew_what_lies_ahead() {
    let mut world = salon(&[lead("P1D")]);
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(
        world.does(configure(in_rome(&[lead("PT3H"), lead("P3D")]))),
        ["plan reminder PT180M of b1 at 03 Dec 07:00"]
    );
    // That of the old rule does not go, and that is recorded.
    assert_eq!(
        world.passes(START),
        [
            "02 Dec 10:00 tell anna booking.reminder: no email (superseded)",
            "03 Dec 07:00 tell anna booking.reminder: email",
        ]
    );
}

#[test]
fn a_tenant_that_reminds_no_more_is_recorded_as_such() {
    let mut world = salon(&[lead("P1D")]);
    world.does(request("b1"));
    world.does(configure(in_rome(&[])));
    assert_eq!(world.passes(START), ["02 Dec 10:00 tell anna booking.reminder: off"]);
}

#[test]
fn another_zone_of_the_venue_plans_anew() {
    let mut world = salon(&[eve(1, 18)]);
    world.does(request("b1"));
    world.all_sent();
    let lisbon = Zone::parse("Europe/Lisbon").unwrap();
    world.does(configure(Settings { timezone: lisbon, ..in_rome(&[eve(1, 18)]) }));
    assert_eq!(world.passes(START), ["02 Dec 18:00 tell anna booking.reminder: email"]);
}

#[test]
fn who_takes_a_booking_over_is_reminded_instead() {
    let mut world = salon(&[lead("P1D")]);
    world.does(request("b1"));
    world.all_sent();
    let lines = world.does(reassign("b1", "bruno"));
    assert!(lines.contains(&"tell anna booking.reminder: no email (superseded)".to_owned()));
    assert_eq!(world.passes(START), ["02 Dec 10:00 tell bruno booking.reminder: email"]);
}

#[test]
fn what_is_over_is_not_reminded_of() {
    for end in [attend("b1"), miss("b1"), cancel("b1", Party::Staff), erase("anna")] {
        let mut world = salon(&[lead("P1D")]);
        world.does(request("b1"));
        let lines = world.does(end);
        assert!(lines.contains(&"drop reminder P1D of b1".to_owned()), "{lines:?}");
        assert_eq!(world.passes(START), [""; 0]);
    }
}

#[test]
fn it_carries_when_where_and_what() {
    let mut world = salon(&[lead("P1D")]);
    world.does(request("b1"));
    world.all_sent();
    world.sent.clear();
    world.passes(START);
    let [message] = world.sent.as_slice() else { panic!("one message") };
    assert_eq!((message.kind, message.deadline), (Kind::BookingReminder, Some(at(START))));
    assert_eq!(message.booking(), Some(&booking_id("b1")));
}
