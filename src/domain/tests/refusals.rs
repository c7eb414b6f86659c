//! What a refusal says, and what not.

use super::*;
use crate::domain::broadcast::Audience;

/// Where an id belongs, somebody's address may stand.
#[test]
fn no_refusal_repeats_what_may_be_an_address() {
    let a = "anna@example.com";
    let address = |command: Command| -> String {
        // Bruno's name is an address as well, and so is all that is his.
        let mut world = World::gym(1);
        world.does(register(a, reachable("x")));
        world.does(Command::ScheduleSession(Box::new(yoga(a, 1))));
        world.does(Command::RequestBooking(RequestBooking {
            client: client_id(a),
            starts_at: None,
            session: Some(session_id(a)),
            ..booked(a, Party::Staff)
        }));
        let (session, client) = (session_id(a), client_id("bruno"));
        world.does(Command::JoinQueue { session, client, entry: entry_id(a) });
        world.does(charge(a, None));
        world.does(pay(a));
        world.does(notice(a, &[Channel::Email], Audience::default()));
        let rejection = world.decide(&command).unwrap_err();
        format!("{}: {}", rejection.reason.as_str(), rejection.detail)
    };
    let seat = |booking: &str, client: &str| {
        Command::RequestBooking(RequestBooking {
            client: client_id(client),
            starts_at: None,
            session: Some(session_id(a)),
            ..booked(booking, Party::Staff)
        })
    };
    let at_another_time = match seat("b9", "carla") {
        Command::RequestBooking(request) => {
            Command::RequestBooking(RequestBooking { starts_at: Some(at(LATER)), ..request })
        }
        other => other,
    };
    let join = |entry: &str, client: &str| Command::JoinQueue {
        session: session_id(a),
        client: client_id(client),
        entry: entry_id(entry),
    };
    let known = [
        seat(a, "carla"),
        seat("b9", "carla"),
        seat("b9", a),
        at_another_time,
        decline(a),
        reschedule(a, LATER),
        Command::ScheduleSession(Box::new(yoga(a, 9))),
        resize(a, 0),
        join(a, "carla"),
        accept(a),
        pass(a),
        charge(a, None),
        refuse_to_pay(a),
        notice(a, &[Channel::Email], Audience::default()),
    ];
    let nobody = "nobody@example.com";
    let unknown = [
        update(nobody, reachable("x")),
        confirm(nobody),
        call_off(nobody),
        leave(nobody),
        pay(nobody),
        configure(Settings { plan: nobody.to_owned(), ..gym_settings() }),
    ];
    for command in known.into_iter().chain(unknown) {
        let detail = address(command);
        assert!(!detail.contains('@'), "{detail}");
    }
}

#[test]
fn one_of_an_unknown_id_names_the_field_and_of_a_known_one_the_id() {
    let mut world = World::salon();
    let mut detail = |command| world.decide(&command).unwrap_err().detail;
    assert_eq!(detail(confirm("b1")), "booking: there is no such booking");
    assert_eq!(detail(leave("e1")), "entry: there is no such place in a queue");
    world.does(request("b1"));
    let mut detail = |command| world.decide(&command).unwrap_err().detail;
    assert_eq!(detail(decline("b1")), "booking b1 is confirmed and cannot be declined");
    assert_eq!(detail(request("b1")), "booking: booking b1 exists already");
}
