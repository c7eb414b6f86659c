//! `tenant.configure`, and the profiles' defaults.

use super::*;

#[test]
fn nothing_is_possible_before_the_tenant_is_configured() {
    for command in [register("anna", reachable("anna")), request("b1"), confirm("b1")] {
        assert_eq!(World::empty().refuses(command), RejectionReason::UnknownTenant);
    }
}

#[test]
fn a_document_replaces_the_one_before_and_the_same_one_changes_nothing() {
    let mut world = World::empty();
    assert_eq!(world.does(configure(email_only())), [""; 0]);
    assert_eq!(world.does(configure(email_only())), ["already done"]);
    let plain = Settings::of_profile("Salone Due", Profile::Appointments);
    world.does(configure(plain.clone()));
    assert_eq!(**world.state.settings().unwrap(), plain);
}

#[test]
fn a_plan_must_be_one_of_the_operator_s() {
    let mut world = World::salon();
    let settings = Settings { plan: "gold".to_owned(), ..email_only() };
    let rejection = world.decide(&configure(settings)).unwrap_err();
    assert_eq!(rejection.reason, RejectionReason::UnknownPlan);
    let known = "plan: no plan \"gold\" here; configured are free, pro, standard";
    assert_eq!(rejection.detail, known);
    assert_eq!(world.state.settings().unwrap().plan, "pro");
}

/// What a profile tells by default, with every channel at hand.
fn defaults(profile: Profile) -> World {
    let mut settings = Settings::of_profile("Uno", profile);
    settings.plan = "pro".to_owned();
    settings.require_verified_email = false;
    let mut world = World::with(settings);
    world.provided = Channels::ALL;
    world
}

#[test]
fn appointments_tell_by_email_and_sms_and_do_not_welcome() {
    let mut world = defaults(Profile::Appointments);
    assert_eq!(
        world.does(register("carla", reachable("carla"))),
        ["tell carla account.welcome: off"]
    );
    assert_eq!(
        world.does(request("b1")),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: email, sms",]
    );
    world.all_sent();
    assert_eq!(
        world.does(reschedule("b1", LATER)),
        ["b1 is confirmed, 2026-12-04T15:30:00Z", "tell anna booking.rescheduled: email, sms",]
    );
    world.all_sent();
    assert_eq!(
        world.does(cancel("b1", Party::Client)),
        ["b1 is cancelled, 2026-12-04T15:30:00Z", "tell anna booking.cancelled: email, sms",]
    );
}

#[test]
fn classes_welcome_by_email_and_tell_of_changes_only() {
    let mut world = defaults(Profile::Classes);
    assert_eq!(
        world.does(register("carla", reachable("carla"))),
        ["tell carla account.welcome: email"]
    );
    assert_eq!(
        world.does(request("b1")),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: off",]
    );
    assert_eq!(
        world.does(reschedule("b1", LATER)),
        ["b1 is confirmed, 2026-12-04T15:30:00Z", "tell anna booking.rescheduled: email, push",]
    );
    world.all_sent();
    assert_eq!(
        world.does(cancel("b1", Party::Staff)),
        ["b1 is cancelled, 2026-12-04T15:30:00Z", "tell anna booking.cancelled: email, push",]
    );
}

#[test]
fn a_toggle_changes_one_channel_of_one_kind() {
    let mut world = defaults(Profile::Classes);
    let mut settings = (**world.state.settings().unwrap()).clone();
    settings.toggles.insert(Kind::BookingConfirmed, BTreeMap::from([(Channel::Sms, true)]));
    settings.toggles.insert(Kind::BookingCancelled, BTreeMap::from([(Channel::Push, false)]));
    world.does(configure(settings));
    assert_eq!(
        world.does(request("b1")),
        ["b1 is confirmed, 2026-12-03T10:00:00Z", "tell anna booking.confirmed: sms",]
    );
    assert_eq!(
        world.does(cancel("b1", Party::Staff)),
        [
            "b1 is cancelled, 2026-12-03T10:00:00Z",
            "withdraw booking.confirmed to anna: sms",
            "tell anna booking.cancelled: email",
        ]
    );
}
