//! What such systems are known to get wrong.

use super::*;

#[test]
fn editing_a_note_does_not_send_the_confirmation_again() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(world.does(annotate("b1", "allergic to lavender")), [""; 0]);
    assert_eq!(world.booking("b1").notes.as_deref(), Some("allergic to lavender"));
    assert_eq!(world.does(annotate("b1", "allergic to lavender")), ["already done"]);
}

#[test]
fn editing_a_note_does_not_withdraw_the_confirmation_either() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.does(annotate("b1", "allergic to lavender"));
    assert_eq!(world.unsent("b1").len(), 1);
}

#[test]
fn switching_a_kind_on_does_not_mail_about_old_bookings() {
    let mut off = email_only();
    let confirmed = off.toggles.entry(Kind::BookingConfirmed).or_default();
    confirmed.insert(Channel::Email, false);
    let mut world = World::with(off);
    assert_eq!(world.does(request("b1"))[1], "tell anna booking.confirmed: off");
    assert_eq!(world.does(configure(email_only())), [""; 0]);
    assert!(world.unsent("b1").is_empty());
}

#[test]
fn completing_an_address_does_not_mail_about_old_bookings() {
    let mut world = World::salon();
    world.does(register("carla", ClientFields::default()));
    let hers = RequestBooking { client: client_id("carla"), ..booked("b1", Party::Staff) };
    world.does(Command::RequestBooking(hers));
    assert_eq!(world.does(update("carla", reachable("carla"))), [""; 0]);
}

#[test]
fn one_refusal_is_one_message() {
    for refusal in [decline("b1"), cancel("b1", Party::Staff)] {
        let mut world = World::by_hand();
        world.does(request("b1"));
        world.all_sent();
        assert_eq!(
            world.does(refusal),
            ["b1 is declined, 2026-12-03T10:00:00Z", "tell anna booking.declined: email",]
        );
        for again in [decline("b1"), cancel("b1", Party::Staff), cancel("b1", Party::Client)] {
            assert_eq!(world.does(again), ["already done"]);
        }
    }
}

#[test]
fn one_cancellation_is_one_message_whoever_repeats_it() {
    let mut world = World::salon();
    world.does(request("b1"));
    world.all_sent();
    world.does(cancel("b1", Party::Client));
    assert_eq!(world.does(cancel("b1", Party::Staff)), ["already done"]);
    assert_eq!(world.refuses(decline("b1")), RejectionReason::IllegalTransition);
}

#[test]
fn a_confirmation_that_has_not_left_goes_with_the_new_date_and_alone() {
    let mut world = World::salon();
    world.does(request("b1"));
    assert_eq!(
        world.does(reschedule("b1", LATER)),
        [
            "b1 is confirmed, 2026-12-04T15:30:00Z",
            "withdraw booking.confirmed to anna: email",
            "tell anna booking.confirmed: email",
        ]
    );
}

#[test]
fn confirming_at_once_does_not_also_say_that_it_waits() {
    let mut world = World::by_hand();
    world.does(request("b1"));
    assert_eq!(
        world.does(confirm("b1")),
        [
            "b1 is confirmed, 2026-12-03T10:00:00Z",
            "withdraw booking.pending to anna: email",
            "tell anna booking.confirmed: email",
        ]
    );
}

#[test]
fn a_client_who_thinks_better_of_an_unanswered_request_hears_nothing_more() {
    let mut world = World::by_hand();
    world.does(request("b1"));
    assert_eq!(
        world.does(cancel("b1", Party::Client)),
        [
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "withdraw booking.pending to anna: email",
            "tell anna booking.cancelled: no email (never_confirmed)",
        ]
    );
}

#[test]
fn moving_to_the_same_instant_tells_nobody() {
    let mut world = World::salon();
    world.does(request("b1"));
    assert_eq!(world.does(reschedule("b1", "2026-12-03T11:00:00+01:00")), ["already done"]);
}

#[test]
fn a_client_who_lost_a_booking_hears_of_it_whatever_the_new_one_does() {
    for next in [reschedule("b1", LATER), cancel("b1", Party::Client), annotate("b1", "x")] {
        let mut world = World::salon();
        world.does(request("b1"));
        world.all_sent();
        world.does(reassign("b1", "bruno"));
        world.does(next);
        let unsent = world.unsent("b1").iter();
        let to_anna: Vec<Kind> =
            unsent.filter(|m| m.client == client_id("anna")).map(|m| m.kind).collect();
        assert_eq!(to_anna, [Kind::BookingCancelled]);
    }
}

#[test]
fn nobody_is_reminded_of_what_was_cancelled() {
    for (by, approval) in [(Party::Client, Approval::Automatic), (Party::Staff, Approval::Manual)] {
        let reminders = vec![lead("P1D"), lead("PT2H")];
        let mut world = World::with(Settings { reminders, approval, ..email_only() });
        world.does(Command::RequestBooking(booked("b1", Party::Staff)));
        world.passes("2026-12-02T12:00:00Z");
        world.does(cancel("b1", by));
        assert_eq!(world.passes("2026-12-05T00:00:00Z"), [""; 0]);
    }
}

