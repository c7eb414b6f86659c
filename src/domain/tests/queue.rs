//! The queue before a session's door: who is offered a seat, until when, and what becomes of it.

use super::*;
use crate::domain::message::Facts;
use crate::domain::settings::{LastCall, OfferRules};

/// Anna has the only seat of `s1`; bruno waits by `e1`, carla by `e2`, dora by `e3`.
fn queue() -> World {
    queue_with(gym_settings())
}

fn queue_with(settings: Settings) -> World {
    let mut world = World::gym_with(1, settings);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.does(join("e2", "carla"));
    world.does(join("e3", "dora"));
    world.all_sent();
    world
}

fn last_call(last_call: LastCall) -> Settings {
    let offer = OfferRules { last_call, ..gym_settings().offer };
    Settings { offer, ..gym_settings() }
}

fn free() -> Command {
    cancel("b1", Party::Client)
}

#[test]
fn who_finds_no_seat_waits_and_is_told_nothing_yet() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    assert_eq!(world.does(seat("b2", "bruno")), ["queue b2 of bruno is waiting"]);
    assert_eq!(world.does(seat("b2", "bruno")), ["already done"]);
    assert_eq!(world.does(join("e2", "carla")), ["queue e2 of carla is waiting"]);
    assert_eq!(world.refuses(join("e2", "dora")), RejectionReason::EntryExists);
    assert_eq!(world.refuses(join("e3", "carla")), RejectionReason::AlreadyQueued);
    assert_eq!(world.refuses(join("e3", "anna")), RejectionReason::AlreadyBooked);
}

#[test]
fn who_joins_where_a_seat_is_free_is_offered_it_at_once() {
    let mut world = World::gym(1);
    assert_eq!(
        world.does(join("e1", "bruno")),
        [
            "queue e1 of bruno is waiting",
            "queue e1 of bruno is offered until 01 Dec 12:30",
            "tell bruno queue.offered: email",
        ]
    );
}

#[test]
fn a_seat_that_comes_free_is_offered_to_the_first_alone() {
    let mut world = queue();
    assert_eq!(
        world.does(free()),
        [
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "queue e1 of bruno is offered until 01 Dec 12:30",
            "tell anna booking.cancelled: email",
            "tell bruno queue.offered: email",
        ]
    );
    // The offer is a seat that is taken.
    let Command::RequestBooking(other) = seat("b9", "anna") else { unreachable!() };
    let other = RequestBooking { join_queue: false, ..other };
    assert_eq!(world.refuses(Command::RequestBooking(other)), RejectionReason::SessionFull);
}

#[test]
fn the_offer_says_until_when() {
    let mut world = queue();
    world.does(free());
    world.all_sent();
    let message = world.sent.last().unwrap();
    let Facts::Queue(facts) = &message.facts else { panic!("an offer") };
    let until = Some(at("2026-12-01T12:30:00Z"));
    assert_eq!((facts.until, message.deadline), (until, until));
    assert_eq!((facts.activity.as_str(), facts.starts_at), ("Yoga", at(START)));
}

#[test]
fn accepted_in_time_the_seat_is_theirs_and_that_is_said_once() {
    let mut world = queue();
    let mut settings = world.settings();
    settings.reminders = vec![lead("P1D")];
    world.does(configure(settings));
    world.does(free());
    world.all_sent();
    world.passes("2026-12-01T12:29:00Z");
    assert_eq!(
        world.does(accept("e1")),
        [
            "queue e1 of bruno is accepted",
            "e1 is confirmed, 2026-12-03T10:00:00Z",
            "tell bruno queue.accepted: email",
            "plan reminder P1D of e1 at 02 Dec 10:00",
        ]
    );
    assert_eq!(world.does(accept("e1")), ["already done"]);
    assert_eq!(world.booking("e1").ends_at, Some(at("2026-12-03T11:00:00Z")));
    assert_eq!(world.passes(START)[0], "02 Dec 10:00 tell bruno booking.reminder: email");
}

#[test]
fn the_new_booking_may_have_an_id_of_its_own() {
    let mut world = queue();
    world.does(free());
    let (entry, booking) = (entry_id("e1"), Some(booking_id("b1")));
    let taken = Command::AcceptOffer { entry: entry.clone(), booking };
    assert_eq!(world.refuses(taken), RejectionReason::BookingExists);
    let booking = Some(booking_id("b7"));
    let lines = world.does(Command::AcceptOffer { entry, booking });
    assert_eq!(lines[1], "b7 is confirmed, 2026-12-03T10:00:00Z");
}

