//! Data that cannot be taken: each is refused by field, and no person's data is repeated.

mod broadcasts;
mod sessions;

use serde_json::{Value, json};

use crate::wire::{UnreadableReason as Reason, read_command};

use super::{envelope, read};

/// What a client's data says in these tests; no refusal may repeat it.
const PERSONAL: [&str; 5] = ["anna", "rossi", "333123", "tok-secret", "s3cret"];

/// What is changed in good data => the field that is refused => a part of the detail.
const BOOKINGS: &str = r#"
{"booking": ""} => data.booking => 1 to 128
{"booking": 12} => data.booking => must be a string, not this number
{"booking": null} => data.booking => must be a string, not null
{"client": "c\n1"} => data.client => printable
{"by": "Staff"} => data.by => "Staff" is not a party; there are: client, staff
{"by": {"client": null}} => data.by => must be a string, not an object
{"starts_at": "2026-12-03T10:00:00"} => data.starts_at => has no offset: add Z
{"starts_at": "2026-12-32T10:00:00Z"} => data.starts_at => not a day
{"starts_at": "2026-12-03T10:00:00+25:00"} => data.starts_at => not an instant
{"booking": "b1\u202e"} => data.booking => printable
{"starts_at": 1764756000} => data.starts_at => must be a string
{"ends_at": ""} => data.ends_at => not an instant
{"ends_at": false} => data.ends_at => must be a string, not a boolean
{"strats_at": "x"} => data.strats_at => is not a field; there are: booking, client
{"session": "s\t1"} => data.session => printable
{"join_queue": "yes"} => data.join_queue => must be a boolean, not a string
{"starts_at": null} => data.starts_at => is required where there is no session
{"starts_at": null, "session": null} => data.starts_at => is required where there is no session
{"a b": 1} => data[…] => is not a field; there are: booking, client
{"anna@example.com": 1} => data[…] => is not a field
{"+333123456": 1} => data[…] => is not a field
{"https://salon.example/s3cret": 1} => data[…] => is not a field
{"sk_live_tok-secret4eC39HqLyjWDarjtT1zdp7dc": 1} => data[…] => is not a field
{"k333123456": 1} => data[…] => is not a field
{"by": "anna@example.com"} => data.by => this text is not a party
{"by": "Anna Rossi"} => data.by => this text is not a party
{"starts_at": "anna@example.com"} => data.starts_at => this text is not an instant
{"starts_at": "+393331234567"} => data.starts_at => this text is not an instant
{"notes": "a\u0000"} => data.notes => control character
{"notes": ["anna"]} => data.notes => must be a string, not an array
"#;

const CLIENTS: &str = r#"
{"name": ""} => data.name => is empty
{"name": "Anna\r\nBcc: x"} => data.name => line break
{"name": "Anna\u2028Rossi"} => data.name => line break
{"name": "Anna\u0007"} => data.name => control character
{"name": "\u202e\u2066\u200b"} => data.name => is empty
{"name": "Anna\nRossi"} => data.name => line break
{"name": ["Anna", "Rossi"]} => data.name => must be a string, not an array
{"email": 5} => data.email => must be a string, not this number
{"email": ["anna@example.com"]} => data.email => must be a string, not an array
{"phone": 393331234567} => data.phone => must be a string, not this number
{"phone": 39333.5} => data.phone => must be a string, not this number
{"locale": "italiano"} => data.locale => "italiano" is not a language tag
{"timezone": "Rome"} => data.timezone => "Rome" is not an IANA
{"timezone": "anna@example.com"} => data.timezone => this text is not an IANA
{"locale": "Anna Rossi"} => data.locale => this text is not a language tag
{"email_verified": "anna"} => data.email_verified => must be a boolean, not a string
{"push_tokens": "tok-secret"} => data.push_tokens => must be an array, not a string
{"push_tokens": ["a", ""]} => data.push_tokens[1] => 1 to 4096
{"push_tokens": ["tok-secret x"]} => data.push_tokens[0] => printable ASCII
{"tags": {"anna": true}} => data.tags => must be an array, not an object
{"enrolled": 1} => data.enrolled => must be a boolean, not this number
{"by": "anybody"} => data.by => is not a party
{"mail": "anna@example.com"} => data.mail => is not a field
"#;

