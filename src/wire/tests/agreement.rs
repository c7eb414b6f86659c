//! The schema takes what the reader takes, and refuses what it refuses, formats checked.
//!
//! What a JSON Schema cannot say is left out: how two fields of one command must agree, the length
//! of text beyond ASCII in bytes, and which labels of a domain IDNA knows.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::wire::asyncapi;
use crate::wire::command::{CommandType, TYPES};

/// What is said of a field that is at odds with another.
const BETWEEN_FIELDS: [&str; 7] = [
    "must be after starts_at",
    "must not be after starts_at",
    "must be before starts_at",
    "must not be more than capacity",
    "ends when it starts",
    "cannot take the place of",
    "means something by itself",
];

/// Every field that the examples leave out.
const MORE: &[(&str, &str)] = &[
    (
        "tenant.configure",
        r##"{"name":"S","profile":"classes","plan":"pro","locale":"it","timezone":"Europe/Rome",
        "approval":"manual","toggles":{"booking.declined":{"sms":false}},
        "reminders":["P1D",{"days_before":0,"at":"08:00"}],
        "services":{"cut":{"name":"Cut","duration":"PT45M","reminders":["PT2H"],"location":"x","bring":"x"}},
        "sender":{"email":"a@b.c","name":"S","reply_to":"a@b.c","sms":"Salone"},
        "quiet_hours":{"from":"21:00","to":"08:00"},"offer_window":"PT30M","offer_min":"PT5M",
        "offer_cutoff":"PT15M","offer_respects_quiet_hours":true,"last_call":"stop",
        "late_reminder":"skip","late_grace":"PT1H","win_back":{"after":"P60D"},"notice_cap":2,
        "review":{"after":"PT2H","every":"P90D","url":"https://x.example/r"},"sms_quota":100,
        "require_verified_email":true,"direct_charge":false,"client_links":true,"brand":{"color":"#1f9d61"},
        "staff":{"emails":["a@b.c"],"kinds":["staff.booking_requested"]},
        "fallback":{"sms":"email","email":"push"},
        "sms":{"transliterate":true,"keywords":["SALONUNO"]}}"##,
    ),
    (
        "template.set",
        r#"{"kind":"booking.reminder","channel":"email","locale":"it","subject":"s","body":"b"}"#,
    ),
    (
        "client.update",
        r#"{"client":"c1","name":"Anna","email":"a@b.c","phone":"+393331234567","locale":"it",
        "timezone":"Europe/Rome","email_verified":true,"push_tokens":["t"],"tags":["vip"],
        "enrolled":true,"by":"staff"}"#,
    ),
    (
        "booking.request",
        r#"{"booking":"b1","client":"c1","by":"client","starts_at":"2026-12-03T10:00:00+01:00",
        "ends_at":"2026-12-03T10:45:00+01:00","service":"cut","session":"s1","join_queue":true,
        "series":"mondays","notes":"n"}"#,
    ),
    (
        "payment.request",
        r#"{"payment":"p1","client":"c1","amount":{"amount":"1200","currency":"JPY"},
        "reason":"r","direct":true}"#,
    ),
    (
        "sale.record",
        r#"{"client":"c1","description":"d","amount":{"amount":"1.505","currency":"BHD"},
        "balance":{"amount":"5.5","currency":"EUR"}}"#,
    ),
    (
        "notice.send",
        r#"{"notice":"n1","title":"t","body":"b","channels":["email"],"audience":{"all":true}}"#,
    ),
    (
        "notice.send",
        r#"{"notice":"n1","title":"t","body":"b","channels":["email"],
        "audience":{"clients":["c1"],"tags_any":["a"],"enrolled":true,"deleted":false}}"#,
    ),
    ("inbox.post", r#"{"title":"t","body":"b","client":"c1","board":false,"to":"client"}"#),
    ("inbox.post", r#"{"title":"t","body":"b","to":{"client":"c1"}}"#),
    ("inbox.post", r#"{"title":"t","body":"b","to":{"board":true}}"#),
];

/// Texts of every kind that the interface knows, good and nearly good.
const TEXTS: &str = r##"[
"", " ", "x", "b 1", "b\u202e1", "\u200b", "\u3164", "\u00a0", "b\u20281", "\ufeffb",
"a\nb", "a\r\nb", "a\rb", "a\tb", "a\u0000", "a\u007f", "a\u0085", "👩\u200d🔧", "e\u0301",
"client", "staff", "board", "email", "fax", "booking.reminder", "booking.confirm", "classes",
"salon", "automatic", "auto", "stop", "skip", "pro", "staff.booking_requested",
"it", "fr-CH", "fr_CH", "italiano", "i", "it-", "en-x-us", "zh-Hant-TW", "de-éa",
"Europe/Rome", "US/Eastern", "Etc/GMT+5", "UTC", "Rome", "Factory", "posixrules", "CET+1",
"Europe/Atlantis", "+01:00",
"2026-12-03T10:00:00+01:00", "2026-12-03T10:00:00Z", "2026-12-03t10:00:00.5z",
"2028-02-29T10:00:00Z", "2026-02-29T10:00:00Z", "2026-12-03", "2026-12-03T10:00:00",
"2026-12-03T10:00Z", "2026-12-03 10:00:00Z", "2026-12-03T10:00:00+25:00",
"2026-12-03T10:00:00+24:00", "2026-12-03T10:00:00+01:60", "2026-12-03T10:00:00+01:00:30",
"2026-12-03T10:00:00+0100", "2026-12-03T24:00:00Z", "2026-12-03T23:59:60Z",
"2026-12-03T10:00:00[Europe/Rome]", "1969-12-31T00:00:00Z", "3000-01-01T00:00:00Z",
"2026-13-03T10:00:00Z", "2026-12-32T10:00:00Z", "2026-12-03T10:00:00,5Z",
"2026-12-03T10:00:00.1234567891Z", "tomorrow", "1764756000",
"PT30M", "P1D", "P2W", "P1DT2H", "PT0S", "P0D", "PT59S", "PT60S", "P366D", "P367D", "P31D",
"P32D", "PT8784H", "PT8785H", "PT527040M", "PT527041M", "PT31622400S", "PT31622401S", "P52W",
"P53W", "P4W", "P5W", "P0DT00H30M00S", "P1M", "P1Y", "PT", "P", "P1DT", "-P1D", "P-1D", "PT1.5H",
"pt1h", "30m", "PT1H30S", "P1W2D", "PT23H", "PT24H", "PT1440M", "PT999999999999H", "PT86400S",
"18:00", "00:00", "23:59", "24:00", "7:05", "18:60", "18:00:00",
"12.50", "12.505", "12.5050", "12.50501", "12", "0.00", "-5", "+5", "1e3", "12,50", ".5", "5.",
"000000000012", "1234567890123", "EUR", "JPY", "BHD", "CLF", "XTS", "eur", "EURO", "€",
"#1f9d61", "#1F9D61", "#1f9d6", "green", "1f9d61",
"a@b", "anna@example.com", "josé@exämple.de", "संपर्क@example.com", "x@ตัวอย่าง.ไทย", "anna",
"a b@c", "a@b c", "a@-b", "a@b-", "a@b..c", ".a@b", "a.@b", "a..b@c", "@b", "a@", "a@b_c",
"=?utf-8?q?a?=@b.c", "a@[127.0.0.1]", "<a@b.c>", "a\u202eb@c.d", "\"a b\"@c.d", "a(b)@c.d",
"+393331234567", "+0123456789", "393331234567", "+12", "+1234567890123456", "TwelveChars!",
"Salòne", "Eleven Char",
"https://x.example", "https://x.example/r?a=1#b", "HTTP://x.example", "http://[::1]:8025/",
"https://x.example/v?c={client}", "https://{client}.example/{client}", "https://x.example{client}",
"https://x.example/{client}/{token}", "javascript:alert(1)", "ftp://x.example", "https://",
"https:///a", "https://a b.example", "https://a@b.example", "https://:80/", "https://x.example/é",
"https://x.example/<a>", "x.example", "tok-1", "tok 1", "tök"
]"##;

/// Other values, good and nearly good.
const OTHERS: &str = r#"[
null, true, false, 0, 1, -1, 1.5, 5.0, -0.0, 1e30, 10000, 10001, 100, 101, 366, 367,
4294967295, 4294967296, [], {}, ["x"], [null], ["email"], ["email", "email"],
["email", "sms", "push", "inbox", "email"], ["c1", ""], ["P1D", "PT2H"], ["soon"],
[{"days_before": 1, "at": "18:00"}], [{"days_before": 1}], {"days_before": 367, "at": "08:00"},
{"client": "c1"}, {"board": true}, {"board": false}, {"client": "c1", "board": true},
{"client": "c1", "board": null}, {"client": null, "board": true}, {"all": true},
{"all": false}, {"all": null, "enrolled": true}, {"all": true, "enrolled": true},
{"clients": []}, {"tags_any": ["a"], "clients": null}, {"enrolled": null},
{"all": true, "clients": null}, {"amount": "5", "currency": "EUR"},
{"amount": "12.505", "currency": "EUR"}, {"amount": "1200.00", "currency": "JPY"},
{"amount": "1.505", "currency": "BHD"}, {"amount": "0", "currency": "EUR"},
{"amount": "-5", "currency": "EUR"}, {"amount": 5, "currency": "EUR"}, {"amount": "5"},
{"from": "21:00", "to": "08:00"}, {"from": "21:00"}, {"sms": true}, {"sms": "sms"}, {"sms": "push"}, {"fax": "email"}, {"fax": true},
{"booking.confirmed": {"sms": true}}, {"booking.confirm": {"sms": true}},
{"cut": {"name": "Cut"}}, {"": {"name": "Cut"}}, {"cut": {}}, {"emails": [], "kinds": []},
{"color": null}, {"color": "green"}, {"email": null}, {"count": 1, "decide_at": "noon"}
]"#;

