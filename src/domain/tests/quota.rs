//! The month's text messages, and what happens when they are used up.

use std::sync::atomic::Ordering;

use super::*;
use crate::domain::decide::Input;
use crate::domain::usage::GIVEN_BACK_MAX;

/// A salon in Rome with so many segments a month, which tells everything by these channels.
fn salon(quota: u32, channels: &[Channel]) -> World {
    let mut settings = Settings { timezone: rome(), ..email_only() };
    everything(&mut settings, Channels::of(channels));
    settings.sms_quota = Some(quota);
    let mut world = World::with(settings);
    world.provided = Channels::ALL;
    world
}

#[test]
fn segments_are_counted_until_there_are_no_more() {
    let mut world = salon(5, &[Channel::Sms, Channel::Push]);
    world.does(delete("bruno"));
    let used = world.state().usage().segments;
    assert_eq!(used, 0, "the welcome was before there was a provider");
    world.texts.segments = 2;
    assert_eq!(world.confirmed("b1"), "sms, push");
    assert_eq!(world.confirmed("b2"), "sms, push");
    assert_eq!(world.state().usage().segments, 4);
    // The fifth does not suffice for two, but for one.
    world.does(update("anna", ClientFields { email: Some(Contact::Absent), ..reachable("x") }));
    assert_eq!(world.confirmed("b3"), "no sms (quota_exhausted), push");
    world.texts.segments = 1;
    assert_eq!(world.confirmed("b4"), "sms, push");
    assert_eq!(world.state().usage().segments, 5);
}

#[test]
fn no_text_is_written_to_be_counted_where_it_cannot_go_by_sms_anyway() {
    let mut world = salon(5, &[Channel::Sms, Channel::Push]);
    let counted = |world: &World| world.texts.counted.load(Ordering::Relaxed);
    world.does(opt_out("anna", Some(Channel::Sms), None));
    let before = counted(&world);
    assert_eq!(world.confirmed("b1"), "no sms (opted_out), push");
    assert_eq!(counted(&world), before);
    world.does(opt_in("anna", Some(Channel::Sms), None));
    assert_eq!(world.confirmed("b2"), "sms, push");
    assert_eq!(counted(&world), before + 1);
}

#[test]
fn what_no_longer_goes_by_sms_goes_by_email() {
    let mut world = salon(0, &[Channel::Sms]);
    assert_eq!(world.confirmed("b1"), "email, no sms (quota_exhausted)");
    // Not twice, where email is on.
    let mut world = salon(0, &[Channel::Email, Channel::Sms]);
    assert_eq!(world.confirmed("b1"), "email, no sms (quota_exhausted)");
}

#[test]
fn but_only_where_nothing_else_speaks_against_email() {
    let table: [fn(&mut World); 3] = [
        |world| drop(world.does(opt_out("anna", Some(Channel::Email), None))),
        |world| world.provided = Channels::of(&[Channel::Sms]),
        |world| {
            let email = Some(Contact::Absent);
            world.does(update("anna", ClientFields { email, ..ClientFields::default() }));
        },
    ];
    for against in table {
        let mut world = salon(0, &[Channel::Sms]);
        against(&mut world);
        assert_eq!(world.confirmed("b1"), "no sms (quota_exhausted)");
    }
}

#[test]
fn who_has_no_phone_is_not_written_to_by_email_for_it() {
    let mut world = salon(0, &[Channel::Sms]);
    world.does(update("anna", ClientFields { phone: Some(Contact::Absent), ..reachable("anna") }));
    assert_eq!(world.confirmed("b1"), "no sms (no_address)");
}

#[test]
fn a_notice_by_sms_alone_falls_back_as_well() {
    use crate::domain::broadcast::Audience;
    let mut world = salon(1, &[Channel::Sms]);
    assert_eq!(
        world.does(notice("n1", &[Channel::Sms], Audience::default())),
        [
            "tell anna notice.manual: sms",
            "tell bruno notice.manual: email, no sms (quota_exhausted)",
        ]
    );
}

#[test]
fn the_month_is_the_venue_s() {
    let mut world = salon(1, &[Channel::Sms]);
    world.now = at("2026-12-31T22:59:00Z");
    assert_eq!(world.confirmed("b1"), "sms");
    assert_eq!(world.confirmed("b2"), "email, no sms (quota_exhausted)");
    // Midnight in Rome.
    world.now = at("2026-12-31T23:00:00Z");
    assert_eq!(world.confirmed("b3"), "sms");
    let usage = world.state().usage();
    assert_eq!((usage.year, usage.month, usage.segments), (2027, 1, 1));
}

