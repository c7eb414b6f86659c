//! Every command on a booking in every state, before and after its start, in one picture.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;

const STATES: [BookingState; 6] = [
    BookingState::Pending,
    BookingState::Confirmed,
    BookingState::Declined,
    BookingState::Cancelled,
    BookingState::Attended,
    BookingState::NoShow,
];

/// What the last message about a booking in this state was, if there was one.
fn last_told(state: BookingState) -> Option<Kind> {
    match state {
        BookingState::Pending => Some(Kind::BookingPending),
        BookingState::Confirmed => Some(Kind::BookingConfirmed),
        BookingState::Declined => Some(Kind::BookingDeclined),
        BookingState::Cancelled => Some(Kind::BookingCancelled),
        BookingState::Attended | BookingState::NoShow => None,
    }
}

/// A salon with `b1` in this state, its last message still unsent or not.
fn world(state: BookingState, unsent: bool) -> World {
    let mut world = World::salon();
    world.does(request("b1"));
    let booking = Booking { state, ..world.booking("b1").clone() };
    let waiting = world.state.unsent(&booking.id)[0].clone();
    let kind = last_told(state).filter(|_| unsent);
    let waiting = kind.map(|kind| (booking.id.clone(), Unsent { kind, ..waiting }));
    let records = [
        Record::Settings(world.state.settings().unwrap().clone()),
        Record::Client(Arc::new(world.client("anna").clone())),
        Record::Client(Arc::new(world.client("bruno").clone())),
        Record::Booking(booking),
    ];
    world.state = TenantState::restore(records, waiting);
    world
}

fn steps() -> [(&'static str, Command); 10] {
    [
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
    ]
}

#[test]
fn every_command_in_every_state() {
    let mut picture = String::new();
    for (state, unsent, now) in STATES.into_iter().flat_map(|state| {
        let cases = [(true, NOON), (false, NOON), (false, START)];
        let told = last_told(state).is_some();
        cases
            .into_iter()
            .filter(move |case| told || !case.0)
            .map(move |case| (state, case.0, case.1))
    }) {
        let last = if unsent { "its last message unsent" } else { "every message sent" };
        let when = if now == START { ", at its start" } else { "" };
        writeln!(picture, "\n{}, {last}{when}", state.as_str()).unwrap();
        for (name, command) in steps() {
            let mut world = world(state, unsent);
            world.now = at(now);
            let result = match world.decide(&command) {
                Ok(_) => world.does(command).join("; "),
                Err(rejection) => format!("refused: {}", rejection.reason.as_str()),
            };
            let result = if result.is_empty() { "nobody is told" } else { &result };
            writeln!(picture, "  {name:18} {result}").unwrap();
        }
    }
    assert_snapshot!(picture);
}