/// The lengths next to every limit, in characters.
const LENGTHS: &[usize] = &[
    11, 12, 63, 64, 65, 100, 101, 128, 129, 200, 201, 500, 501, 2000, 2001, 4096, 4097, 16_384,
    16_385,
];

fn values() -> Vec<Value> {
    let texts: Vec<Value> = serde_json::from_str(TEXTS).unwrap();
    let long =
        LENGTHS.iter().flat_map(|length| [json!("x".repeat(*length)), json!("+".repeat(*length))]);
    let addresses = [64, 65].map(|length| json!(format!("{}@b.c", "x".repeat(length))));
    let labels = [63, 64].map(|length| json!(format!("a@{}.c", "x".repeat(length))));
    let links = [2000, 2001].map(|length| json!(format!("{:a<length$}", "https://x.example/")));
    let others: Vec<Value> = serde_json::from_str(OTHERS).unwrap();
    texts
        .into_iter()
        .chain(long)
        .chain(addresses)
        .chain(labels)
        .chain(links)
        .chain(others)
        .collect()
}

static VALUES: LazyLock<Vec<Value>> = LazyLock::new(values);

/// Good data with the validator and the reader of its type.
struct Case {
    known: &'static CommandType,
    validator: Validator,
    data: Value,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let document = asyncapi();
    let of = |known: &'static CommandType, data: &str| {
        let reference = format!("#/components/schemas/{}", known.name);
        let schema = json!({"allOf": [{"$ref": reference}], "components": document["components"]});
        let options = jsonschema::draft7::options().should_validate_formats(true);
        let validator = options.build(&schema).unwrap();
        Case { known, validator, data: serde_json::from_str(data).unwrap() }
    };
    let examples = TYPES.iter().map(|known| of(known, known.example));
    let more = MORE.iter().map(|(name, data)| of(CommandType::find(name).unwrap(), data));
    examples.chain(more).collect()
});