#[test]
fn nor_by_a_rule_that_comes_back() {
    let by = |rule| Settings { reminders: vec![lead(rule)], ..email_only() };
    let mut world = World::with(by("P1D"));
    world.does(request("b1"));
    world.does(configure(by("PT2H")));
    world.does(cancel("b1", Party::Client));
    world.does(configure(by("P1D")));
    assert_eq!(
        world.passes(START),
        ["02 Dec 10:00 tell anna booking.reminder: no email (superseded)"]
    );
}

#[test]
fn a_reminder_that_waits_to_be_sent_is_withdrawn_with_its_booking() {
    for end in [cancel("b1", Party::Staff), reschedule("b1", LATER)] {
        let mut world = World::with(Settings { reminders: vec![lead("P1D")], ..email_only() });
        world.does(request("b1"));
        world.passes("2026-12-02T09:59:00Z");
        world.fires_unsent("2026-12-02T10:00:00Z");
        let lines = world.does(end);
        assert!(lines.contains(&"withdraw booking.reminder to anna: email".to_owned()));
    }
}

#[test]
fn nobody_is_reminded_of_the_old_time_of_what_was_moved() {
    let mut world = World::with(Settings { reminders: vec![lead("P1D")], ..email_only() });
    world.does(request("b1"));
    world.does(reschedule("b1", LATER));
    assert_eq!(
        world.passes("2026-12-05T00:00:00Z"),
        ["03 Dec 15:30 tell anna booking.reminder: email"]
    );
    // Moved back it is reminded of as before, once.
    let mut world = World::with(Settings { reminders: vec![lead("P1D")], ..email_only() });
    world.does(request("b1"));
    world.does(reschedule("b1", LATER));
    world.does(reschedule("b1", START));
    assert_eq!(
        world.passes("2026-12-05T00:00:00Z"),
        ["02 Dec 10:00 tell anna booking.reminder: email"]
    );
}

#[test]
fn whoever_books_late_is_not_sent_every_reminder_at_once() {
    let reminders = vec![lead("P1D"), lead("PT12H"), lead("PT2H")];
    let mut world = World::with(Settings { reminders, ..email_only() });
    world.now = at("2026-12-03T09:00:00Z");
    assert_eq!(
        told(world.does(request("b1"))),
        [
            "tell anna booking.confirmed: email",
            "tell anna booking.reminder: no email (booked_inside_lead)",
        ]
    );
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn a_reminder_goes_by_the_wall_of_the_venue_wherever_the_client_is() {
    let timezone = Some(Zone::parse("America/New_York").ok());
    let eve = LeadRule::At { days_before: 1, at: jiff::civil::Time::constant(18, 0, 0, 0) };
    let settings = Settings { timezone: rome(), reminders: vec![eve], ..email_only() };
    let mut world = World::with(settings);
    world.does(update("anna", ClientFields { timezone, ..ClientFields::default() }));
    world.does(request("b1"));
    assert_eq!(world.passes(START), ["02 Dec 17:00 tell anna booking.reminder: email"]);
}

#[test]
fn a_stop_at_one_salon_does_not_silence_another() {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[Channel::Sms]));
    let (mut one, mut other) = (World::with(settings.clone()), World::with(settings));
    (one.provided, other.provided) = (Channels::ALL, Channels::ALL);
    one.does(opt_out("anna", Some(Channel::Sms), None));
    assert_eq!(one.does(request("b1"))[1], "tell anna booking.confirmed: no sms (opted_out)");
    assert_eq!(other.does(request("b1"))[1], "tell anna booking.confirmed: sms");
}

#[test]
fn no_seat_is_offered_once_the_session_has_begun() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.all_sent();
    // Neither before the timer of the start has fired, nor after.
    world.now = at(START);
    let late = ["b1 is cancelled, 2026-12-03T10:00:00Z"];
    assert_eq!(world.clone().does(cancel("b1", Party::Staff))[..1], late);
    assert_eq!(world.clone().does(cancel("b1", Party::Staff)).len(), 2);
    world.passes(START);
    assert_eq!(world.does(cancel("b1", Party::Staff)).len(), 2);
}

#[test]
fn nobody_is_offered_a_second_seat_while_others_wait() {
    let mut world = World::gym(1);
    world.does(seat("b1", "anna"));
    for (entry, client) in [("e1", "bruno"), ("e2", "carla"), ("e3", "dora")] {
        world.does(join(entry, client));
    }
    world.does(cancel("b1", Party::Client));
    let mut offered = Vec::new();
    for (entry, client) in [("e4", "bruno"), ("e5", "carla"), ("e6", "dora")] {
        let lines = world.passes_to(world.now + SignedDuration::from_mins(30));
        offered.extend(lines.into_iter().filter(|line| line.contains("queue.offered")));
        // Whoever let it pass would like it again.
        world.does(join(entry, client));
    }
    assert_eq!(
        offered,
        [
            "01 Dec 12:30 tell carla queue.offered: email",
            "01 Dec 13:00 tell dora queue.offered: email",
            "01 Dec 13:30 tell bruno queue.offered: email",
        ]
    );
}

#[test]
fn switching_other_channels_on_sends_nothing_of_old_either() {
    let mut world = World::with(email_only());
    world.does(request("b1"));
    world.all_sent();
    let mut settings = email_only();
    everything(&mut settings, Channels::ALL);
    assert_eq!(world.does(configure(settings)), [""; 0]);
    assert_eq!(world.passes("2027-01-01T00:00:00Z"), [""; 0]);
}
