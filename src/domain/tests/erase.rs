//! Deleting keeps the person, erasing forgets them.

use super::*;
use crate::domain::broadcast::{Audience, PAGE_CLIENTS};
use crate::domain::decision::Record;
use crate::domain::message::Topic;
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::settings::ReviewRules;
use crate::domain::timer::{DueTimer, Timer};

#[test]
fn a_deleted_client_keeps_bookings_and_leaves_queues() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.all_sent();
    assert_eq!(world.does(delete("bruno")), ["queue e1 of bruno is left"]);
    world.does(delete("anna"));
    assert!(world.booking("b1").state.is_open());
    assert_eq!(
        told(world.does(cancel("b1", Party::Staff))),
        ["tell anna booking.cancelled: no email (client_deleted)"]
    );
    for command in [seat("b2", "anna"), join("e2", "anna")] {
        assert_eq!(world.refuses(command), RejectionReason::ClientDeleted);
    }
}

#[test]
fn an_erased_client_s_seats_are_free_without_a_word() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    assert_eq!(
        world.does(erase("anna")),
        [
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "queue e1 of bruno is offered until 01 Dec 12:30",
            "anna is erased",
            "withdraw booking.confirmed to anna: email",
            "tell bruno queue.offered: email",
            "drop win-back of anna",
        ]
    );
    assert_eq!(world.refuses(erase("anna")), RejectionReason::UnknownClient);
}

#[test]
fn who_is_erased_while_holding_an_offer_passes_it_on() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.does(join("e2", "carla"));
    world.does(cancel("b1", Party::Client));
    let lines = world.does(erase("bruno"));
    assert_eq!(
        lines[..2],
        ["queue e1 of bruno is left", "queue e2 of carla is offered until 01 Dec 12:30"]
    );
    assert!(lines.contains(&"withdraw queue.offered to bruno: email".to_owned()));
}

#[test]
fn nothing_personal_is_left_of_whoever_is_erased() {
    let mut world = World::with(gym_settings());
    world.knows("secret", reachable("secret"));
    world.all_sent();
    for (booking, then) in [("b1", attend as fn(&str) -> Command), ("b2", confirm), ("b3", miss)] {
        world.does(Command::RequestBooking(RequestBooking {
            client: client_id("secret"),
            notes: Some("a secret note".to_owned()),
            ..booked(booking, Party::Staff)
        }));
        world.does(then(booking));
    }
    let Command::RequestPayment(mut payment) = charge("p1", None) else { unreachable!() };
    payment.client = client_id("secret");
    payment.reason = "a secret reason".to_owned();
    world.does(Command::RequestPayment(payment));
    world.does(erase("secret"));
    assert!(world.state().client(&client_id("secret")).is_none());
    assert_eq!(world.state().unsent(&Topic::Payment(payment_id("p1"))), []);
    let left = format!("{:?}", world.state());
    for word in ["secret@example.com", "a secret note", "a secret reason"] {
        assert!(!left.contains(word), "{word}");
    }
    // What was counted stays.
    assert_eq!(world.state().bookings().count(), 3);
}

#[test]
fn who_comes_back_is_somebody_new() {
    let mut world = World::with(gym_settings());
    world.does(opt_out("anna", None, None));
    world.does(erase("anna"));
    assert_eq!(
        world.does(register("anna", reachable("anna"))),
        ["tell anna account.welcome: email"]
    );
    assert_eq!(world.client("anna").preferences, Default::default());
}

/// Erases anna, and gives her id to somebody new.
fn replaces_anna(world: &mut World) {
    world.does(erase("anna"));
    world.does(register("anna", reachable("somebody.new")));
    world.all_sent();
}

#[test]
fn a_notice_that_waits_for_the_morning_is_not_for_whoever_has_the_id_by_then() {
    let mut world = World::with(Settings { quiet_hours: quiet(11, 13), ..gym_settings() });
    world.does(notice("n1", &[Channel::Email], Audience::default()));
    world.passes("2026-12-01T12:10:00Z");
    replaces_anna(&mut world);
    // Who is only described anew is the same person.
    world.does(delete("bruno"));
    world.does(register("bruno", reachable("bruno")));
    assert_eq!(
        told(world.passes("2026-12-02T10:00:00Z")),
        ["01 Dec 13:00 tell bruno notice.manual: email"]
    );
}

#[test]
fn nor_is_the_next_page_of_one() {
    let mut world = World::with(gym_settings());
    for number in 0..PAGE_CLIENTS {
        world.knows(&format!("a{number:04}"), reachable("x"));
    }
    world.all_sent();
    world.does(notice("n1", &[Channel::Email], Audience::default()));
    world.now = at("2026-12-01T12:00:01Z");
    replaces_anna(&mut world);
    let lines = told(world.passes("2026-12-01T12:10:00Z"));
    assert_eq!(lines, ["01 Dec 12:00 tell bruno notice.manual: email"]);
}

#[test]
fn nobody_is_asked_how_somebody_else_s_visit_was() {
    let review = Some(ReviewRules {
        after: SignedDuration::from_hours(2),
        every: SignedDuration::from_hours(24),
        url: "https://example.com/review".to_owned(),
    });
    let mut world = World::with(Settings { review, ..gym_settings() });
    world.does(request("b1"));
    world.does(attend("b1"));
    replaces_anna(&mut world);
    assert_eq!(world.passes(LATER), [""; 0]);
}

