//! One booking's life, command by command. The whole table is in [`super::matrix`].

use super::*;
use crate::domain::id::ServiceId;
use crate::domain::message::{BookingFacts, Facts};
use crate::domain::settings::Service;

/// What the only message of the decision tells.
fn facts(decision: &Decision) -> &BookingFacts {
    match decision.messages.as_slice() {
        [message] => match &message.facts {
            Facts::Booking(facts) => facts,
            _ => panic!("not about a booking"),
        },
        messages => panic!("{} messages", messages.len()),
    }
}

#[test]
fn a_client_s_booking_waits_where_the_tenant_approves_by_hand() {
    let mut world = World::by_hand();
    assert_eq!(
        world.does(request("b1")),
        ["b1 is pending, 2026-12-03T10:00:00Z", "tell anna booking.pending: email",]
    );
    world.all_sent();
    assert_eq!(
        world.does(confirm("b1")),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: email",]
    );
}

#[test]
fn a_booking_by_staff_is_never_pending() {
    let mut world = World::by_hand();
    assert_eq!(
        world.does(Command::RequestBooking(booked("b1", Party::Staff))),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: email",]
    );
}

#[test]
fn a_booking_id_is_used_once() {
    let mut world = World::salon();
    world.does(request("b1"));
    assert_eq!(world.refuses(request("b1")), RejectionReason::BookingExists);
    world.does(cancel("b1", Party::Client));
    assert_eq!(world.refuses(request("b1")), RejectionReason::BookingExists);
}

#[test]
fn an_unknown_booking_is_refused_by_every_command() {
    let mut world = World::salon();
    for command in [
        confirm("b1"),
        decline("b1"),
        cancel("b1", Party::Client),
        reschedule("b1", LATER),
        reassign("b1", "bruno"),
        annotate("b1", "x"),
    ] {
        assert_eq!(world.refuses(command), RejectionReason::UnknownBooking);
    }
}

#[test]
fn no_booking_ends_before_it_starts() {
    let mut world = World::salon();
    let mut backwards = booked("b1", Party::Client);
    backwards.ends_at = Some(at("2026-12-03T09:59:59Z"));
    assert_eq!(world.refuses(Command::RequestBooking(backwards)), RejectionReason::InvalidTime);
    world.does(request("b1"));
    let command = Command::RescheduleBooking {
        booking: booking_id("b1"),
        starts_at: at(LATER),
        ends_at: Some(at(START)),
    };
    assert_eq!(world.refuses(command), RejectionReason::InvalidTime);
}

#[test]
fn the_message_carries_what_the_service_says() {
    let service = Service {
        name: "Haircut".to_owned(),
        reminders: None,
        duration: Some(SignedDuration::from_mins(45)),
        location: Some("Via Roma 1".to_owned()),
        bring: Some("A towel".to_owned()),
    };
    let haircut = ServiceId::parse("haircut").unwrap();
    let services = BTreeMap::from([(haircut.clone(), service)]);
    let mut world = World::with(Settings { services, ..email_only() });
    let of = |service| RequestBooking { service, ..booked("b1", Party::Client) };
    let decision = world.decide(&Command::RequestBooking(of(Some(haircut)))).unwrap();
    let told = facts(&decision);
    assert_eq!(told.service.as_deref(), Some("Haircut"));
    assert_eq!(told.location.as_deref(), Some("Via Roma 1"));
    assert_eq!(told.bring.as_deref(), Some("A towel"));
    assert_eq!(told.ends_at, Some(at("2026-12-03T10:45:00Z")));
    let unlisted = ServiceId::parse("Manicure").ok();
    let decision = world.decide(&Command::RequestBooking(of(unlisted))).unwrap();
    assert_eq!(facts(&decision).service.as_deref(), Some("Manicure"));
    assert_eq!(facts(&decision).ends_at, None);
}

#[test]
fn who_cancelled_and_why_is_told() {
    for by in [Party::Client, Party::Staff] {
        let mut world = World::salon();
        world.does(request("b1"));
        let reason = Some("ill".to_owned());
        let command = Command::CancelBooking { booking: booking_id("b1"), by, reason };
        let decision = world.decide(&command).unwrap();
        assert_eq!(decision.messages[0].kind, Kind::BookingCancelled);
        assert_eq!(facts(&decision).cancelled_by, Some(by));
        assert_eq!(facts(&decision).reason.as_deref(), Some("ill"));
    }
}

#[test]
fn a_refusal_tells_the_reason() {
    let mut world = World::by_hand();
    world.does(request("b1"));
    let reason = Some("full".to_owned());
    let decline = Command::DeclineBooking { booking: booking_id("b1"), reason: reason.clone() };
    let by = Party::Staff;
    let cancel = Command::CancelBooking { booking: booking_id("b1"), by, reason };
    for command in [decline, cancel] {
        let decision = world.decide(&command).unwrap();
        assert_eq!(decision.messages[0].kind, Kind::BookingDeclined);
        assert_eq!(facts(&decision).reason.as_deref(), Some("full"));
        assert_eq!(facts(&decision).cancelled_by, None);
    }
}

#[test]
fn a_move_tells_the_new_time_and_the_old_and_keeps_the_length() {
    let mut world = World::salon();
    let long =
        RequestBooking { ends_at: Some(at("2026-12-03T11:30:00Z")), ..booked("b1", Party::Client) };
    world.does(Command::RequestBooking(long));
    world.all_sent();
    let decision = world.decide(&reschedule("b1", LATER)).unwrap();
    let told = facts(&decision);
    assert_eq!((told.starts_at, told.moved_from), (at(LATER), Some(at(START))));
    assert_eq!(told.ends_at, Some(at("2026-12-04T17:00:00Z")));
    assert_eq!(decision.messages[0].deadline, Some(at(LATER)));
}

