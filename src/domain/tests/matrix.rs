//! Every command on everything it may be about, in every state, before and after the start, in
//! one picture each.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;

/// A state's name, and how to get there.
type Way = (&'static str, fn() -> World);

/// What a command does, or why it is refused.
fn outcome(world: &World, command: &Command) -> String {
    let mut world = world.clone();
    match world.decide(command) {
        Ok(_) => {
            let lines = world.does(command.clone());
            if lines.is_empty() { "nobody is told".to_owned() } else { lines.join("; ") }
        }
        Err(rejection) => format!("refused: {}", rejection.reason.as_str()),
    }
}

/// Before the start with the last message unsent and sent, and from the start on.
fn picture(ways: &[Way], steps: &[(&str, Command)]) -> String {
    let mut picture = String::new();
    for (name, way) in ways {
        let mut world = way();
        for when in ["its last message unsent", "every message sent", "from the start on"] {
            match when {
                "every message sent" => world.all_sent(),
                "from the start on" => world.now = at(START),
                _ => {}
            }
            writeln!(picture, "\n{name}, {when}").unwrap();
            for (name, command) in steps {
                writeln!(picture, "  {name:18} {}", outcome(&world, command)).unwrap();
            }
        }
    }
    picture
}

fn booking_in(orders: &[fn() -> Command]) -> World {
    let mut world = World::by_hand();
    for order in orders {
        world.all_sent();
        world.does(order());
    }
    world
}

const BOOKINGS: [Way; 6] = [
    ("pending", || booking_in(&[|| request("b1")])),
    ("confirmed", || booking_in(&[|| request("b1"), || confirm("b1")])),
    ("declined", || booking_in(&[|| request("b1"), || decline("b1")])),
    ("cancelled", || {
        booking_in(&[|| request("b1"), || confirm("b1"), || cancel("b1", Party::Client)])
    }),
    ("attended", || booking_in(&[|| request("b1"), || confirm("b1"), || attend("b1")])),
    ("no_show", || booking_in(&[|| request("b1"), || confirm("b1"), || miss("b1")])),
];

#[test]
fn every_command_on_a_booking_in_every_state() {
    let steps = [
        ("request", request("b1")),
        ("confirm", confirm("b1")),
        ("decline", decline("b1")),
        ("cancel by staff", cancel("b1", Party::Staff)),
        ("cancel by client", cancel("b1", Party::Client)),
        ("reschedule", reschedule("b1", LATER)),
        ("to the same time", reschedule("b1", START)),
        ("reassign", reassign("b1", "bruno")),
        ("to the same client", reassign("b1", "anna")),
        ("annotate", annotate("b1", "a note")),
        ("attend", attend("b1")),
        ("no show", miss("b1")),
        ("will come", will_come("b1")),
    ];
    assert_snapshot!(picture(&BOOKINGS, &steps));
}

/// Anna has the only seat of `s1`; bruno waits by `e1`, carla by `e2`.
fn queue_in(orders: &[fn() -> Command]) -> World {
    let mut world = World::gym(1);
    for order in [|| seat("b1", "anna"), || join("e1", "bruno"), || join("e2", "carla")] {
        world.does(order());
    }
    for order in orders {
        world.all_sent();
        world.does(order());
    }
    world
}

fn free() -> Command {
    cancel("b1", Party::Client)
}

const ENTRIES: [Way; 7] = [
    ("waiting", || queue_in(&[])),
    ("offered", || queue_in(&[free])),
    ("accepted", || queue_in(&[free, || accept("e1")])),
    ("declined", || queue_in(&[free, || pass("e1")])),
    ("expired", || {
        let mut world = queue_in(&[free]);
        world.passes("2026-12-01T12:30:00Z");
        world
    }),
    ("left", || queue_in(&[|| leave("e1")])),
    ("closed", || queue_in(&[|| call_off("s1")])),
];

#[test]
fn every_command_on_a_place_in_a_queue_in_every_state() {
    let steps = [
        ("join", join("e1", "bruno")),
        ("join anew", join("e3", "bruno")),
        ("accept", accept("e1")),
        ("decline", pass("e1")),
        ("leave", leave("e1")),
    ];
    assert_snapshot!(picture(&ENTRIES, &steps));
}

fn payment_in(orders: &[fn() -> Command]) -> World {
    let mut world = World::with(gym_settings());
    for order in orders {
        world.all_sent();
        world.does(order());
    }
    world
}

const PAYMENTS: [Way; 4] = [
    ("requested", || payment_in(&[|| charge("p1", None)])),
    ("paid", || payment_in(&[|| charge("p1", None), || pay("p1")])),
    ("charged directly", || payment_in(&[|| charge("p1", Some(true))])),
    ("declined", || payment_in(&[|| charge("p1", None), || refuse_to_pay("p1")])),
];

#[test]
fn every_command_on_a_payment_in_every_state() {
    let steps =
        [("request", charge("p1", None)), ("accept", pay("p1")), ("decline", refuse_to_pay("p1"))];
    assert_snapshot!(picture(&PAYMENTS, &steps));
}

const SESSIONS: [Way; 3] = [
    ("empty", || World::gym(1)),
    ("full, with a queue", || queue_in(&[])),
    ("cancelled", || queue_in(&[|| call_off("s1")])),
];

#[test]
fn every_command_on_a_session_in_every_state() {
    let steps = [
        ("schedule", schedule("s1", 1)),
        ("schedule otherwise", schedule("s1", 7)),
        ("reschedule", move_session("s1", LATER)),
        ("to the same time", move_session("s1", START)),
        ("into the past", move_session("s1", "2026-12-01T09:00:00Z")),
        ("resize", resize("s1", 2)),
        ("to the same size", resize("s1", 1)),
        ("to nothing", resize("s1", 0)),
        ("cancel", call_off("s1")),
        ("a seat, or wait", seat("b9", "dora")),
    ];
    assert_snapshot!(picture(&SESSIONS, &steps));
}