impl Case {
    fn check(&self, data: &Value) -> Result<(), String> {
        let read = self.known.read(data);
        let told = read.as_ref().err().map(|error| format!("{}: {}", error.field, error.detail));
        let between = |told: &String| BETWEEN_FIELDS.iter().any(|words| told.contains(words));
        if self.validator.is_valid(data) == read.is_ok() || told.as_ref().is_some_and(between) {
            return Ok(());
        }
        let schema = self.validator.iter_errors(data).next().map(|error| error.to_string());
        let mut shown = data.to_string();
        shown.truncate(300);
        Err(format!("{} {shown}\n  reader: {told:?}\n  schema: {schema:?}", self.known.name))
    }
}

/// Pointers to everything in it, the whole excepted.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in children {
        let place = format!("{at}/{key}");
        places(value, &place, found);
        found.push(place);
    }
}

fn places_of(data: &Value) -> Vec<String> {
    let mut found = Vec::new();
    places(data, "", &mut found);
    found
}

#[test]
fn every_value_in_every_place() {
    let mut quarrels = Vec::new();
    for case in CASES.iter() {
        case.check(&case.data).unwrap();
        for place in places_of(&case.data) {
            for value in VALUES.iter() {
                let mut data = case.data.clone();
                *data.pointer_mut(&place).unwrap() = value.clone();
                quarrels.extend(case.check(&data).err());
            }
            let (parent, key) = place.rsplit_once('/').unwrap();
            let mut data = case.data.clone();
            if let Some(Value::Object(entries)) = data.pointer_mut(parent) {
                entries.remove(key);
                quarrels.extend(case.check(&data).err());
                let mut data = case.data.clone();
                if let Some(Value::Object(entries)) = data.pointer_mut(parent) {
                    entries.insert("unheard_of".to_owned(), json!(1));
                }
                quarrels.extend(case.check(&data).err());
            }
        }
    }
    let count = quarrels.len();
    quarrels.truncate(20);
    assert!(count == 0, "{count} quarrels, such as\n{}", quarrels.join("\n"));
}

proptest! {
    /// Several fields at once, and texts that nobody thought of.
    #[test]
    fn whatever_is_written(
        case in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), change()), 1..4),
    ) {
        let case = case.get(&CASES);
        let mut data = case.data.clone();
        for (place, value) in changes {
            let places = places_of(&data);
            if !places.is_empty() {
                let place: &String = place.get(&places);
                *data.pointer_mut(place).unwrap() = value;
            }
        }
        prop_assert_eq!(case.check(&data), Ok(()));
    }
}

fn change() -> impl Strategy<Value = Value> {
    let span = "P([0-9]{1,3}[WD]){0,2}(T([0-9]{1,8}[HMS]){0,3})?";
    let instant = "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])";
    let money = "-?[0-9]{1,13}([.][0-9]{0,5})?";
    let text = "[ -~\\t\\r\\n\u{80}-\u{a5}\u{2000}-\u{206f}àéøñ漢]{0,6}";
    let locale = "[a-zA-Z]{1,4}([-_][a-zA-Z0-9]{1,9}){0,3}";
    prop_oneof![
        select(VALUES.as_slice()),
        prop_oneof![span, instant, money, text, locale].prop_map(Value::from),
    ]
}
