//! The policy ladder: each rule alone, and which of two comes first.

use super::*;
use crate::domain::policy::{Question, SkipReason, forbids};

/// Somebody whom nothing forbids to write to.
struct Case {
    settings: Settings,
    provided: Channels,
    kind: Kind,
    channel: Channel,
    client: Client,
    too_late: bool,
}

impl Case {
    fn new(kind: Kind, channel: Channel) -> Self {
        let mut settings = Settings::of_profile("Uno", Profile::Appointments);
        settings.plan = "pro".to_owned();
        settings.require_verified_email = true;
        settings.toggles.insert(kind, BTreeMap::from([(channel, true)]));
        let mut client = Client::named(client_id("anna"), "Anna");
        client.email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        client.phone = Contact::Known(PhoneNumber::parse("+393331234567").unwrap());
        client.push_tokens = vec!["token".to_owned()];
        client.email_verified = true;
        Self { settings, provided: Channels::ALL, kind, channel, client, too_late: false }
    }

    fn verdict(&self) -> Option<&'static str> {
        let Self { settings, provided, kind, channel, client, too_late } = self;
        let question = Question {
            settings,
            plans: &Plans::default(),
            provided: *provided,
            kind: *kind,
            channel: *channel,
            client,
            too_late: *too_late,
        };
        forbids(&question).map(SkipReason::as_str)
    }
}

/// A rule's name and how to break it, for a message by email.
type Rung = (&'static str, fn(&mut Case));

/// From the top.
const RUNGS: [Rung; 9] = [
    ("kind_off", |case| {
        case.settings.toggles.insert(case.kind, BTreeMap::from([(case.channel, false)]));
    }),
    ("plan_excludes_channel", |case| case.settings.plan = "none".to_owned()),
    ("client_deleted", |case| case.client.deleted = true),
    ("not_enrolled", |case| case.client.enrolled = false),
    ("no_address", |case| case.client.email = Contact::Absent),
    ("invalid_address", |case| case.client.email = Contact::Unreadable),
    ("email_unverified", |case| case.client.email_verified = false),
    ("no_provider", |case| case.provided = Channels::NONE),
    ("too_late", |case| case.too_late = true),
];

#[test]
fn each_rule_forbids_alone() {
    let case = || Case::new(Kind::BookingConfirmed, Channel::Email);
    assert_eq!(case().verdict(), None);
    for (name, broken) in RUNGS {
        let mut case = case();
        broken(&mut case);
        assert_eq!(case.verdict(), Some(name));
    }
}

#[test]
fn of_several_the_first_in_order_is_the_reason() {
    for (place, (name, _)) in RUNGS.iter().enumerate() {
        let mut case = Case::new(Kind::BookingConfirmed, Channel::Email);
        // From the bottom up: an address cannot be absent and unreadable at once.
        for (_, broken) in RUNGS[place..].iter().rev() {
            broken(&mut case);
        }
        assert_eq!(case.verdict(), Some(*name));
    }
}

#[test]
fn the_free_plan_has_no_sms() {
    for (plan, verdict) in
        [("free", Some("plan_excludes_channel")), ("standard", None), ("pro", None)]
    {
        let mut case = Case::new(Kind::BookingConfirmed, Channel::Sms);
        case.settings.plan = plan.to_owned();
        assert_eq!(case.verdict(), verdict, "{plan}");
    }
    for channel in [Channel::Email, Channel::Push, Channel::Inbox] {
        let mut case = Case::new(Kind::BookingConfirmed, channel);
        case.settings.plan = "free".to_owned();
        assert_eq!(case.verdict(), None, "{channel:?}");
    }
}

#[test]
fn each_channel_has_an_address_of_its_own() {
    for missing in [Channel::Email, Channel::Sms, Channel::Push] {
        for channel in Channel::ALL {
            let mut case = Case::new(Kind::BookingConfirmed, channel);
            match missing {
                Channel::Email => case.client.email = Contact::Absent,
                Channel::Sms => case.client.phone = Contact::Absent,
                Channel::Push | Channel::Inbox => case.client.push_tokens.clear(),
            }
            let expected = (channel == missing).then_some("no_address");
            assert_eq!(case.verdict(), expected, "{channel:?} without {missing:?}");
        }
    }
}

#[test]
fn only_email_is_verified_and_only_where_the_tenant_asks() {
    for channel in Channel::ALL {
        let mut case = Case::new(Kind::BookingConfirmed, channel);
        case.client.email_verified = false;
        let expected = (channel == Channel::Email).then_some("email_unverified");
        assert_eq!(case.verdict(), expected, "{channel:?}");
        case.settings.require_verified_email = false;
        assert_eq!(case.verdict(), None, "{channel:?}");
    }
}

#[test]
fn account_messages_are_the_way_to_become_verified() {
    let links = [Kind::AccountPasswordReset, Kind::AccountMagicLink, Kind::AccountVerifyEmail];
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::NoticeManual) {
        let mut case = Case::new(*kind, Channel::Email);
        case.client.email_verified = false;
        let exempt = links.contains(kind) || *kind == Kind::AccountWelcome;
        assert_eq!(case.verdict(), (!exempt).then_some("email_unverified"), "{kind:?}");
        case.client.email_verified = true;
        case.client.enrolled = false;
        let exempt = links.contains(kind);
        assert_eq!(case.verdict(), (!exempt).then_some("not_enrolled"), "{kind:?}");
    }
}

#[test]
fn what_the_ladder_says_is_recorded_for_the_booking() {
    let cases: [(ClientFields, &str); 5] = [
        (ClientFields { enrolled: Some(false), ..reachable("a") }, "no email (not_enrolled)"),
        (ClientFields { email: Some(Contact::Absent), ..reachable("a") }, "no email (no_address)"),
        (
            ClientFields { email: Some(Contact::Unreadable), ..reachable("a") },
            "no email (invalid_address)",
        ),
        (reachable("a"), "no email (email_unverified)"),
        (ClientFields { email_verified: Some(true), ..reachable("a") }, "email"),
    ];
    for (profile, verdict) in cases {
        let mut world = World::with(Settings { require_verified_email: true, ..email_only() });
        world.does(register("anna", profile));
        let lines = world.does(request("b1"));
        assert_eq!(
            lines,
            [
                "b1 is confirmed, 2026-12-03T10:00:00Z".to_owned(),
                format!("tell anna booking.confirmed: {verdict}"),
            ]
        );
    }
}