const SETTINGS: &str = r##"
{"profile": "salon"} => data.profile => there are: appointments, classes
{"plan": ""} => data.plan => is empty
{"approval": "auto"} => data.approval => there are: automatic, manual
{"timezone": "CET+1"} => data.timezone => IANA
{"toggles": {"booking.confirm": {"sms": true}}} => data.toggles["booking.confirm"] => "booking.confirm" is not a message kind
{"toggles": {"anna@example.com": {"sms": true}}} => data.toggles[…] => this text is not a message kind
{"services": {"anna@example.com": {}}} => data.services[…].name => is required
{"toggles": {"booking.confirmed": {"fax": true}}} => data.toggles["booking.confirmed"].fax => "fax" is not a channel
{"toggles": {"booking.confirmed": {"sms": "off"}}} => data.toggles["booking.confirmed"].sms => must be a boolean
{"toggles": {"booking.confirmed": false}} => data.toggles["booking.confirmed"] => must be an object, not a boolean
{"reminders": "P1D"} => data.reminders => must be an array
{"reminders": ["P1D", "1 day"]} => data.reminders[1] => "1 day" is not a lead
{"reminders": [{"days_before": 1}]} => data.reminders[0].at => is required
{"reminders": [{"days_before": -1, "at": "18:00"}]} => data.reminders[0].days_before => must be a whole number from 0
{"reminders": [{"days_before": 367, "at": "18:00"}]} => data.reminders[0].days_before => 366
{"reminders": [{"days_before": 1, "at": "6pm"}]} => data.reminders[0].at => "6pm" is not a time of day
{"reminders": [24]} => data.reminders[0] => must be a span such as
{"quiet_hours": ["22:00", "08:00"]} => data.quiet_hours => must be an object
{"quiet_hours": {"from": "22:00"}} => data.quiet_hours.to => is required
{"quiet_hours": {"from": "22:00", "to": "8"}} => data.quiet_hours.to => HH:MM
{"quiet_hours": {"from": "22:00", "to": "22:00"}} => data.quiet_hours => ends when it starts
{"offer_window": "30m"} => data.offer_window => "30m" is not a span
{"offer_window": "PT0S"} => data.offer_window => "PT0S" is not between PT1S and P31D
{"offer_window": "P32D"} => data.offer_window => "P32D" is not between PT1S and P31D
{"offer_cutoff": "P32D"} => data.offer_cutoff => is not between PT0S and P31D
{"late_grace": "P32D"} => data.late_grace => is not between PT0S and P31D
{"win_back": {"after": "PT0S"}} => data.win_back.after => is not between P1D and P366D
{"services": {"haircut": {"name": "Cut", "duration": "PT0S"}}} => data.services.haircut.duration => between PT1M and P366D
{"timezone": "Factory"} => data.timezone => IANA
{"timezone": "posixrules"} => data.timezone => IANA
{"reminders": ["PT0S"]} => data.reminders[0] => "PT0S" is not a lead time between PT1S and P366D
{"notice_cap": 101} => data.notice_cap => must be a whole number from 0 to 100
{"offer_min": "-PT5M"} => data.offer_min => is not a span
{"offer_cutoff": "P1M"} => data.offer_cutoff => months or years
{"last_call": "all"} => data.last_call => broadcast, stop
{"late_reminder": "send"} => data.late_reminder => skip, send_now
{"late_grace": 60} => data.late_grace => must be a string
{"notice_cap": -1} => data.notice_cap => must be a whole number from 0
{"sms_quota": 1.5} => data.sms_quota => must be a whole number from 0
{"direct_charge": null, "currency": "EUR"} => data.currency => is not a field
{"services": {"haircut": {"name": "Cut", "reminders": ["P1D", "soon"]}}} => data.services.haircut.reminders[1] => "soon" is not a lead
{"services": {"haircut": {"duration": "PT30M"}}} => data.services.haircut.name => is required
{"services": {"haircut": {"name": "Cut", "price": 5}}} => data.services.haircut.price => not a field
{"services": {"haircut": ["Cut"]}} => data.services.haircut => must be an object, not an array
{"services": {"": {"name": "Cut"}}} => data.services[""] => 1 to 128
{"services": {"name": {}}} => data.services.name.name => is required
{"sender": {"email": "anna.rossi"}} => data.sender.email => not an email address
{"sender": {"reply_to": "anna@-x"}} => data.sender.reply_to => not an email
{"sender": {"sms": "Salone Anna Rossi"}} => data.sender.sms => 1 to 11
{"sender": {"name": "A\u0007"}} => data.sender.name => control character
{"sender": {"email": "=?utf-8?q?anna?=@b"}} => data.sender.email => encoded-word
{"sender": {"mail": "a@b"}} => data.sender.mail => email, name, reply_to, sms
{"review": {"after": "PT2H", "every": "P90D", "url": "javascript:alert(1)"}} => data.review.url => http or https
{"review": {"after": "PT2H", "url": "https://x.example"}} => data.review.every => is required
{"sender": {"sender": 1}} => data.sender.sender => is not a field
{"win_back": {}} => data.win_back.after => is required
{"staff": {"emails": ["a@b", "anna"], "kinds": []}} => data.staff.emails[1] => not an email address
{"staff": {"emails": []}} => data.staff.kinds => is required
{"offer_respects_quiet_hours": "PT1H"} => data.offer_respects_quiet_hours => must be a boolean
{"brand": "#1f9d61"} => data.brand => must be an object
{"brand": {"color": "green"}} => data.brand.color => "green" is not a colour
{"fallback": "email"} => data.fallback => must be an object
{"fallback": {"sms": "fax"}} => data.fallback.sms => "fax" is not
{"fallback": {"fax": "sms"}} => data.fallback.fax => "fax" is not a channel
{"fallback": {"sms": "email", "push": "push"}} => data.fallback => push cannot take the place of push
{"brand": {"colour": "#1f9d61"}} => data.brand.colour => is not a field; there are: color
"##;