#[test]
fn a_request_takes_the_seat_that_was_offered() {
    let mut world = queue();
    world.does(free());
    world.all_sent();
    assert_eq!(
        world.does(seat("b2", "bruno")),
        [
            "queue e1 of bruno is accepted",
            "b2 is confirmed, 2026-12-03T10:00:00Z",
            "tell bruno booking.confirmed: email",
        ]
    );
    // And no second one, where there is another.
    let mut world = queue();
    world.does(leave("e2"));
    world.does(leave("e3"));
    world.does(resize("s1", 3));
    assert_eq!(world.does(seat("b2", "bruno"))[0], "queue e1 of bruno is accepted");
}

#[test]
fn the_turn_goes_on_when_it_is_declined_left_or_over() {
    for go_on in [pass("e1"), leave("e1"), delete("bruno"), erase("bruno")] {
        let mut world = queue();
        world.does(free());
        world.all_sent();
        let lines = world.does(go_on);
        assert!(
            lines.contains(&"queue e2 of carla is offered until 01 Dec 12:30".to_owned()),
            "{lines:?}"
        );
        assert_eq!(told(lines), ["tell carla queue.offered: email"]);
    }
    let mut world = queue();
    world.does(free());
    assert_eq!(
        world.passes("2026-12-01T12:30:00Z"),
        [
            "01 Dec 12:30 queue e1 of bruno is expired",
            "01 Dec 12:30 queue e2 of carla is offered until 01 Dec 13:00",
            "01 Dec 12:30 tell carla queue.offered: email",
            "01 Dec 12:30 tell bruno queue.expired: email",
        ]
    );
    assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
}

#[test]
fn at_the_end_of_the_window_it_is_too_late_even_before_the_timer() {
    let mut world = queue();
    world.does(free());
    world.now = at("2026-12-01T12:30:00Z");
    assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
    assert_eq!(world.refuses(pass("e1")), RejectionReason::OfferExpired);
}

#[test]
fn an_offer_that_is_over_is_refused_alike_to_who_takes_it_and_who_declines_it() {
    let mut world = queue();
    world.does(free());
    world.passes("2026-12-01T12:30:00Z");
    assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
    assert_eq!(world.refuses(pass("e1")), RejectionReason::OfferExpired);
    // Who never had one has nothing to decline.
    assert_eq!(world.refuses(pass("e3")), RejectionReason::IllegalTransition);
}

#[test]
fn whether_the_seat_went_to_somebody_else_is_told_as_it_is() {
    let lost = |world: &World| {
        let mut sent = world.sent.iter();
        let message = sent.rfind(|message| message.kind == Kind::QueueExpired);
        match &message.unwrap().facts {
            Facts::Queue(facts) => (facts.shared, facts.passed_on),
            _ => panic!("an offer"),
        }
    };
    let mut world = queue();
    world.does(free());
    world.passes("2026-12-01T12:30:00Z");
    assert_eq!(lost(&world), (false, true), "carla has it on offer");
    let mut alone = queue();
    alone.does(leave("e2"));
    alone.does(leave("e3"));
    alone.does(free());
    alone.passes("2026-12-01T12:30:00Z");
    assert_eq!(lost(&alone), (false, false), "nobody is next");
    let mut faster = queue_with(last_call(LastCall::Broadcast));
    faster.now = at("2026-12-03T09:41:00Z");
    faster.does(free());
    faster.does(accept("e2"));
    faster.all_sent();
    assert_eq!(lost(&faster), (true, true), "carla took it");
}

#[test]
fn who_joins_again_goes_to_the_back() {
    let mut world = queue();
    world.does(free());
    world.does(pass("e1"));
    assert_eq!(world.does(join("e9", "bruno")), ["queue e9 of bruno is waiting"]);
    let lines = world.does(pass("e2"));
    assert_eq!(lines[1], "queue e3 of dora is offered until 01 Dec 12:30");
    let lines = world.does(pass("e3"));
    assert_eq!(lines[1], "queue e9 of bruno is offered until 01 Dec 12:30");
}

#[test]
fn who_accepted_and_then_cancelled_is_not_offered_the_seat_before_the_others() {
    let mut world = queue();
    world.does(free());
    world.does(accept("e1"));
    assert_eq!(
        world.does(cancel("e1", Party::Client))[1],
        "queue e2 of carla is offered until 01 Dec 12:30"
    );
}

#[test]
fn two_seats_are_two_offers() {
    let mut world = queue();
    assert_eq!(
        world.does(resize("s1", 3)),
        [
            "session s1 is at 03 Dec 10:00, 3 seats",
            "queue e1 of bruno is offered until 01 Dec 12:30",
            "queue e2 of carla is offered until 01 Dec 12:30",
            "tell bruno queue.offered: email",
            "tell carla queue.offered: email",
        ]
    );
}

#[test]
fn an_offer_ends_before_the_cutoff() {
    for (now, until) in [
        ("2026-12-03T09:14:00Z", "03 Dec 09:44"),
        ("2026-12-03T09:20:00Z", "03 Dec 09:45"),
        ("2026-12-03T09:40:00Z", "03 Dec 09:45"),
    ] {
        let mut world = queue();
        world.now = at(now);
        let lines = world.does(free());
        assert_eq!(lines[1], format!("queue e1 of bruno is offered until {until}"));
    }
}