#[test]
fn a_second_move_before_the_first_is_told_does_not_name_a_time_that_nobody_heard_of() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    world.does(reschedule("b1", "2026-12-03T18:00:00Z"));
    let decision = world.decide(&reschedule("b1", LATER)).unwrap();
    assert_eq!(decision.messages[0].kind, Kind::BookingRescheduled);
    assert_eq!((decision.superseded.len(), facts(&decision).moved_from), (1, None));
}

#[test]
fn a_new_end_alone_is_kept_and_not_told() {
    let mut world = World::salon();
    world.does(request("b1"));
    let longer = || Command::RescheduleBooking {
        booking: booking_id("b1"),
        starts_at: at(START),
        ends_at: Some(at("2026-12-03T12:00:00Z")),
    };
    assert_eq!(world.does(longer()), ["b1 is confirmed, 2026-12-03T10:00:00Z"]);
    assert_eq!(world.booking("b1").ends_at, Some(at("2026-12-03T12:00:00Z")));
    assert_eq!(world.does(longer()), ["already done"]);
}

#[test]
fn a_pending_booking_that_moves_is_not_agreed_to() {
    let mut world = World::by_hand();
    world.does(request("b1"));
    world.all_sent();
    let decision = world.decide(&reschedule("b1", LATER)).unwrap();
    assert_eq!(decision.messages[0].kind, Kind::BookingRescheduled);
    assert!(facts(&decision).awaits_confirmation);
    world.does(confirm("b1"));
    let decision = world.decide(&reschedule("b1", LATER)).unwrap();
    assert!(!facts(&decision).awaits_confirmation);
}

#[test]
fn a_message_from_before_there_was_such_a_word_awaits_nothing() {
    let stored = r#"{"about":"booking","booking":"b1","starts_at":"2026-12-03T10:00:00Z",
        "ends_at":null,"service":null,"location":null,"moved_from":null,"cancelled_by":null,
        "reason":null,"sequence":3}"#;
    let Facts::Booking(facts) = serde_json::from_str(stored).unwrap() else { panic!("account") };
    assert_eq!((facts.sequence, facts.awaits_confirmation), (3, false));
}

#[test]
fn a_swap_tells_the_old_client_and_the_new() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(
        world.does(reassign("b1", "bruno")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "tell anna booking.cancelled: email",
            "tell bruno booking.confirmed: email",
        ]
    );
    assert_eq!(world.does(reassign("b1", "bruno")), ["already done"]);
}

#[test]
fn a_swap_of_a_pending_booking_calls_nothing_off() {
    let mut world = World::by_hand();
    world.does(request("b1"));
    assert_eq!(
        world.does(reassign("b1", "bruno")),
        [
            "b1 is pending, 2026-12-03T10:00:00Z",
            "withdraw booking.pending to anna: email",
            "tell anna booking.cancelled: no email (never_confirmed)",
            "tell bruno booking.pending: email",
        ]
    );
}

#[test]
fn a_swap_back_withdraws_what_each_was_to_hear() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    world.does(reassign("b1", "bruno"));
    assert_eq!(
        world.does(reassign("b1", "anna")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "withdraw booking.confirmed to bruno: email",
            "withdraw booking.cancelled to anna: email",
            "tell bruno booking.cancelled: email",
            "tell anna booking.confirmed: email",
        ]
    );
}

#[test]
fn an_installation_without_a_provider_says_so() {
    let mut world = World::salon();
    world.provided = Channels::NONE;
    assert_eq!(
        world.does(request("b1")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "tell anna booking.confirmed: no email (no_provider)",
        ]
    );
}

#[test]
fn from_its_start_on_nothing_is_sent_about_a_booking() {
    let too_late = |lines: Vec<String>| lines.last().unwrap().ends_with("no email (too_late)");
    let mut world = World::by_hand();
    world.does(request("b1"));
    world.now = at(START);
    assert!(too_late(world.clone().does(confirm("b1"))));
    assert!(too_late(world.clone().does(decline("b1"))));
    assert!(too_late(world.clone().does(request("b2"))));
    assert!(too_late(world.clone().does(reassign("b1", "bruno"))));
    world.does(confirm("b1"));
    assert!(too_late(world.clone().does(cancel("b1", Party::Client))));
    assert_eq!(
        world.does(reschedule("b1", LATER)).last().unwrap(),
        "tell anna booking.rescheduled: email"
    );
    assert!(too_late(world.does(reschedule("b1", NOON))));
}

#[test]
fn a_cancelled_booking_is_reinstated_before_its_start_only() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    world.does(cancel("b1", Party::Client));
    let mut late = world.clone();
    late.now = at(START);
    assert_eq!(late.refuses(confirm("b1")), RejectionReason::IllegalTransition);
    assert_eq!(
        world.does(confirm("b1")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "withdraw booking.cancelled to anna: email",
            "tell anna booking.confirmed: email",
        ]
    );
}

#[test]
fn the_calendar_sequence_rises_with_each_change_that_is_told() {
    let mut world = World::salon();
    let mut sequences = Vec::new();
    for command in [
        request("b1"),
        annotate("b1", "window seat"),
        reschedule("b1", LATER),
        reassign("b1", "bruno"),
        cancel("b1", Party::Staff),
        confirm("b1"),
    ] {
        world.does(command);
        sequences.push(world.booking("b1").sequence);
    }
    assert_eq!(sequences, [0, 0, 1, 2, 3, 4]);
}
