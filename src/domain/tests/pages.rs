//! What is decided on a session reaches few people at a time, and is so for all at once.

use super::*;
use crate::domain::decision::Record;
use crate::domain::message::Facts;
use crate::domain::roster::Rank;
use crate::domain::session::{CAPACITY_MAX, Entry, EntryState, PAGE_PEOPLE, QUEUE_MAX};
use crate::domain::settings::{LastCall, OfferRules};

const NOW: &str = NOON;
/// When an offer made now is over.
const HELD: &str = "2026-12-01T12:30:00Z";

/// Anna, bruno and carla have `b1` to `b3`, dora waits by `e1`; a decision reaches one of them.
fn full() -> World {
    full_with(gym_settings())
}

fn full_with(settings: Settings) -> World {
    let mut world = World::gym_with(3, settings);
    for (booking, client) in [("b1", "anna"), ("b2", "bruno"), ("b3", "carla"), ("e1", "dora")] {
        world.does(seat(booking, client));
    }
    world.all_sent();
    world.page = 1;
    world
}

#[test]
fn a_session_is_called_off_page_by_page_and_each_hears_it_once() {
    let mut world = full();
    assert_eq!(
        world.does(call_off("s1")),
        [
            "session s1 is cancelled",
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "tell anna session.cancelled: email",
            "plan the next page of s1 at 01 Dec 12:00",
        ]
    );
    assert_eq!(world.does(call_off("s1")), ["already done"]);
    assert_eq!(
        told(world.passes(NOW)),
        [
            "01 Dec 12:00 tell bruno session.cancelled: email",
            "01 Dec 12:00 tell carla session.cancelled: email",
            "01 Dec 12:00 tell dora queue.closed: email",
        ]
    );
    assert_eq!(world.passes(START), [""; 0]);
    let reasons = world.sent.iter().rev().take(4).map(|message| match &message.facts {
        Facts::Booking(facts) => facts.reason.as_deref(),
        Facts::Queue(facts) => facts.reason.as_deref(),
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [Some("no teacher"); 4]);
}

#[test]
fn whose_page_has_not_come_finds_the_session_called_off() {
    let mut world = full();
    world.does(call_off("s1"));
    assert_eq!(world.does(cancel("b3", Party::Client)), ["already done"]);
    assert_eq!(world.refuses(confirm("b3")), RejectionReason::SessionCancelled);
    for command in [attend("b3"), will_come("b3"), reassign("b3", "dora"), leave("e1")] {
        assert_eq!(world.refuses(command), RejectionReason::IllegalTransition);
    }
    assert_eq!(world.refuses(seat("b9", "dora")), RejectionReason::SessionCancelled);
    // A note changes nothing of what is still to be told.
    world.does(annotate("b3", "knows it already"));
    let lines = told(world.passes(NOW));
    assert!(lines.contains(&"01 Dec 12:00 tell carla session.cancelled: email".to_owned()));
}

#[test]
fn a_session_moves_page_by_page_and_whoever_comes_before_is_told_the_new_time() {
    let mut world = full();
    assert_eq!(
        world.does(move_session("s1", LATER)),
        [
            "session s1 is at 04 Dec 15:30, 3 seats",
            "b1 is confirmed, 2026-12-04T15:30:00Z",
            "tell anna booking.rescheduled: email",
            "plan the next page of s1 at 01 Dec 12:00",
        ]
    );
    assert_eq!(
        world.does(cancel("b2", Party::Client)),
        [
            "b2 is cancelled, 2026-12-04T15:30:00Z",
            "queue e1 of dora is offered until 01 Dec 12:30",
            "tell bruno booking.rescheduled: no email (superseded)",
            "tell bruno booking.cancelled: email",
            "tell dora queue.offered: email",
        ]
    );
    assert_eq!(
        world.does(will_come("b3")),
        [
            "b3 is confirmed, 2026-12-04T15:30:00Z",
            "b3 is confirmed, 2026-12-04T15:30:00Z",
            "tell carla booking.rescheduled: email",
        ]
    );
    assert_eq!(told(world.passes(NOW)), [""; 0], "everybody knows");
    assert!(world.booking("b3").attendance_confirmed);
}

#[test]
fn moved_twice_before_their_page_they_hear_of_the_last_time_only() {
    let mut world = full();
    world.does(move_session("s1", LATER));
    world.all_sent();
    world.does(move_session("s1", "2026-12-05T10:00:00Z"));
    world.passes(NOW);
    let times = |client: &str| -> Vec<Timestamp> {
        let moved = world.sent.iter().filter(|message| message.kind == Kind::BookingRescheduled);
        let own = moved.filter(|message| message.client == client_id(client));
        own.filter_map(|message| match &message.facts {
            Facts::Booking(facts) => Some(facts.starts_at),
            _ => None,
        })
        .collect()
    };
    let last = at("2026-12-05T10:00:00Z");
    assert_eq!(times("anna"), [at(LATER), last]);
    assert_eq!((times("bruno"), times("carla")), (vec![last], vec![last]));
    // And moved back, those whose page had not come were never moved.
    let mut back = full();
    back.does(move_session("s1", LATER));
    back.all_sent();
    back.does(move_session("s1", START));
    assert_eq!(told(back.passes(NOW)), [""; 0]);
    assert_eq!(back.booking("b1").starts_at, at(START));
}

#[test]
fn who_was_not_told_of_a_move_hears_of_the_end_at_the_time_they_know() {
    let mut world = full();
    world.does(move_session("s1", LATER));
    world.does(call_off("s1"));
    world.passes(NOW);
    for (client, starts_at) in [("anna", LATER), ("bruno", START), ("carla", START)] {
        let mut sent = world.sent.iter().rev();
        let last = sent.find(|message| message.client == client_id(client)).unwrap();
        let Facts::Booking(facts) = &last.facts else { panic!("a booking") };
        assert_eq!((last.kind, facts.starts_at), (Kind::SessionCancelled, at(starts_at)));
    }
}

#[test]
fn reminders_of_a_time_that_is_over_are_not_sent_before_the_page() {
    let mut settings = gym_settings();
    settings.reminders = vec![lead("P1D")];
    let mut world = full_with(settings);
    world.passes("2026-12-02T09:59:00Z");
    world.does(move_session("s1", LATER));
    // The pages come late, after the old reminders' time.
    world.now = at("2026-12-02T10:00:00Z");
    let lines = told(world.passes("2026-12-03T15:30:00Z"));
    let of = |client: &str| -> Vec<&str> {
        let own = lines.iter().filter(|line| line.contains(client));
        own.filter(|line| line.ends_with(": email")).map(|line| &line[..12]).collect()
    };
    assert_eq!(of("carla booking.rem"), ["03 Dec 15:30"]);
    assert_eq!(of("carla booking.res"), ["02 Dec 10:00"]);
}

#[test]
fn nobody_overtakes_those_who_are_about_to_be_offered_a_seat() {
    let mut world = World::gym(1);
    world.knows("eva", reachable("eva"));
    for (booking, client) in [("b1", "anna"), ("e1", "bruno"), ("e2", "carla"), ("e3", "dora")] {
        world.does(seat(booking, client));
    }
    world.all_sent();
    world.page = 1;
    assert_eq!(
        world.does(resize("s1", 4)),
        [
            "session s1 is at 03 Dec 10:00, 4 seats",
            "queue e1 of bruno is offered until 01 Dec 12:30",
            "tell bruno queue.offered: email",
            "plan the next page of s1 at 01 Dec 12:00",
        ]
    );
    assert_eq!(world.does(seat("b9", "eva"))[0], "queue b9 of eva is waiting");
    let lines = told(world.passes(NOW));
    assert_eq!(lines, ["01 Dec 12:00 tell dora queue.offered: email"], "carla had it with b9");
    assert_eq!(world.refuses(resize("s1", 3)), RejectionReason::SeatsTaken);
}

#[test]
fn what_was_offered_to_everybody_is_over_for_all_at_once() {
    let offer = OfferRules { last_call: LastCall::Broadcast, ..gym_settings().offer };
    let mut world = World::gym_with(1, Settings { offer, ..gym_settings() });
    for (booking, client) in [("b1", "anna"), ("e1", "bruno"), ("e2", "carla"), ("e3", "dora")] {
        world.does(seat(booking, client));
    }
    world.now = at("2026-12-03T09:41:00Z");
    world.does(cancel("b1", Party::Client));
    world.all_sent();
    world.page = 1;
    assert_eq!(
        world.does(accept("e3")),
        [
            "queue e3 of dora is accepted",
            "e3 is confirmed, 2026-12-03T10:00:00Z",
            "queue e1 of bruno is expired",
            "tell dora queue.accepted: email",
            "tell bruno queue.expired: email",
            "plan the next page of s1 at 03 Dec 09:41",
        ]
    );
    assert_eq!(world.refuses(accept("e2")), RejectionReason::OfferExpired);
    assert_eq!(world.refuses(pass("e2")), RejectionReason::OfferExpired);
    assert_eq!(world.refuses(seat("b9", "carla")), RejectionReason::AlreadyQueued);
    assert_eq!(
        told(world.passes("2026-12-03T09:41:00Z")),
        ["03 Dec 09:41 tell carla queue.expired: email"]
    );
}

#[test]
fn who_waits_when_it_starts_is_told_page_by_page() {
    let mut world = World::gym(1);
    for (booking, client) in [("b1", "anna"), ("e1", "bruno"), ("e2", "carla"), ("e3", "dora")] {
        world.does(seat(booking, client));
    }
    world.page = 2;
    let lines = told(world.passes(START));
    let closed = |name| format!("03 Dec 10:00 tell {name} queue.closed: email");
    assert_eq!(lines, [closed("bruno"), closed("carla"), closed("dora")]);
}

#[test]
fn a_page_that_was_taken_up_does_nothing() {
    let mut world = full();
    world.does(move_session("s1", LATER));
    assert_eq!(
        world.does(call_off("s1"))[..2],
        ["session s1 is cancelled", "b1 is cancelled, 2026-12-04T15:30:00Z"]
    );
    let pages = world
        .planned()
        .into_iter()
        .filter(|planned| matches!(planned.timer, crate::domain::timer::Timer::SessionPage { .. }));
    assert_eq!(pages.count(), 1);
}

/// What pages do change: whoever is told first has the last of the month's text messages. Who gets
/// what they do not.
#[test]
fn the_seat_goes_to_the_same_whoever_has_the_last_text_message() {
    let mut settings = gym_settings();
    everything(&mut settings, Channels::of(&[Channel::Email, Channel::Sms]));
    settings.sms_quota = Some(100);
    let mut world = World::gym_with(1, settings.clone());
    world.provided = Channels::ALL;
    for (booking, client) in [("b1", "anna"), ("e1", "bruno"), ("e2", "carla"), ("e3", "dora")] {
        world.does(seat(booking, client));
    }
    world.does(cancel("b1", Party::Client));
    world.does(opt_out("carla", None, None));
    world.all_sent();
    settings.sms_quota = Some(world.state().usage().segments + 1);
    world.does(configure(settings));
    for (page, offered, lost) in [
        (PAGE_PEOPLE, "email, sms", "email, no sms (quota_exhausted)"),
        (1, "email, no sms (quota_exhausted)", "email, sms"),
    ] {
        let mut world = world.clone();
        world.page = page;
        let lines = world.passes(HELD);
        for line in [
            "queue e1 of bruno is expired".to_owned(),
            "queue e2 of carla is expired".to_owned(),
            "queue e3 of dora is offered until 01 Dec 13:00".to_owned(),
            format!("tell dora queue.offered: {offered}"),
            format!("tell bruno queue.expired: {lost}"),
        ] {
            assert!(lines.contains(&format!("01 Dec 12:30 {line}")), "{page}: {line} {lines:#?}");
        }
    }
}

/// A session as full as can be, with as long a queue as can be.
fn crowd(people: usize) -> World {
    let mut world = World::gym(u32::try_from(people).unwrap());
    let session = world.state().session(&session_id("s1")).unwrap().clone();
    let client = std::sync::Arc::new(world.client("anna").clone());
    let mut records = vec![Record::Settings(world.state().settings().unwrap().clone())];
    records.push(Record::Client(client.clone()));
    for number in 0..people {
        let name = format!("{number:05}");
        let id = client_id(&name);
        records.push(Record::Client(Client { id: id.clone(), ..(*client).clone() }.into()));
        records.push(Record::Booking(Booking {
            client: id.clone(),
            session: Some(session.id.clone()),
            ..seat_at(&session, &format!("b{name}"))
        }));
        let waits = client_id(&format!("w{name}"));
        records.push(Record::Client(Client { id: waits.clone(), ..(*client).clone() }.into()));
        records.push(Record::Entry(Entry {
            id: entry_id(&format!("e{name}")),
            session: session.id.clone(),
            client: waits,
            place: number as u64 + 1,
            state: EntryState::Waiting,
            booking: None,
        }));
    }
    records.push(Record::Session(session));
    world.rehearsal = world.rehearsal.with_state(TenantState::restore(records, []));
    world
}

fn seat_at(session: &crate::domain::session::Session, id: &str) -> Booking {
    Booking {
        id: booking_id(id),
        client: client_id("anna"),
        state: crate::domain::booking::BookingState::Confirmed,
        starts_at: session.starts_at,
        ends_at: Some(session.ends_at),
        service: None,
        session: Some(session.id.clone()),
        series: None,
        notes: None,
        sequence: 0,
        attendance_confirmed: false,
        attendance_asked: false,
        guest: false,
        together: None,
        erased: false,
        early: None,
        waited: false,
    }
}

/// Every command on a session writes and says as much of a crowd of thousands as of hundreds.
#[test]
fn no_decision_grows_with_the_crowd() {
    let people = CAPACITY_MAX.min(u32::try_from(QUEUE_MAX).unwrap()) as usize;
    let bound = 4 * PAGE_PEOPLE;
    let mut world = crowd(people);
    let more = resize("s1", CAPACITY_MAX);
    assert_eq!(world.does(more), ["already done"]);
    for command in [
        call_off("s1"),
        move_session("s1", LATER),
        move_session("s1", "2026-12-01T11:00:00Z"),
        cancel("b00007", Party::Staff),
        reassign("b00007", "w09999"),
        erase("00007"),
        join("e", "anna"),
        leave("e09999"),
    ] {
        let decided = world.clone().decide(&command);
        let Ok(decision) = decided else {
            assert_eq!(decided.unwrap_err().reason, RejectionReason::QueueFull);
            continue;
        };
        let rows = decision.changes.len();
        assert!((1..=bound).contains(&rows), "{command:?} writes {rows} rows");
        assert!(decision.messages.len() <= bound && decision.events.len() <= bound);
        assert!(decision.timers.len() <= bound, "{command:?}");
    }
    world.does(call_off("s1"));
    world.passes(NOW);
    assert_eq!(world.state().tally(&session_id("s1")), Default::default());
    assert_eq!(world.state().line(&session_id("s1"), Rank::Waiting, 0..u64::MAX).count(), 0);
}