fn booking() -> Value {
    json!({"booking": "b1", "client": "c1", "by": "client", "starts_at": "2026-12-03T10:00:00Z"})
}

fn client() -> Value {
    json!({"client": "c1", "name": "Anna Rossi", "email": "anna@example.com"})
}

fn settings() -> Value {
    json!({
        "name": "Salone", "profile": "appointments", "plan": "pro", "locale": "it",
        "timezone": "Europe/Rome", "approval": "manual",
    })
}

fn with(mut data: Value, change: Value) -> Value {
    let Value::Object(change) = change else { panic!("{change}") };
    data.as_object_mut().unwrap().extend(change);
    data
}

fn without(mut data: Value, field: &str) -> Value {
    data.as_object_mut().unwrap().remove(field).unwrap();
    data
}

fn check(type_name: &str, data: Value, field: &str, detail: &str) {
    let refusal = read(&envelope(type_name, data.clone())).unwrap_err();
    let told = refusal.to_string();
    assert_eq!(refusal.reason, Reason::InvalidData, "{data}");
    assert_eq!(refusal.field.as_deref(), Some(field), "{data}: {told}");
    assert!(refusal.detail.contains(detail), "{data}: {told}");
    assert_eq!(refusal.type_name.as_deref(), Some(type_name));
    for secret in PERSONAL {
        assert!(!told.to_lowercase().contains(secret), "{told}");
    }
}

fn check_table(type_name: &str, good: fn() -> Value, table: &str) {
    read(&envelope(type_name, good())).unwrap();
    for line in table.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<_> = line.split(" => ").collect();
        let [change, field, detail] = cells[..] else { panic!("{line}") };
        check(type_name, with(good(), serde_json::from_str(change).expect(change)), field, detail);
    }
}

#[test]
fn one_field_is_wrong() {
    check_table("booking.request", booking, BOOKINGS);
    check_table("client.register", client, CLIENTS);
    check_table("client.update", client, CLIENTS);
    check_table("tenant.configure", settings, SETTINGS);
}

