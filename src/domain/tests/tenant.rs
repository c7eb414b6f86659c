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
    assert_eq!(world.settings(), plain);
}

#[test]
fn a_plan_must_be_one_of_the_operator_s() {
    let mut world = World::salon();
    let settings = Settings { plan: "gold".to_owned(), ..email_only() };
    let rejection = world.decide(&configure(settings)).unwrap_err();
    assert_eq!(rejection.reason, RejectionReason::UnknownPlan);
    let known = "plan: there is no such plan; configured are free, pro, standard";
    assert_eq!(rejection.detail, known);
    assert_eq!(world.settings().plan, "pro");
}

/// Mail goes by the operator's servers: in whose name is theirs to say.
#[test]
fn a_sender_is_of_a_domain_that_the_operator_lists() {
    use crate::domain::plan::{Plan, Plans};
    use crate::domain::sender::{SenderDomain, SenderDomains};

    let domains = |text| SenderDomain::parse(text).into_iter().collect::<SenderDomains>();
    let plan = |text| Plan {
        channels: Channels::ALL,
        custom_text: true,
        sender_domains: domains(text),
        rates: [].into(),
    };
    let mut world = World::empty();
    let plans = [("pro", plan("*.pro.example")), ("basic", plan(""))];
    let plans = plans.map(|(name, plan)| (name.to_owned(), plan));
    world.plans = Plans::new(plans.into(), domains("bellhop.example"));
    let from = |plan: &str, address: &str| {
        let mut settings = Settings { plan: plan.to_owned(), ..email_only() };
        settings.sender.email = EmailAddress::parse(address).ok();
        // Where answers go is nobody's name.
        settings.sender.reply_to = EmailAddress::parse("desk@salone.example").ok();
        configure(settings)
    };
    for (plan, address) in [
        ("pro", "uno@bellhop.example"),
        ("basic", "uno@BELLHOP.example"),
        ("pro", "ciao@uno.pro.example"),
    ] {
        assert_eq!(world.does(from(plan, address)), [""; 0], "{plan} {address}");
    }
    for (plan, address) in [
        ("pro", "ciao@bank.example"),
        ("basic", "ciao@uno.pro.example"),
        ("pro", "ciao@pro.example"),
        ("pro", "ciao@mybellhop.example"),
    ] {
        let rejection = world.decide(&from(plan, address)).unwrap_err();
        assert_eq!(rejection.reason, RejectionReason::SenderNotAllowed, "{plan} {address}");
        assert!(!rejection.detail.contains("ciao"), "{}", rejection.detail);
    }
}

/// What a profile tells by default, with every channel at hand.
fn defaults(profile: Profile) -> World {
    let mut settings = Settings::of_profile("Uno", profile);
    settings.plan = "pro".to_owned();
    settings.require_verified_email = false;
    settings.reminders = Vec::new();
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
    let mut settings = world.settings();
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

/// Email and SMS, push and inbox as letters.
fn letters(kind: Kind, profile: Profile) -> String {
    let channels = Settings::of_profile("Uno", profile).channels_of(kind);
    let letters = Channel::ALL.into_iter().zip(["E", "S", "P", "I"]);
    letters.filter(|(channel, _)| channels.contains(*channel)).map(|(_, letter)| letter).collect()
}

#[test]
fn the_profiles_differ_where_the_products_do() {
    let table = [
        ("booking.pending", "ES", ""),
        ("booking.confirmed", "ES", ""),
        ("booking.declined", "ES", ""),
        ("booking.cancelled", "ES", "EP"),
        ("booking.rescheduled", "ES", "EP"),
        ("booking.reminder", "ES", ""),
        ("session.cancelled", "ES", "EP"),
        ("queue.offered", "S", "EP"),
        ("queue.expired", "S", "EP"),
        ("queue.accepted", "ES", "EP"),
        ("queue.closed", "", ""),
        ("attendance.check", "", "EP"),
        ("payment.requested", "", "EP"),
        ("payment.receipt", "E", "E"),
        ("sale.recorded", "", "P"),
        ("account.welcome", "", "E"),
        ("account.password_reset", "E", "E"),
        ("account.magic_link", "E", "E"),
        ("account.verify_email", "E", "E"),
        ("review.requested", "", "E"),
        ("notice.manual", "ES", "EP"),
        ("inbox.message", "I", "I"),
        ("inbox.board", "I", "I"),
        ("client.win_back", "", ""),
    ];
    assert_eq!(table.len(), Kind::ALL.len());
    for (kind, (name, appointments, classes)) in Kind::ALL.iter().zip(table) {
        assert_eq!(kind.as_str(), name);
        assert_eq!(letters(*kind, Profile::Appointments), appointments, "{name}");
        assert_eq!(letters(*kind, Profile::Classes), classes, "{name}");
    }
}

/// More than two pages.
const PLANNED: usize = 1_200;

#[test]
fn many_bookings_are_planned_anew_page_by_page() {
    let mut world = World::with(Settings { reminders: vec![lead("P1D")], ..email_only() });
    for number in 0..PLANNED {
        world.does(request(&format!("b{number:04}")));
        world.all_sent();
    }
    let settings = Settings { reminders: vec![lead("PT3H")], ..email_only() };
    let first = world.does(configure(settings));
    assert_eq!(first.len(), 501);
    assert_eq!(first.last().unwrap(), "plan the next bookings at 01 Dec 12:00");
    world.passes("2026-12-01T12:00:00Z");
    let at_seven = at("2026-12-03T07:00:00Z");
    assert_eq!(world.planned().iter().filter(|timer| timer.due == at_seven).count(), PLANNED);
}

#[test]
fn those_on_later_pages_gain_a_rule_as_well() {
    let night = |reminders| Settings { reminders, quiet_hours: quiet(21, 8), ..email_only() };
    let mut world = World::with(night(Vec::new()));
    world.now = at("2026-12-02T21:30:00Z");
    for number in 0..PLANNED {
        world.does(request(&format!("b{number:04}")));
        world.all_sent();
    }
    world.does(configure(night(vec![lead("PT12H")])));
    world.passes("2026-12-02T21:30:00Z");
    let at_eight = at("2026-12-03T08:00:00Z");
    assert_eq!(world.planned().iter().filter(|timer| timer.due == at_eight).count(), PLANNED);
}