#[test]
fn a_reminder_that_waits_for_the_morning_is_nobody_s_any_more() {
    let reminders = vec![lead("PT12H")];
    let mut world =
        World::with(Settings { quiet_hours: quiet(21, 8), reminders, ..gym_settings() });
    world.now = at("2026-12-02T21:30:00Z");
    world.does(request("b1"));
    assert_eq!(world.planned().len(), 1);
    replaces_anna(&mut world);
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn a_series_that_waits_is_nobody_s_any_more() {
    let mut world = World::salon();
    let dated = |booking: &str| {
        let series = Some(series_id("tuesdays"));
        Command::RequestBooking(RequestBooking { series, ..booked(booking, Party::Client) })
    };
    world.does(dated("b1"));
    replaces_anna(&mut world);
    world.now = at("2026-12-01T12:01:00Z");
    world.does(dated("b2"));
    world.passes(START);
    let told: Vec<_> = world.sent.iter().filter_map(|message| message.booking()).collect();
    assert_eq!(told, [&booking_id("b2")]);
}

#[test]
fn what_was_somebody_s_is_not_given_to_whoever_has_their_id() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(charge("p1", None));
    replaces_anna(&mut world);
    for command in [confirm("b1"), pay("p1"), refuse_to_pay("p1")] {
        assert_eq!(world.refuses(command), RejectionReason::UnknownClient);
    }
    world.does(seat("b2", "anna"));
    assert_eq!(world.refuses(seat("b3", "anna")), RejectionReason::AlreadyBooked);
}

/// Anna has more than a decision reaches: two visits ahead, one behind, and a payment.
fn anna_of_pages() -> World {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    for booking in ["b2", "b3"] {
        world.does(request(booking));
    }
    world.does(annotate("b2", "a secret note"));
    world.does(cancel("b3", Party::Staff));
    world.does(charge("p1", None));
    world.sent.clear();
    world.page = 1;
    world
}

#[test]
fn who_has_many_bookings_is_forgotten_page_by_page() {
    let mut world = anna_of_pages();
    assert_eq!(
        world.does(erase("anna")),
        ["anna is erased", "plan the next to forget behind 0 at 01 Dec 12:00", WIN_BACK]
    );
    // For whoever looks, all is so at once.
    assert!(world.state().unsent_topics().next().is_none(), "nothing of hers may leave any more");
    assert_eq!(world.state().open_bookings(&client_id("anna")).count(), 0);
    assert!(!format!("{:?}", world.state()).contains("secret"));
    assert_eq!(world.refuses(erase("anna")), RejectionReason::UnknownClient);
    // What it means for others comes with the pages.
    let lines = world.passes(NOON);
    for line in [
        "b1 is cancelled, 2026-12-03T10:00:00Z",
        "b2 is cancelled, 2026-12-03T10:00:00Z",
        "queue e1 of bruno is offered until 01 Dec 12:30",
        "tell bruno queue.offered: email",
    ] {
        assert!(lines.contains(&format!("01 Dec 12:00 {line}")), "{line}: {lines:#?}");
    }
    assert!(world.planned().iter().all(|planned| !format!("{planned:?}").contains("Erasure")));
    assert!(world.sent.iter().all(|message| message.client == client_id("bruno")));
}

const WIN_BACK: &str = "drop win-back of anna";

#[test]
fn who_gets_the_id_between_two_pages_is_somebody_else() {
    let mut world = anna_of_pages();
    world.does(erase("anna"));
    world.does(register("anna", reachable("somebody.new")));
    world.does(request("b9"));
    world.does(annotate("b9", "a note of theirs"));
    for command in [confirm("b2"), pay("p1")] {
        assert_eq!(world.refuses(command), RejectionReason::UnknownClient);
    }
    world.passes(NOON);
    let theirs = world.booking("b9");
    assert!(theirs.state.is_open() && !theirs.erased);
    assert_eq!(theirs.notes.as_deref(), Some("a note of theirs"));
    let told: Vec<_> = world.sent.iter().filter(|m| m.client == client_id("anna")).collect();
    assert!(told.iter().all(|m| m.booking().is_none_or(|b| *b == booking_id("b9"))), "{told:?}");
    assert_eq!(told.len(), 2, "a welcome and a confirmation");
}

/// Thousands of bookings are neither one decision nor one transaction.
#[test]
fn no_erasure_is_one_decision() {
    let mut world = World::salon();
    let mut records = vec![
        Record::Settings(world.state().settings().unwrap().clone()),
        Record::Client(std::sync::Arc::new(world.client("anna").clone())),
    ];
    world.does(request("b"));
    for number in 0..5_000 {
        let id = booking_id(&format!("b{number}"));
        records.push(Record::Booking(Booking { id, ..world.booking("b").clone() }));
    }
    world.rehearsal = world.rehearsal.with_state(TenantState::restore(records, []));
    let bound = 2 * PAGE_PEOPLE;
    let decision = world.decide(&erase("anna")).unwrap();
    assert!(decision.changes.len() + decision.events.len() + decision.timers.len() <= bound);
    world.does(erase("anna"));
    let mut pages = 0;
    while let Some(page) = world.planned().into_iter().find(is_page) {
        pages += 1;
        let decision = world.fires(&page);
        assert!(decision.changes.len() <= bound && decision.events.len() <= bound);
        assert!(decision.forgotten.is_some_and(|told| told.bookings.len() <= PAGE_PEOPLE));
    }
    assert_eq!(pages, 5_000 / PAGE_PEOPLE);
    assert!(world.state().bookings().all(|booking| booking.erased && !booking.state.is_open()));
}

fn is_page(planned: &DueTimer) -> bool {
    matches!(planned.timer, Timer::ErasurePage { .. })
}