#[test]
fn it_counts_from_when_it_is_switched_on() {
    let mut world = salon(1, &[Channel::Sms]);
    world.does(configure(Settings { sms_quota: None, ..world.settings() }));
    for booking in ["b1", "b2", "b3"] {
        assert_eq!(world.confirmed(booking), "sms");
    }
    world.does(configure(Settings { sms_quota: Some(1), ..world.settings() }));
    assert_eq!(world.confirmed("b4"), "sms");
    assert_eq!(world.confirmed("b5"), "email, no sms (quota_exhausted)");
    world.does(configure(Settings { sms_quota: Some(2), ..world.settings() }));
    assert_eq!(world.confirmed("b6"), "sms");
}

#[test]
fn a_text_of_the_tenant_s_own_counts_as_long_as_it_is() {
    let mut world = salon(10, &[Channel::Sms]);
    let key = text(Kind::BookingConfirmed, Channel::Sms, "en");
    world.does(set_text(key, "seven!!"));
    world.confirmed("b1");
    assert_eq!(world.state().usage().segments, 7);
}

#[test]
fn what_never_left_gives_its_segments_back() {
    let replace: [fn(&mut World) -> Vec<String>; 4] = [
        |world| world.does(reschedule("b1", LATER)),
        |world| world.does(cancel("b1", Party::Staff)),
        |world| world.does(reassign("b1", "bruno")),
        |world| {
            world.does(cancel("b1", Party::Client));
            world.does(confirm("b1"))
        },
    ];
    for (case, replace) in replace.into_iter().enumerate() {
        let mut world = salon(1, &[Channel::Sms]);
        world.does(request("b1"));
        let lines = told(replace(&mut world));
        assert!(lines[0].starts_with("withdraw "), "{case} {lines:?}");
        assert!(lines[1].ends_with(": sms"), "{case} {lines:?}");
        assert_eq!(world.state().usage().segments, 1, "{case}");
    }
    // What has left was used.
    let mut world = salon(1, &[Channel::Sms]);
    world.does(request("b1"));
    world.all_sent();
    let lines = told(world.does(reschedule("b1", LATER)));
    assert_eq!(lines, ["tell anna booking.rescheduled: email, no sms (quota_exhausted)"]);
}

#[test]
fn so_does_what_a_client_who_is_erased_was_still_to_be_told() {
    let mut world = salon(3, &[Channel::Sms]);
    world.does(request("b1"));
    world.does(charge("p1", None));
    assert_eq!(world.state().usage().segments, 2);
    world.does(erase("anna"));
    assert_eq!(world.state().usage().segments, 0);
}

#[test]
fn what_nobody_took_gives_its_segments_back_once() {
    let mut world = salon(2, &[Channel::Sms]);
    world.texts.segments = 2;
    world.does(request("b1"));
    let message = world.unsent("b1")[0].id;
    let anna = client_id("anna");
    let refused = Input::Unspent { message, client: &anna, segments: 2 };
    world.takes(refused);
    assert_eq!(world.state().usage().segments, 0);
    assert_eq!(world.confirmed("b2"), "sms");
    // A crash may tell it once more, and something newer may have told it before.
    world.takes(refused);
    world.does(cancel("b1", Party::Staff));
    assert_eq!(world.state().usage().segments, 2);
}

#[test]
fn no_more_is_remembered_of_it_than_could_be_told_again() {
    let mut world = salon(1, &[Channel::Sms]);
    for number in 0..=GIVEN_BACK_MAX {
        let booking = format!("b{number}");
        world.does(request(&booking));
        let message = world.unsent(&booking)[0].id;
        world.takes(Input::Unspent { message, client: &client_id("anna"), segments: 1 });
    }
    let usage = world.state().usage();
    assert_eq!((usage.segments, usage.given_back.len()), (0, GIVEN_BACK_MAX));
}

#[test]
fn it_comes_back_in_the_month_that_it_was_counted_in() {
    let mut world = salon(1, &[Channel::Sms]);
    world.now = at("2026-12-31T22:59:00Z");
    assert_eq!(world.confirmed("b1"), "sms");
    let message = world.unsent("b1")[0].id;
    // Midnight in Rome: the new month has one of its own.
    world.now = at("2026-12-31T23:00:00Z");
    assert_eq!(world.confirmed("b2"), "sms");
    world.does(cancel("b1", Party::Staff));
    world.takes(Input::Unspent { message, client: &client_id("anna"), segments: 1 });
    assert_eq!(world.state().usage().segments, 1);
    assert_eq!(world.confirmed("b3"), "email, no sms (quota_exhausted)");
}
