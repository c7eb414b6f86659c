//! The policy ladder: each rule alone, and which of two comes first.

use super::*;
use crate::domain::policy::{Question, SkipReason, forbids};
use crate::domain::settings::ReviewRules;
use crate::domain::spend::SmsTerms;

/// Somebody whom nothing forbids to write to.
struct Case {
    settings: Settings,
    provided: Channels,
    kind: Kind,
    channel: Channel,
    client: Client,
    exhausted: bool,
    capped: bool,
    plans: Plans,
    veto: Option<SkipReason>,
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
        Self {
            settings,
            provided: Channels::ALL,
            kind,
            channel,
            client,
            exhausted: false,
            capped: false,
            plans: Plans::default(),
            veto: None,
        }
    }

    fn verdict(&self) -> Option<&'static str> {
        let Self { settings, plans, provided, kind, channel, client, exhausted, capped, veto } =
            self;
        let question = Question {
            settings,
            plans,
            provided: *provided,
            kind: *kind,
            channel: *channel,
            client,
            now: at(NOON),
            unpaid: &|| {
                let exhausted = exhausted.then_some(SkipReason::QuotaExhausted);
                exhausted.or(capped.then_some(SkipReason::SpendCapped))
            },
            veto: *veto,
        };
        forbids(&question).map(SkipReason::as_str)
    }
}

/// A rule's name and how to break it, for a message by email, or by SMS.
type Rung = (&'static str, fn(&mut Case));

/// From the top.
const BY_EMAIL: [Rung; 12] = [
    ("kind_off", |case| {
        case.settings.toggles.insert(case.kind, BTreeMap::from([(case.channel, false)]));
    }),
    ("plan_excludes_channel", |case| case.settings.plan = "none".to_owned()),
    ("client_deleted", |case| case.client.deleted = true),
    ("not_enrolled", |case| case.client.enrolled = false),
    ("no_address", |case| case.client.email = Contact::Absent),
    ("invalid_address", |case| case.client.email = Contact::Unreadable),
    ("email_unverified", |case| case.client.email_verified = false),
    ("opted_out", |case| case.client.preferences.opt_out(Some(case.channel), None)),
    ("suppressed", |case| case.client.suppressed = Channels::ALL),
    ("frequency_capped", |case| case.client.reviewed_at = Some(at(NOON))),
    ("no_provider", |case| case.provided = Channels::NONE),
    ("too_late", |case| case.veto = Some(SkipReason::TooLate)),
];

/// Where the two differ.
const BY_SMS: [Rung; 7] = [
    ("no_address", |case| case.client.phone = Contact::Absent),
    ("invalid_address", |case| case.client.phone = Contact::Unreadable),
    ("destination_not_allowed", |case| {
        let sms = SmsTerms { prefixes: vec!["+99".to_owned()], ..SmsTerms::default() };
        case.plans = Plans::default().with_sms(sms);
    }),
    ("suppressed", |case| case.client.suppressed = Channels::ALL),
    ("quota_exhausted", |case| case.exhausted = true),
    ("spend_capped", |case| case.capped = true),
    ("frequency_capped", |case| case.client.reviewed_at = Some(at(NOON))),
];

/// A kind that every rule is about.
fn review(channel: Channel) -> Case {
    let mut case = Case::new(Kind::ReviewRequested, channel);
    let (after, every) = (SignedDuration::ZERO, SignedDuration::from_hours(24));
    case.settings.review = Some(ReviewRules { after, every, url: String::new() });
    case
}

#[test]
fn each_rule_forbids_alone() {
    for (channel, rungs) in [(Channel::Email, &BY_EMAIL[..]), (Channel::Sms, &BY_SMS[..])] {
        assert_eq!(review(channel).verdict(), None);
        for (name, broken) in rungs {
            let mut case = review(channel);
            broken(&mut case);
            assert_eq!(case.verdict(), Some(*name), "{channel:?}");
        }
    }
}

#[test]
fn of_several_the_first_in_order_is_the_reason() {
    for (channel, rungs) in [(Channel::Email, &BY_EMAIL[..]), (Channel::Sms, &BY_SMS[..])] {
        for (place, (name, _)) in rungs.iter().enumerate() {
            let mut case = review(channel);
            // From the bottom up: an address cannot be absent and unreadable at once.
            for (_, broken) in rungs[place..].iter().rev() {
                broken(&mut case);
            }
            assert_eq!(case.verdict(), Some(*name), "{channel:?}");
        }
    }
}

#[test]
fn the_quota_is_of_text_messages_only() {
    for channel in [Channel::Email, Channel::Push, Channel::Inbox] {
        let mut case = review(channel);
        case.exhausted = true;
        assert_eq!(case.verdict(), None, "{channel:?}");
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

/// What a rule does not hold for.
type Exemption = (&'static str, fn(&mut Client), &'static [Kind]);

#[test]
fn some_kinds_are_exempt_of_some_rules() {
    use Kind::{
        AccountMagicLink as Magic, AccountPasswordReset as Reset, AccountVerifyEmail as Verify,
        AccountWelcome as Welcome, NoticeManual as Notice,
    };
    let exemptions: [Exemption; 4] = [
        ("client_deleted", |client| client.deleted = true, &[Notice]),
        ("not_enrolled", |client| client.enrolled = false, &[Notice, Reset, Magic, Verify]),
        (
            "email_unverified",
            |client| client.email_verified = false,
            &[Welcome, Reset, Magic, Verify],
        ),
        (
            "opted_out",
            |client| client.preferences.opt_out(None, None),
            &[Welcome, Reset, Magic, Verify],
        ),
    ];
    for (name, broken, exempt) in exemptions {
        for kind in Kind::ALL {
            let mut case = Case::new(*kind, Channel::Email);
            broken(&mut case.client);
            let expected = (!exempt.contains(kind)).then_some(name);
            assert_eq!(case.verdict(), expected, "{kind:?}");
        }
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
