//! A seat ends the wait for one, however it comes; and an offer that nobody hears of is none.

use super::*;
use crate::domain::settings::{Approval, LastCall, OfferRules};

const HELD: &str = "2026-12-01T12:30:00Z";

/// Two seats: anna has `b1`, carla `b3`. Bruno waits by `e1`, dora by `e2`.
fn full() -> World {
    full_with(gym_settings())
}

fn full_with(settings: Settings) -> World {
    let mut world = World::gym_with(2, settings);
    world.does(seat("b1", "anna"));
    world.does(seat("b3", "carla"));
    world.does(join("e1", "bruno"));
    world.does(join("e2", "dora"));
    world.all_sent();
    world
}

/// The seat of the next who cancels goes to dora, and bruno hears nothing more of the queue.
fn the_next_seat_is_for_dora(mut world: World, seat: &str) {
    world.all_sent();
    assert_eq!(world.does(accept("e1")), ["already done"]);
    let lines = world.does(cancel(seat, Party::Client));
    assert_eq!(lines[1], "queue e2 of dora is offered until 01 Dec 12:30");
    let later = world.passes(START);
    assert!(later.iter().all(|line| !line.contains("bruno queue")), "{later:?}");
}

#[test]
fn a_seat_that_is_reassigned_to_who_waits() {
    let mut world = full();
    assert_eq!(
        world.does(reassign("b1", "bruno")),
        [
            "queue e1 of bruno is accepted",
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "tell anna booking.cancelled: email",
            "tell bruno booking.confirmed: email",
        ]
    );
    the_next_seat_is_for_dora(world, "b3");
}

#[test]
fn a_seat_that_is_reassigned_to_who_has_one_on_offer_frees_that_for_the_next() {
    let mut world = full();
    world.does(cancel("b3", Party::Client));
    world.all_sent();
    assert_eq!(
        world.does(reassign("b1", "bruno")),
        [
            "queue e1 of bruno is accepted",
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "queue e2 of dora is offered until 01 Dec 12:30",
            "tell anna booking.cancelled: email",
            "tell bruno booking.confirmed: email",
            "tell dora queue.offered: email",
        ]
    );
    assert_eq!(world.passes(HELD)[0], "01 Dec 12:30 queue e2 of dora is expired");
}

#[test]
fn a_seat_that_is_booked_while_waiting() {
    // Too late for offers, so that a seat is free while two wait.
    let mut world = full();
    world.now = at("2026-12-03T09:50:00Z");
    world.does(cancel("b3", Party::Client));
    for by in [Party::Client, Party::Staff] {
        let request = RequestBooking {
            client: client_id("bruno"),
            starts_at: None,
            session: Some(session_id("s1")),
            ..booked("b9", by)
        };
        let lines = world.clone().does(Command::RequestBooking(request));
        assert_eq!(
            lines[..2],
            ["queue e1 of bruno is accepted", "b9 is confirmed, 2026-12-03T10:00:00Z"]
        );
        assert_eq!(told(lines), ["tell bruno booking.confirmed: email"]);
    }
}

#[test]
fn a_booking_that_is_reinstated_while_its_client_waits_again() {
    let mut world = full();
    world.does(cancel("b3", Party::Client));
    world.does(accept("e1"));
    world.does(join("e3", "carla"));
    world.does(leave("e2"));
    world.does(cancel("b1", Party::Client));
    world.all_sent();
    // Carla has the seat on offer: it is hers to be reinstated on.
    assert_eq!(
        world.does(confirm("b3")),
        [
            "queue e3 of carla is accepted",
            "b3 is confirmed, 2026-12-03T10:00:00Z",
            "tell carla booking.confirmed: email",
        ]
    );
    assert_eq!(world.refuses(confirm("b1")), RejectionReason::SessionFull);
    assert_eq!(world.refuses(join("e9", "carla")), RejectionReason::AlreadyBooked);
}

#[test]
fn a_seat_won_otherwise_ends_what_was_offered_to_everybody() {
    let offer = OfferRules { last_call: LastCall::Broadcast, ..gym_settings().offer };
    let mut world = full_with(Settings { offer, ..gym_settings() });
    world.now = at("2026-12-03T09:41:00Z");
    world.does(cancel("b3", Party::Client));
    world.all_sent();
    assert_eq!(
        world.does(reassign("b1", "bruno"))[..2],
        ["queue e1 of bruno is accepted", "b1 is confirmed, 2026-12-03T10:00:00Z"]
    );
    // The other seat is still to be had.
    assert_eq!(world.does(accept("e2"))[0], "queue e2 of dora is accepted");
}

