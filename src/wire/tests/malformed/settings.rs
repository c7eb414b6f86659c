//! A tenant's settings.

use serde_json::{Value, json};

use super::{check, merge};

fn settings(change: &Value) -> Value {
    let mut settings = json!({
        "name": "Salone", "profile": "appointments", "plan": "pro", "locale": "it",
        "timezone": "Europe/Rome", "approval": "manual",
    });
    merge(&mut settings, change);
    settings
}

#[test]
fn settings_at_the_top() {
    for (change, field, detail) in [
        (
            json!({"profile": "salon"}),
            "data.profile",
            "there are: appointments, classes",
        ),
        (json!({"plan": ""}), "data.plan", "is empty"),
        (
            json!({"approval": "auto"}),
            "data.approval",
            "there are: automatic, manual",
        ),
        (json!({"timezone": "CET+1"}), "data.timezone", "IANA"),
        (
            json!({"toggles": {"booking.confirm": {"sms": true}}}),
            "data.toggles[\"booking.confirm\"]",
            "\"booking.confirm\" is not a message kind",
        ),
        (
            json!({"toggles": {"booking.confirmed": {"fax": true}}}),
            "data.toggles[\"booking.confirmed\"].fax",
            "\"fax\" is not a channel",
        ),
        (
            json!({"toggles": {"booking.confirmed": {"sms": "off"}}}),
            "data.toggles[\"booking.confirmed\"].sms",
            "must be a boolean",
        ),
        (
            json!({"toggles": {"booking.confirmed": false}}),
            "data.toggles[\"booking.confirmed\"]",
            "must be an object, not a boolean",
        ),
        (
            json!({"reminders": "P1D"}),
            "data.reminders",
            "must be an array",
        ),
        (
            json!({"reminders": ["P1D", "1 day"]}),
            "data.reminders[1]",
            "\"1 day\" is not a lead",
        ),
        (
            json!({"reminders": [{"days_before": 1}]}),
            "data.reminders[0].at",
            "is required",
        ),
        (
            json!({"reminders": [{"days_before": -1, "at": "18:00"}]}),
            "data.reminders[0].days_before",
            "must be a whole number from 0",
        ),
        (
            json!({"reminders": [{"days_before": 367, "at": "18:00"}]}),
            "data.reminders[0]",
            "366",
        ),
        (
            json!({"reminders": [{"days_before": 1, "at": "6pm"}]}),
            "data.reminders[0].at",
            "\"6pm\" is not a time of day",
        ),
        (
            json!({"reminders": [24]}),
            "data.reminders[0]",
            "must be a span such as",
        ),
        (
            json!({"reminders": vec!["P1D"; 11]}),
            "data.reminders",
            "more than 10",
        ),
        (
            json!({"quiet_hours": ["22:00", "08:00"]}),
            "data.quiet_hours",
            "must be an object",
        ),
        (
            json!({"quiet_hours": {"from": "22:00"}}),
            "data.quiet_hours.to",
            "is required",
        ),
        (
            json!({"quiet_hours": {"from": "22:00", "to": "8"}}),
            "data.quiet_hours.to",
            "HH:MM",
        ),
        (
            json!({"quiet_hours": {"from": "22:00", "to": "22:00"}}),
            "data.quiet_hours",
            "ends when it starts",
        ),
        (
            json!({"offer_window": "30m"}),
            "data.offer_window",
            "\"30m\" is not a span",
        ),
        (
            json!({"offer_min": "-PT5M"}),
            "data.offer_min",
            "is not a span",
        ),
        (
            json!({"offer_cutoff": "P1M"}),
            "data.offer_cutoff",
            "months or years",
        ),
        (
            json!({"last_call": "all"}),
            "data.last_call",
            "broadcast, stop",
        ),
        (
            json!({"late_reminder": "send"}),
            "data.late_reminder",
            "skip, send_now",
        ),
        (
            json!({"late_grace": 60}),
            "data.late_grace",
            "must be a string",
        ),
        (
            json!({"notice_cap": -1}),
            "data.notice_cap",
            "must be a whole number from 0",
        ),
        (
            json!({"sms_quota": 1.5}),
            "data.sms_quota",
            "must be a whole number from 0",
        ),
        (
            json!({"direct_charge": null, "currency": "EUR"}),
            "data.currency",
            "is not a field",
        ),
    ] {
        check("tenant.configure", settings(&change), field, detail);
    }
    for missing in ["name", "profile", "plan", "locale", "timezone", "approval"] {
        let mut data = settings(&json!({}));
        data.as_object_mut().unwrap().remove(missing);
        check(
            "tenant.configure",
            data,
            &format!("data.{missing}"),
            "is required",
        );
    }
}

#[test]
fn settings_further_down() {
    let services = |service: Value| json!({"services": {"haircut": service}});
    let many: serde_json::Map<_, _> = (0..1001)
        .map(|n| (format!("s{n}"), json!({"name": "x"})))
        .collect();
    for (change, field, detail) in [
        (
            services(json!({"name": "Cut", "reminders": ["P1D", "soon"]})),
            "data.services.haircut.reminders[1]",
            "\"soon\" is not a lead",
        ),
        (
            services(json!({"duration": "PT30M"})),
            "data.services.haircut.name",
            "is required",
        ),
        (
            services(json!({"name": "Cut", "price": 5})),
            "data.services.haircut.price",
            "not a field",
        ),
        (
            services(json!(["Cut"])),
            "data.services.haircut",
            "must be an object, not an array",
        ),
        (
            json!({"services": {"": {"name": "Cut"}}}),
            "data.services[\"\"]",
            "1 to 128",
        ),
        (
            json!({"services": {"name": {}}}),
            "data.services.name.name",
            "is required",
        ),
        (json!({"services": many}), "data.services", "more than 1000"),
        (
            json!({"sender": {"email": "anna.rossi"}}),
            "data.sender.email",
            "not an email address",
        ),
        (
            json!({"sender": {"reply_to": "anna@-x"}}),
            "data.sender.reply_to",
            "not an email",
        ),
        (
            json!({"sender": {"sms": "Salone Anna Rossi"}}),
            "data.sender.sms",
            "1 to 11",
        ),
        (
            json!({"sender": {"name": "A\u{7}"}}),
            "data.sender.name",
            "control character",
        ),
        (
            json!({"sender": {"mail": "a@b"}}),
            "data.sender.mail",
            "email, name, reply_to, sms",
        ),
        (
            json!({"review": {"after": "PT2H", "every": "P90D", "url": "javascript:alert(1)"}}),
            "data.review.url",
            "http or https",
        ),
        (
            json!({"review": {"after": "PT2H", "url": "https://x.example"}}),
            "data.review.every",
            "is required",
        ),
        (
            json!({"sender": {"sender": 1}}),
            "data.sender.sender",
            "is not a field",
        ),
        (
            json!({"win_back": {}}),
            "data.win_back.after",
            "is required",
        ),
        (
            json!({"staff": {"emails": ["a@b", "anna"], "kinds": []}}),
            "data.staff.emails[1]",
            "not an email address",
        ),
        (
            json!({"staff": {"emails": []}}),
            "data.staff.kinds",
            "is required",
        ),
    ] {
        check("tenant.configure", settings(&change), field, detail);
    }
}
