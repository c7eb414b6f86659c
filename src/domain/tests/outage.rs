//! The daemon did not run for a while, and is back.

use super::*;
use crate::domain::settings::{LastCall, OfferRules};

fn salon(rules: &[LeadRule]) -> World {
    let mut world = World::with(Settings { reminders: rules.to_vec(), ..email_only() });
    world.does(request("b1"));
    world.all_sent();
    world
}

/// Anna's seat is offered to bruno until half past twelve; carla waits.
fn offered() -> World {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.does(join("e2", "carla"));
    world.does(cancel("b1", Party::Client));
    world
}

#[test]
fn a_reminder_that_is_late_goes_as_long_as_it_is_of_use() {
    for (back, verdict) in [
        ("2026-12-03T08:59:00Z", "email"),
        ("2026-12-03T09:00:00Z", "email"),
        ("2026-12-03T09:01:00Z", "no email (too_late)"),
        ("2026-12-03T10:00:00Z", "no email (too_late)"),
        ("2026-12-05T00:00:00Z", "no email (too_late)"),
    ] {
        let mut world = salon(&[lead("P1D")]);
        let lines = world.sleeps(back);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with(&format!("tell anna booking.reminder: {verdict}")), "{back}");
    }
}

#[test]
fn a_reminder_close_to_the_start_is_not_late_by_that() {
    let mut world = salon(&[lead("PT30M")]);
    assert_eq!(world.passes(START), ["03 Dec 09:30 tell anna booking.reminder: email"]);
    // Nor by the moment that a restart takes.
    let mut world = salon(&[lead("PT30M")]);
    world.passes("2026-12-03T09:29:00Z");
    assert_eq!(
        world.sleeps("2026-12-03T09:35:00Z"),
        ["03 Dec 09:35 tell anna booking.reminder: email"]
    );
}

#[test]
fn of_several_late_ones_the_latest_goes() {
    let mut world = salon(&[lead("P1D"), lead("PT12H"), lead("PT2H")]);
    assert_eq!(
        world.sleeps("2026-12-03T08:30:00Z"),
        [
            "03 Dec 08:30 tell anna booking.reminder: no email (superseded)",
            "03 Dec 08:30 tell anna booking.reminder: no email (superseded)",
            "03 Dec 08:30 tell anna booking.reminder: email",
        ]
    );
}

#[test]
fn an_offer_lasts_longer_by_the_time_that_was_slept_through() {
    let mut world = offered();
    world.passes("2026-12-01T12:10:00Z");
    assert_eq!(world.sleeps("2026-12-01T13:00:00Z"), [""; 0]);
    let mut late = world.clone();
    assert_eq!(late.does(accept("e1"))[0], "queue e1 of bruno is accepted");
    // Twenty minutes were left at ten past twelve.
    world.passes("2026-12-01T13:19:00Z");
    assert_eq!(world.clone().does(accept("e1"))[0], "queue e1 of bruno is accepted");
    assert_eq!(
        world.passes("2026-12-01T13:20:00Z"),
        [
            "01 Dec 13:20 queue e1 of bruno is expired",
            "01 Dec 13:20 queue e2 of carla is offered until 01 Dec 13:50",
            "01 Dec 13:20 tell carla queue.offered: email",
            "01 Dec 13:20 tell bruno queue.expired: email",
        ]
    );
}

#[test]
fn two_outages_add_up_and_others_do_not_count() {
    let mut world = offered();
    world.passes("2026-12-01T12:10:00Z");
    world.sleeps("2026-12-01T13:00:00Z");
    world.passes("2026-12-01T13:10:00Z");
    world.sleeps("2026-12-01T14:00:00Z");
    // Ten minutes are left.
    assert_eq!(told(world.passes("2026-12-01T14:09:00Z")), [""; 0]);
    assert_eq!(told(world.passes("2026-12-01T14:10:00Z")).len(), 2);
    // Carla was offered the seat after both.
    assert_eq!(
        world.passes("2026-12-01T14:40:00Z")[0],
        "01 Dec 14:40 queue e2 of carla is expired"
    );
}

#[test]
fn nothing_is_offered_for_a_session_that_began_meanwhile() {
    for last_call in [LastCall::Stop, LastCall::Broadcast] {
        let mut world = offered();
        let offer = OfferRules { last_call, ..world.settings().offer };
        world.does(configure(Settings { offer, ..world.settings() }));
        assert_eq!(
            world.sleeps("2026-12-03T12:00:00Z"),
            [
                "03 Dec 12:00 queue e1 of bruno is expired",
                "03 Dec 12:00 tell bruno queue.expired: no email (expired)",
                "03 Dec 12:00 queue e2 of carla is closed",
                "03 Dec 12:00 tell carla queue.closed: email",
            ]
        );
        assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
    }
}

#[test]
fn a_page_of_a_notice_that_was_interrupted_goes_on() {
    use crate::domain::broadcast::{Audience, PAGE_CLIENTS};
    let mut world = World::with(email_only());
    for number in 0..PAGE_CLIENTS {
        world.knows(&format!("client {number:04}"), reachable("x"));
    }
    world.does(notice("n1", &[Channel::Email], Audience::default()));
    assert_eq!(told(world.sleeps("2026-12-02T12:00:00Z")).len(), 2);
}
