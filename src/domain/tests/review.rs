//! After a visit: how it was, and whether they come again.

use super::*;
use crate::domain::message::Facts;
use crate::domain::settings::ReviewRules;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Asks two hours after a visit, at most once a week; misses a client after thirty days.
fn salon() -> World {
    World::with(settings())
}

fn settings() -> Settings {
    let url = "https://example.com/review".to_owned();
    Settings {
        review: Some(ReviewRules { after: hours(2), every: hours(7 * 24), url }),
        win_back_after: Some(hours(30 * 24)),
        ..gym_settings()
    }
}

fn visit(world: &mut World, booking: &str, starts_at: &str) -> Vec<String> {
    let starts_at = at(starts_at);
    let ends_at = Some(starts_at + hours(1));
    let asked = booked(booking, Party::Client);
    world.does(Command::RequestBooking(RequestBooking {
        starts_at: Some(starts_at),
        ends_at,
        ..asked
    }));
    world.passes_to(starts_at);
    world.does(attend(booking))
}

#[test]
fn a_visit_is_remembered_and_plans_what_follows() {
    let mut world = salon();
    assert_eq!(
        visit(&mut world, "b1", START),
        [
            "b1 is attended, 2026-12-03T10:00:00Z",
            "plan review of b1 at 03 Dec 13:00",
            "plan win-back of anna at 02 Jan 10:00",
        ]
    );
    assert_eq!(world.client("anna").last_visit, Some(at(START)));
    assert_eq!(world.does(attend("b1")), ["already done"]);
    assert_eq!(
        world.passes("2027-03-01T00:00:00Z"),
        [
            "03 Dec 13:00 tell anna review.requested: email",
            "02 Jan 10:00 tell anna client.win_back: email",
        ]
    );
    let reviews = world.sent.iter().filter_map(|message| match &message.facts {
        Facts::Review(facts) => Some(facts.url.as_str()),
        _ => None,
    });
    assert_eq!(reviews.collect::<Vec<_>>(), ["https://example.com/review"]);
}

#[test]
fn who_is_noted_before_the_visit_is_asked_after_it() {
    for (ends_at, due) in [(None, "12:00"), (Some("2026-12-03T11:00:00Z"), "13:00")] {
        let mut world = salon();
        let ends_at = ends_at.map(at);
        let asked = RequestBooking { ends_at, ..booked("b1", Party::Client) };
        world.does(Command::RequestBooking(asked));
        world.does(attend("b1"));
        assert_eq!(
            told(world.passes("2027-03-01T00:00:00Z")),
            [
                format!("03 Dec {due} tell anna review.requested: email"),
                "02 Jan 10:00 tell anna client.win_back: email".to_owned(),
            ]
        );
        assert_eq!(world.client("anna").visited, Some(at(START)));
    }
}

#[test]
fn what_the_tenant_no_longer_asks_is_recorded() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    world.does(configure(Settings { review: None, win_back_after: None, ..settings() }));
    assert_eq!(
        world.passes("2027-03-01T00:00:00Z"),
        [
            "03 Dec 13:00 tell anna review.requested: off",
            "02 Jan 10:00 tell anna client.win_back: off",
        ]
    );
}

#[test]
fn who_did_not_come_is_asked_nothing() {
    let mut world = salon();
    world.does(request("b1"));
    world.passes(START);
    assert_eq!(world.does(miss("b1")), ["b1 is no_show, 2026-12-03T10:00:00Z"]);
    assert_eq!(world.passes("2027-03-01T00:00:00Z"), [""; 0]);
}

#[test]
fn one_is_asked_at_most_so_often_whether_one_answers_or_not() {
    let mut world = salon();
    visit(&mut world, "b1", "2026-12-03T10:00:00Z");
    visit(&mut world, "b2", "2026-12-06T10:00:00Z");
    let lines = world.passes("2026-12-10T12:00:00Z");
    assert_eq!(lines, ["06 Dec 13:00 tell anna review.requested: no email (frequency_capped)"]);
    visit(&mut world, "b3", "2026-12-10T12:30:00Z");
    let lines = world.passes("2026-12-11T00:00:00Z");
    assert_eq!(lines, ["10 Dec 15:30 tell anna review.requested: email"]);
}