#[test]
fn an_offer_that_nobody_hears_of_passes_to_the_next_at_once() {
    let unreachable = ClientFields { email: Some(Contact::Absent), ..ClientFields::default() };
    for (silence, why) in [
        (opt_out("bruno", None, None), "opted_out"),
        (opt_out("bruno", Some(Channel::Email), None), "opted_out"),
        (opt_out("bruno", None, Some(Kind::QueueOffered)), "opted_out"),
        (update("bruno", unreachable), "no_address"),
    ] {
        let mut world = full();
        world.does(silence);
        assert_eq!(
            world.does(cancel("b3", Party::Client)),
            [
                "b3 is cancelled, 2026-12-03T10:00:00Z",
                "queue e1 of bruno is expired",
                "queue e2 of dora is offered until 01 Dec 12:30",
                "tell carla booking.cancelled: email",
                &format!("tell bruno queue.offered: no email ({why})"),
                "tell dora queue.offered: email",
            ]
        );
        assert_eq!(world.refuses(accept("e1")), RejectionReason::OfferExpired);
    }
}

#[test]
fn where_the_next_would_hear_as_little_the_offer_stands() {
    let on_offer = "queue e1 of bruno is offered until 01 Dec 12:30";
    // The app tells of it.
    let mut off = full();
    let mut settings = off.settings();
    everything(&mut settings, Channels::of(&[]));
    off.does(configure(settings));
    assert_eq!(off.does(cancel("b3", Party::Client))[1], on_offer);
    let mut unprovided = full();
    unprovided.provided = Channels::of(&[]);
    assert_eq!(unprovided.does(cancel("b3", Party::Client))[1], on_offer);
}

#[test]
fn the_last_call_goes_to_those_who_hear_it() {
    let offer = OfferRules { last_call: LastCall::Broadcast, ..gym_settings().offer };
    let mut world = full_with(Settings { offer, ..gym_settings() });
    world.does(opt_out("bruno", None, None));
    world.now = at("2026-12-03T09:41:00Z");
    assert_eq!(
        world.does(cancel("b3", Party::Client))[1..3],
        [
            "queue e1 of bruno is expired",
            "queue e2 of dora is offered until 03 Dec 09:45, the first wins",
        ]
    );
}

#[test]
fn where_nobody_can_be_told_the_seat_is_to_be_had() {
    let mut world = full();
    for client in ["bruno", "dora"] {
        world.does(opt_out(client, None, None));
    }
    world.does(cancel("b3", Party::Client));
    assert_eq!(world.does(seat("b9", "carla"))[0], "b9 is confirmed, 2026-12-03T10:00:00Z");
}

fn for_a_guest(booking: &str, client: &str) -> Command {
    match seat(booking, client) {
        Command::RequestBooking(request) => {
            Command::RequestBooking(RequestBooking { guest: true, ..request })
        }
        other => other,
    }
}

#[test]
fn a_client_has_one_seat_of_a_session() {
    let mut world = World::gym(5);
    world.does(seat("b1", "anna"));
    world.does(seat("b2", "bruno"));
    assert_eq!(world.refuses(seat("b3", "anna")), RejectionReason::AlreadyBooked);
    assert_eq!(world.refuses(reassign("b2", "anna")), RejectionReason::AlreadyBooked);
    // Nor by one that was called off, and comes back.
    world.does(cancel("b1", Party::Client));
    world.does(seat("b3", "anna"));
    assert_eq!(world.refuses(confirm("b1")), RejectionReason::AlreadyBooked);
    world.does(cancel("b3", Party::Client));
    world.does(confirm("b1"));
}

#[test]
fn and_more_for_guests() {
    let mut world = World::gym(4);
    world.does(for_a_guest("b1", "anna"));
    world.does(seat("b2", "anna"));
    world.does(for_a_guest("b3", "anna"));
    world.does(seat("b4", "bruno"));
    let (booking, client) = (booking_id("b4"), client_id("anna"));
    world.does(Command::ReassignBooking { booking, client, guest: true });
    assert!(world.booking("b4").guest);
    // Called off and reinstated, it is still the guest's.
    world.does(cancel("b3", Party::Client));
    world.does(confirm("b3"));
    // A guest does not wait, and the client's own wait does not end with a guest's seat.
    assert_eq!(world.refuses(for_a_guest("b5", "anna")), RejectionReason::SessionFull);
    world.does(cancel("b2", Party::Client));
    world.does(seat("b6", "bruno"));
    world.does(join("e1", "anna"));
    world.does(cancel("b1", Party::Client));
    assert_eq!(
        told(world.does(accept("e1"))),
        ["withdraw queue.offered to anna: email", "tell anna queue.accepted: email"]
    );
}

