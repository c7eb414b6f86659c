//! A whole document, and what each gap means.

use jiff::SignedDuration;
use jiff::civil::Time;

use super::*;
use crate::domain::address::EmailAddress;
use crate::domain::kind::Kind;
use crate::domain::lead::LeadRule;
use crate::domain::reply::Keyword;
use crate::domain::settings::{self, QuietHours, StaffAlerts};
use crate::domain::sms::SmsRules;
use crate::wire::field::read_data;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn read(data: &Value) -> Settings {
    read_data::<ConfigureTenant>(data).unwrap().into_settings()
}

fn required(profile: &str) -> Value {
    json!({
        "name": "Salone Uno", "profile": profile, "plan": "pro", "locale": "it-IT",
        "timezone": "Europe/Rome", "approval": "manual",
    })
}

#[test]
fn what_is_left_out_is_the_profiles_default() {
    for (name, profile) in [("appointments", Profile::Appointments), ("classes", Profile::Classes)]
    {
        let expected = Settings {
            plan: "pro".to_owned(),
            locale: Locale::parse("it-IT").unwrap(),
            timezone: Zone::parse("Europe/Rome").unwrap(),
            approval: Approval::Manual,
            ..Settings::of_profile("Salone Uno", profile)
        };
        assert_eq!(read(&required(name)), expected);
    }
}

#[test]
fn null_is_left_out() {
    let mut data = required("classes");
    for field in [
        "toggles",
        "reminders",
        "services",
        "sender",
        "quiet_hours",
        "offer_window",
        "last_call",
        "review",
        "win_back",
        "notice_cap",
        "require_verified_email",
        "staff",
        "offer_respects_quiet_hours",
        "brand",
        "fallback",
        "app_links",
        "sms",
    ] {
        data[field] = Value::Null;
    }
    assert_eq!(read(&data), read(&required("classes")));
}

#[test]
fn reminders_in_both_forms() {
    let mut data = required("appointments");
    data["reminders"] = json!(["P1D", "PT2H", {"days_before": 1, "at": "18:00"}]);
    data["services"] = json!({
        "haircut": {"name": "Taglio", "reminders": ["PT24H"], "duration": "PT45M",
            "location": "Via Roma 1", "bring": "A towel"},
        "quick": {"name": "Frangia", "reminders": []},
        "plain": {"name": "Piega"},
    });
    let settings = read(&data);
    let at = LeadRule::At { days_before: 1, at: Time::constant(18, 0, 0, 0) };
    assert_eq!(settings.reminders, [LeadRule::Days(1), LeadRule::Exact(7200), at]);
    let service = |id| settings.services[&ServiceId::parse(id).unwrap()].clone();
    let haircut = settings::Service {
        name: "Taglio".to_owned(),
        reminders: Some(vec![LeadRule::Exact(86_400)]),
        duration: Some(SignedDuration::from_mins(45)),
        location: Some("Via Roma 1".to_owned()),
        bring: Some("A towel".to_owned()),
    };
    assert_eq!(service("haircut"), haircut);
    assert_eq!(service("quick").reminders, Some(Vec::new()), "none, not the tenant's");
    assert_eq!(service("plain").reminders, None);
}

#[test]
fn toggles_by_kind_and_channel() {
    let mut data = required("appointments");
    data["toggles"] = json!({"booking.confirmed": {"sms": false, "push": true}});
    let on = BTreeMap::from([(Channel::Sms, false), (Channel::Push, true)]);
    assert_eq!(read(&data).toggles, BTreeMap::from([(Kind::BookingConfirmed, on)]));
}

#[test]
fn everything_else() {
    let mut data = required("classes");
    let rest = json!({
        "sender": {"email": "ciao@salone.example", "name": "Il Salone",
            "reply_to": "front@salone.example", "sms": "SaloneUno"},
        "quiet_hours": {"from": "21:30", "to": "08:00"},
        "offer_window": "PT20M", "offer_min": "PT2M", "offer_cutoff": "PT1H",
        "offer_respects_quiet_hours": true, "brand": {"color": "#1F9D61"},
        "last_call": "broadcast", "late_reminder": "send_now", "late_grace": "PT30M",
        "review": {"after": "PT2H", "every": "P90D", "url": "https://salone.example/r"},
        "win_back": {"after": "P60D"}, "notice_cap": 5, "require_verified_email": false,
        "direct_charge": true, "client_links": true, "sms_quota": 100,
        "staff": {"emails": ["boss@salone.example"], "kinds": ["staff.booking_requested"]},
        "fallback": {"sms": "email", "push": "email"},
        "app_links": {"booking.confirmed": "salon://b/{booking}"},
        "sms": {"transliterate": true, "keywords": ["SalonUno"]},
    });
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let address = |text| EmailAddress::parse(text).unwrap();
    let (mins, days) = (SignedDuration::from_mins, |n: i64| SignedDuration::from_hours(24 * n));
    let expected = Settings {
        sender: settings::Sender {
            email: Some(address("ciao@salone.example")),
            name: Some("Il Salone".to_owned()),
            reply_to: Some(address("front@salone.example")),
            sms: Some("SaloneUno".to_owned()),
        },
        quiet_hours: Some(QuietHours {
            from: Time::constant(21, 30, 0, 0),
            to: Time::constant(8, 0, 0, 0),
        }),
        offer: settings::OfferRules {
            window: mins(20),
            min: mins(2),
            cutoff: mins(60),
            last_call: LastCall::Broadcast,
            respects_quiet_hours: true,
        },
        late_reminder: LateReminder::SendNow,
        late_grace: mins(30),
        review: Some(settings::ReviewRules {
            after: mins(120),
            every: days(90),
            url: "https://salone.example/r".to_owned(),
        }),
        win_back_after: Some(days(60)),
        notice_cap: Some(5),
        require_verified_email: false,
        direct_charge: true,
        client_links: true,
        sms_quota: Some(100),
        staff: Some(StaffAlerts {
            emails: vec![address("boss@salone.example")],
            kinds: BTreeSet::from([Kind::StaffBookingRequested]),
        }),
        color: settings::Color::parse("#1f9d61").ok(),
        fallback: BTreeMap::from([(Channel::Sms, Channel::Email), (Channel::Push, Channel::Email)]),
        app_links: BTreeMap::from([(Kind::BookingConfirmed, "salon://b/{booking}".to_owned())]),
        sms: SmsRules { transliterate: true, keywords: vec![Keyword::parse("salonuno").unwrap()] },
        ..read(&required("classes"))
    };
    assert_eq!(read(&data), expected);
}