#[test]
fn where_too_little_time_is_left_nobody_is_offered_anything() {
    for now in ["2026-12-03T09:41:00Z", "2026-12-03T09:45:00Z", "2026-12-03T09:50:00Z", START] {
        let mut world = queue();
        world.now = at(now);
        assert_eq!(world.does(free()).len(), 2, "{now}");
    }
}

#[test]
fn from_the_cutoff_on_not_even_everybody() {
    for now in ["2026-12-03T09:45:00Z", "2026-12-03T09:50:00Z", START] {
        let mut world = queue_with(last_call(LastCall::Broadcast));
        world.now = at(now);
        assert_eq!(world.does(free()).len(), 2, "{now}");
    }
}

#[test]
fn or_everybody_at_once_and_the_first_wins() {
    let mut world = queue_with(last_call(LastCall::Broadcast));
    world.now = at("2026-12-03T09:41:00Z");
    assert_eq!(
        world.does(free()),
        [
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "queue e1 of bruno is offered until 03 Dec 09:45, the first wins",
            "queue e2 of carla is offered until 03 Dec 09:45, the first wins",
            "queue e3 of dora is offered until 03 Dec 09:45, the first wins",
            "tell anna booking.cancelled: email",
            "tell bruno queue.offered: email",
            "tell carla queue.offered: email",
            "tell dora queue.offered: email",
        ]
    );
    world.all_sent();
    assert_eq!(
        world.does(accept("e2")),
        [
            "queue e2 of carla is accepted",
            "e2 is confirmed, 2026-12-03T10:00:00Z",
            "queue e1 of bruno is expired",
            "queue e3 of dora is expired",
            "tell carla queue.accepted: email",
            "tell bruno queue.expired: email",
            "tell dora queue.expired: email",
        ]
    );
    assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
}

#[test]
fn a_request_also_wins_what_was_offered_to_everybody() {
    let mut world = queue_with(last_call(LastCall::Broadcast));
    world.now = at("2026-12-03T09:41:00Z");
    world.does(free());
    let lines = world.does(seat("b2", "carla"));
    assert_eq!(lines[0], "queue e2 of carla is accepted");
    assert!(lines.contains(&"queue e1 of bruno is expired".to_owned()));
    assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
}

#[test]
fn at_the_cutoff_the_last_call_is_over() {
    let mut world = queue_with(last_call(LastCall::Broadcast));
    world.now = at("2026-12-03T09:41:00Z");
    world.does(free());
    let lines = told(world.passes("2026-12-03T09:59:00Z"));
    assert_eq!(
        lines,
        [
            "03 Dec 09:45 tell bruno queue.expired: email",
            "03 Dec 09:45 tell carla queue.expired: email",
            "03 Dec 09:45 tell dora queue.expired: email",
        ]
    );
}

#[test]
fn who_still_waits_when_it_starts_waits_no_more() {
    let mut world = queue();
    assert_eq!(
        world.passes(START),
        [
            "03 Dec 10:00 queue e1 of bruno is closed",
            "03 Dec 10:00 queue e2 of carla is closed",
            "03 Dec 10:00 queue e3 of dora is closed",
            "03 Dec 10:00 tell bruno queue.closed: email",
            "03 Dec 10:00 tell carla queue.closed: email",
            "03 Dec 10:00 tell dora queue.closed: email",
        ]
    );
}

#[test]
fn a_session_moved_nearer_shortens_its_offers() {
    let mut world = queue();
    world.does(free());
    world.all_sent();
    assert_eq!(
        world.does(move_session("s1", "2026-12-01T12:40:00Z")),
        [
            "session s1 is at 01 Dec 12:40, 1 seats",
            "queue e1 of bruno is offered until 01 Dec 12:25",
        ]
    );
    let mut world = queue();
    world.does(free());
    world.all_sent();
    let lines = world.does(move_session("s1", "2026-12-01T12:14:00Z"));
    assert_eq!(lines[1], "queue e1 of bruno is expired");
    assert_eq!(told(lines), ["tell bruno queue.expired: email"]);
}

#[test]
fn an_offer_that_nobody_has_heard_of_is_told_with_the_new_date() {
    let mut world = queue();
    world.does(free());
    assert_eq!(
        world.does(move_session("s1", LATER)),
        [
            "session s1 is at 04 Dec 15:30, 1 seats",
            "withdraw queue.offered to bruno: email",
            "tell bruno queue.offered: email",
        ]
    );
    world.all_sent();
    let Facts::Queue(facts) = &world.sent.last().unwrap().facts else { panic!("an offer") };
    let until = Some(at("2026-12-01T12:30:00Z"));
    assert_eq!((facts.starts_at, facts.until), (at(LATER), until));
}
