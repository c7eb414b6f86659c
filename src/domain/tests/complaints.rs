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
    assert_eq!(world.state.unsent(&booking_id("b1")).len(), 1);
}

#[test]
fn switching_a_kind_on_does_not_mail_about_old_bookings() {
    let mut off = email_only();
    let confirmed = off.toggles.entry(Kind::BookingConfirmed).or_default();
    confirmed.insert(Channel::Email, false);
    let mut world = World::with(off);
    assert_eq!(world.does(request("b1"))[1], "tell anna booking.confirmed: off");
    assert_eq!(world.does(configure(email_only())), [""; 0]);
    assert!(world.state.unsent(&booking_id("b1")).is_empty());
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
        let unsent = world.state.unsent(&booking_id("b1")).iter();
        let to_anna: Vec<Kind> =
            unsent.filter(|m| m.client == client_id("anna")).map(|m| m.kind).collect();
        assert_eq!(to_anna, [Kind::BookingCancelled]);
    }
}
