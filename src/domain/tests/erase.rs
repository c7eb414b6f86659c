//! Deleting keeps the person, erasing forgets them.

use super::*;
use crate::domain::message::Topic;

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