#[test]
fn one_field_is_missing() {
    for (type_name, good, fields) in [
        ("booking.request", booking(), &["booking", "client", "by"][..]),
        ("client.register", client(), &["client", "name"]),
        ("client.update", client(), &["client"]),
        (
            "tenant.configure",
            settings(),
            &["name", "profile", "plan", "locale", "timezone", "approval"],
        ),
    ] {
        for field in fields {
            check(type_name, without(good.clone(), field), &format!("data.{field}"), "is required");
        }
    }
    let no_start = without(booking(), "starts_at");
    check("booking.request", no_start, "data.starts_at", "is required where there is no session");
    let id = || json!({"booking": "b1"});
    check("booking.cancel", id(), "data.by", "is required");
    check("booking.annotate", id(), "data.notes", "is required");
    check("booking.reschedule", id(), "data.starts_at", "is required");
    check("booking.reassign", id(), "data.client", "is required");
    let by_whom = with(id(), json!({"by": "staff"}));
    check("booking.confirm", by_whom, "data.by", "is not a field; there are: booking");
}

#[test]
fn too_long() {
    let text = |length| "x".repeat(length);
    let request = |change| with(booking(), change);
    let register = |change| with(client(), change);
    let (id, notes) = (json!({"client": text(129)}), json!({"notes": text(2001)}));
    check("booking.request", request(id), "data.client", "1 to 128");
    check("booking.request", request(notes), "data.notes", "longer than 2000");
    let (name, tag) = (json!({"name": text(201)}), json!({"tags": [text(101)]}));
    check("client.register", register(name), "data.name", "longer than 200 characters");
    check("client.register", register(tag), "data.tags[0]", "longer than 100");
    let token = json!({"push_tokens": [text(4097)]});
    check("client.register", register(token), "data.push_tokens[0]", "1 to 4096");
}

#[test]
fn too_many() {
    let register = |change| with(client(), change);
    let configure = |change| with(settings(), change);
    let services: serde_json::Map<_, _> =
        (0..1001).map(|n| (format!("s{n}"), json!({"name": "x"}))).collect();
    let (tags, tokens) = (json!({"tags": vec!["t"; 101]}), json!({"push_tokens": vec!["t"; 11]}));
    check("client.register", register(tags), "data.tags", "more than 100");
    check("client.register", register(tokens), "data.push_tokens", "more than 10");
    let (leads, services) = (json!({"reminders": vec!["P1D"; 11]}), json!({"services": services}));
    check("tenant.configure", configure(leads), "data.reminders", "more than 10");
    check("tenant.configure", configure(services), "data.services", "more than 1000");
}

#[test]
fn keys_that_stand_twice() {
    for (type_name, data, field) in [
        ("booking.confirm", r#"{"booking":"b1","booking":"b2"}"#, "data.booking"),
        (
            "tenant.configure",
            r#"{"toggles":{"booking.confirmed":{"sms":true,"sms":false}}}"#,
            "data.toggles[\"booking.confirmed\"].sms",
        ),
        ("tenant.configure", r#"{"services":{"a":{"name":"x"},"a":{}}}"#, "data.services.a"),
    ] {
        let body = envelope(type_name, json!("DATA")).to_string().replace("\"DATA\"", data);
        let refusal = read_command(body.as_bytes(), None).unwrap_err();
        assert_eq!(refusal.reason, Reason::InvalidData);
        assert_eq!(refusal.field.as_deref(), Some(field));
        assert_eq!(refusal.detail, "is given twice");
    }
}

#[test]
fn texts_that_only_look_like_json() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (value, detail) in
        [(deep.as_str(), "recursion"), ("\"\\ud800\"", "hex escape"), ("1e999", "out of range")]
    {
        let data = format!("{{\"booking\":{value}}}");
        let body =
            envelope("booking.confirm", json!("DATA")).to_string().replace("\"DATA\"", &data);
        let refusal = read_command(body.as_bytes(), None).unwrap_err();
        assert!(matches!(refusal.reason, Reason::InvalidData | Reason::NotJson), "{refusal}");
        assert!(refusal.detail.contains(detail), "{refusal}");
        assert!(refusal.to_string().len() < 500, "{refusal}");
    }
}