#[test]
fn an_offer_to_a_client_is_no_seat_for_their_guest() {
    let mut world = World::gym_with(2, gym_settings());
    world.does(for_a_guest("b1", "anna"));
    world.does(seat("b3", "carla"));
    world.does(join("e1", "anna"));
    world.does(cancel("b1", Party::Client));
    assert_eq!(world.refuses(confirm("b1")), RejectionReason::SessionFull);
    world.does(accept("e1"));
}

/// A tenant who tells nothing of bookings that are agreed, but of the queue.
fn classes() -> World {
    let mut settings = Settings::of_profile("Gym", Profile::Classes);
    settings.plan = "pro".to_owned();
    settings.require_verified_email = false;
    settings.reminders = Vec::new();
    let mut world = full_with(settings);
    world.provided = Channels::ALL;
    world
}

fn last_accepted(world: &World) -> bool {
    match &world.sent.last().unwrap().facts {
        crate::domain::message::Facts::Booking(facts) => facts.accepted,
        _ => panic!("a booking"),
    }
}

#[test]
fn whose_wait_ends_with_a_seat_hears_of_it_where_bookings_are_not_told() {
    let off = "tell bruno booking.confirmed: off";
    let ends = "tell bruno queue.accepted: email, push";
    let mut world = classes();
    assert_eq!(told(world.does(reassign("b1", "bruno")))[1..], [off, ends]);
    world.all_sent();
    assert!(!last_accepted(&world));
    // With a seat of their own on offer.
    let mut world = classes();
    world.does(cancel("b3", Party::Client));
    world.all_sent();
    assert_eq!(told(world.clone().does(seat("b9", "bruno"))), [off, ends]);
    assert_eq!(told(world.does(accept("e1"))), [ends]);
    world.all_sent();
    assert!(last_accepted(&world), "who accepted is told so");
    // Reinstated.
    let mut world = classes();
    world.does(cancel("b3", Party::Client));
    world.does(accept("e1"));
    world.does(join("e3", "carla"));
    world.does(leave("e2"));
    world.does(cancel("b1", Party::Client));
    world.all_sent();
    assert_eq!(
        told(world.does(confirm("b3"))),
        ["tell carla booking.confirmed: off", "tell carla queue.accepted: email, push"]
    );
    // Who did not wait hears nothing more than before.
    let mut world = classes();
    world.does(leave("e2"));
    assert_eq!(told(world.does(reassign("b1", "dora")))[1..], ["tell dora booking.confirmed: off"]);
}

#[test]
fn whose_wait_ends_with_a_request_hears_of_it_once_that_is_agreed() {
    let ends = "tell bruno queue.accepted: email, push";
    let mut world = classes();
    let manual = Settings { approval: Approval::Manual, ..world.settings() };
    world.does(configure(manual));
    world.does(cancel("b3", Party::Client));
    world.all_sent();
    let asked = told(world.does(seat("b9", "bruno")));
    assert!(!asked.iter().any(|line| line.contains("queue.accepted")), "{asked:?}");
    assert!(told(world.does(confirm("b9"))).contains(&ends.to_owned()));
    world.all_sent();
    // Not again.
    world.does(leave("e2"));
    world.does(cancel("b9", Party::Client));
    assert!(!told(world.does(confirm("b9"))).contains(&ends.to_owned()));
}

#[test]
fn nobody_hears_twice_on_a_channel_that_the_wait_has_ended() {
    let mut world = classes();
    let mut settings = world.settings();
    let confirmed = BTreeMap::from([(Channel::Email, true)]);
    settings.toggles.insert(Kind::BookingConfirmed, confirmed);
    world.does(configure(settings));
    world.does(reassign("b1", "bruno"));
    let lines = told(world.does(move_session("s1", LATER)));
    for line in ["tell bruno booking.confirmed: email", "tell bruno queue.accepted: push"] {
        assert_eq!(lines.iter().filter(|told| *told == line).count(), 1, "{lines:?}");
    }
    let told = world.unsent("b1").iter().filter(|unsent| unsent.client == client_id("bruno"));
    assert_eq!(told.count(), 2);
}

#[test]
fn who_books_a_series_while_waiting_hears_of_that_seat_at_once() {
    let mut world = full();
    world.does(cancel("b3", Party::Client));
    world.all_sent();
    let Command::RequestBooking(request) = seat("b9", "bruno") else { unreachable!() };
    let series = Some(series_id("tuesdays"));
    let lines = world.does(Command::RequestBooking(RequestBooking { series, ..request }));
    assert!(lines.contains(&"tell bruno booking.confirmed: email".to_owned()), "{lines:?}");
}
