//! What clients write back.

use super::*;
use crate::domain::reply::{Reply, Word};

const NUMBER: &str = "+393331234567";

fn writes(world: &mut World, text: &str) -> Vec<String> {
    let from = PhoneNumber::parse(NUMBER).unwrap();
    world.does(Command::TakeReply(Reply { from, word: Word::of(text) }))
}

/// Gives everybody but Anna another number.
fn alone(world: &mut World) {
    for (place, name) in ["bruno", "carla", "dora"].into_iter().enumerate() {
        let mut profile = reachable(name);
        let number = format!("+39333000000{place}");
        profile.phone = Some(Contact::Known(PhoneNumber::parse(&number).unwrap()));
        world.does(register(name, profile));
    }
}

/// Anna has a seat of `s1`, may cancel it freely until the evening before at 18:00, and was asked.
fn asked() -> World {
    let mut world = World::with(gym_settings());
    alone(&mut world);
    let mut session = yoga("s1", 2);
    session.free_cancel_until = Some(at("2026-12-02T18:00:00Z"));
    world.does(Command::ScheduleSession(Box::new(session)));
    world.does(seat("b1", "anna"));
    world.passes("2026-12-02T17:00:00Z");
    world
}

/// Carla has the only seat of `s1`, Anna waits for it, and it is offered to her.
fn offered() -> World {
    let mut world = World::gym(1);
    alone(&mut world);
    world.does(seat("b1", "carla"));
    world.does(join("w1", "anna"));
    world.does(cancel("b1", Party::Client));
    world.all_sent();
    world
}

#[test]
fn stop_and_start_are_wishes_for_text_messages() {
    let mut world = World::salon();
    alone(&mut world);
    assert_eq!(writes(&mut world, "STOP"), ["anna wrote: client.opt_out"]);
    assert!(world.client("anna").preferences.excludes(Channel::Sms, Kind::BookingConfirmed));
    assert!(!world.client("anna").preferences.excludes(Channel::Email, Kind::BookingConfirmed));
    assert_eq!(writes(&mut world, "stop"), ["anna wrote: client.opt_out"], "every reply is told");
    assert_eq!(writes(&mut world, "Start"), ["anna wrote: client.opt_in"]);
    assert!(!world.client("anna").preferences.excludes(Channel::Sms, Kind::BookingConfirmed));
}

#[test]
fn other_words_are_told_and_nothing_follows() {
    let mut world = World::gym(1);
    alone(&mut world);
    world.does(seat("b1", "anna"));
    // Nothing was asked: a "no" calls nothing off.
    for text in ["cancel", "thank you", "yes", "no"] {
        assert_eq!(writes(&mut world, text), ["anna wrote: something"], "{text}");
    }
    assert!(world.booking("b1").state.is_open());
}

#[test]
fn a_number_that_nobody_has_says_nothing() {
    let mut world = World::salon();
    alone(&mut world);
    world.does(Command::EraseClient(client_id("anna")));
    assert_eq!(writes(&mut world, "STOP"), [""; 0]);
}

#[test]
fn yes_and_no_answer_whether_they_will_come() {
    let mut world = asked();
    let lines = writes(&mut world, "Sì");
    assert_eq!(lines.last().unwrap(), "anna wrote: booking.confirm_attendance");
    assert!(world.booking("b1").attendance_confirmed);
    assert_eq!(writes(&mut world, "no"), ["anna wrote: something"], "it is answered");

    let mut world = asked();
    let lines = writes(&mut world, "NO");
    assert!(lines.contains(&"anna wrote: booking.cancel".to_owned()), "{lines:?}");
    assert!(!world.booking("b1").state.is_open());
}

#[test]
fn too_late_is_no_answer() {
    let mut world = asked();
    world.passes("2026-12-02T18:00:00Z");
    assert_eq!(writes(&mut world, "no"), ["anna wrote: something"]);
    assert!(world.booking("b1").state.is_open());
}

#[test]
fn yes_and_no_answer_an_offer() {
    let mut world = offered();
    let lines = writes(&mut world, "yes");
    assert!(lines.contains(&"anna wrote: queue.accept".to_owned()), "{lines:?}");
    assert!(lines.contains(&"queue w1 of anna is accepted".to_owned()), "{lines:?}");
    let mut world = offered();
    let lines = writes(&mut world, "nej");
    assert!(lines.contains(&"queue w1 of anna is declined".to_owned()), "{lines:?}");
}

#[test]
fn of_two_things_nobody_guesses_which() {
    let mut world = asked();
    let mut other = yoga("s2", 1);
    other.starts_at = at("2026-12-04T10:00:00Z");
    other.ends_at = at("2026-12-04T11:00:00Z");
    world.does(Command::ScheduleSession(Box::new(other)));
    let of_other = |booking: &str, client: &str| {
        let Command::RequestBooking(mut request) = seat(booking, client) else {
            panic!("a request")
        };
        request.session = Some(session_id("s2"));
        request.starts_at = None;
        Command::RequestBooking(request)
    };
    world.does(of_other("b2", "carla"));
    let join = Command::JoinQueue {
        session: session_id("s2"),
        client: client_id("anna"),
        entry: entry_id("w2"),
    };
    world.does(join);
    world.does(cancel("b2", Party::Client));
    assert_eq!(writes(&mut world, "yes"), ["anna wrote: something"]);
    world.does(will_come("b1"));
    let lines = writes(&mut world, "yes");
    assert!(lines.contains(&"anna wrote: queue.accept".to_owned()), "{lines:?}");
}