#[test]
fn both_wait_for_the_morning() {
    let mut world = World::with(Settings { quiet_hours: quiet(13, 14), ..settings() });
    let lines = visit(&mut world, "b1", START);
    assert_eq!(lines[1], "plan review of b1 at 03 Dec 14:00");
    let lines = world.sleeps("2027-02-02T13:30:00Z");
    assert_eq!(
        lines,
        [
            "02 Feb 13:30 plan review of b1 at 02 Feb 14:00",
            "02 Feb 13:30 plan win-back of anna at 02 Feb 14:00",
        ]
    );
    assert_eq!(
        told(world.passes("2027-02-03T00:00:00Z")),
        [
            "02 Feb 14:00 tell anna review.requested: email",
            "02 Feb 14:00 tell anna client.win_back: email",
        ]
    );
}

#[test]
fn who_comes_again_is_missed_later() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    visit(&mut world, "b2", "2026-12-20T10:00:00Z");
    let lines = world.passes("2027-03-01T00:00:00Z");
    assert_eq!(lines.last().unwrap(), "19 Jan 10:00 tell anna client.win_back: email");
    assert_eq!(lines.iter().filter(|line| line.contains("win_back")).count(), 1);
}

#[test]
fn who_has_something_ahead_is_looked_at_after_it() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    world.does(request_at("b2", "2027-01-10T10:00:00Z"));
    world.passes("2027-01-01T00:00:00Z");
    assert_eq!(
        world.passes("2027-01-05T00:00:00Z"),
        [
            "02 Jan 10:00 tell anna client.win_back: no email (booked_ahead)",
            "02 Jan 10:00 plan win-back of anna at 09 Feb 10:00",
        ]
    );
    // Never attended: thirty days after it.
    assert_eq!(
        world.passes("2027-03-01T00:00:00Z"),
        ["09 Feb 10:00 tell anna client.win_back: email"]
    );
}

#[test]
fn switching_it_on_writes_to_nobody_whose_time_has_passed() {
    let mut world = World::with(Settings { win_back_after: None, ..settings() });
    visit(&mut world, "b1", START);
    world.passes("2027-03-01T00:00:00Z");
    assert_eq!(world.does(configure(settings())), [""; 0]);
    assert_eq!(world.passes("2027-06-01T00:00:00Z"), [""; 0]);
}

#[test]
fn a_longer_wait_puts_it_off_and_a_shorter_one_brings_it_forward() {
    for (days, due) in [(60, "01 Feb 10:00"), (10, "13 Dec 10:00")] {
        let mut world = salon();
        visit(&mut world, "b1", START);
        let wait = Some(hours(days * 24));
        world.does(configure(Settings { win_back_after: wait, ..settings() }));
        let lines = world.passes("2027-06-01T00:00:00Z");
        let tell = format!("{due} tell anna client.win_back: email");
        assert_eq!(told(lines).last(), Some(&tell));
    }
}

#[test]
fn other_quiet_hours_put_it_off_and_do_not_lose_it() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    world.does(configure(Settings { quiet_hours: quiet(9, 11), ..settings() }));
    let lines = told(world.passes("2027-06-01T00:00:00Z"));
    assert_eq!(lines.last().unwrap(), "02 Jan 11:00 tell anna client.win_back: email");
}

#[test]
fn whom_one_misses_is_told_the_day_of_the_visit_and_not_when_it_was_noted() {
    let mut world = salon();
    for (booking, starts_at) in
        [("earlier", "2026-12-10T10:00:00Z"), ("later", "2026-12-20T10:00:00Z")]
    {
        let starts_at = Some(at(starts_at));
        let asked = RequestBooking { starts_at, ..booked(booking, Party::Client) };
        world.does(Command::RequestBooking(asked));
    }
    world.passes("2026-12-21T09:00:00Z");
    for booking in ["later", "earlier"] {
        world.does(attend(booking));
    }
    world.passes("2027-06-01T00:00:00Z");
    let missed = world.sent.iter().find_map(|message| match &message.facts {
        Facts::WinBack(facts) => Some(facts.last_visit),
        _ => None,
    });
    assert_eq!(missed, Some(at("2026-12-20T10:00:00Z")));
}

#[test]
fn who_is_deleted_is_told_no_more_and_that_is_recorded() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    assert_eq!(world.does(delete("anna")), [""; 0]);
    assert_eq!(
        world.passes("2027-03-01T00:00:00Z"),
        [
            "03 Dec 13:00 tell anna review.requested: no email (client_deleted)",
            "02 Jan 10:00 tell anna client.win_back: no email (client_deleted)",
        ]
    );
}

#[test]
fn who_comes_back_is_missed_again() {
    let mut world = salon();
    visit(&mut world, "b1", START);
    world.does(delete("anna"));
    assert_eq!(
        world.does(register("anna", reachable("anna"))),
        ["tell anna account.welcome: email", "plan win-back of anna at 02 Jan 10:00"]
    );
}
