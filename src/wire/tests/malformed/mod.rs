//! Data that cannot be taken: each is refused by field, and no person's data is repeated.

mod bookings;
mod clients;
mod settings;

use serde_json::{Value, json};

use crate::wire::{UnreadableReason as Reason, read_command};

use super::{envelope, read};

/// What a client's data says in these tests; no refusal may repeat it.
const PERSONAL: [&str; 4] = ["anna", "rossi", "333123", "tok-secret"];

fn merge(into: &mut Value, change: &Value) {
    for (key, value) in change.as_object().unwrap() {
        into[key] = value.clone();
    }
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

#[test]
fn keys_that_stand_twice() {
    for (type_name, data, field) in [
        (
            "booking.confirm",
            r#"{"booking":"b1","booking":"b2"}"#,
            "data.booking",
        ),
        (
            "tenant.configure",
            r#"{"toggles":{"booking.confirmed":{"sms":true,"sms":false}}}"#,
            "data.toggles[\"booking.confirmed\"].sms",
        ),
        (
            "tenant.configure",
            r#"{"services":{"a":{"name":"x"},"a":{}}}"#,
            "data.services.a",
        ),
    ] {
        let body = envelope(type_name, json!("DATA"))
            .to_string()
            .replace("\"DATA\"", data);
        let refusal = read_command(body.as_bytes(), None).unwrap_err();
        assert_eq!(refusal.reason, Reason::InvalidData);
        assert_eq!(refusal.field.as_deref(), Some(field));
        assert_eq!(refusal.detail, "is given twice");
    }
}

#[test]
fn texts_that_only_look_like_json() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (value, detail) in [
        (deep.as_str(), "recursion"),
        ("\"\\ud800\"", "hex escape"),
        ("1e999", "out of range"),
    ] {
        let data = format!("{{\"booking\":{value}}}");
        let body = envelope("booking.confirm", json!("DATA"))
            .to_string()
            .replace("\"DATA\"", &data);
        let refusal = read_command(body.as_bytes(), None).unwrap_err();
        assert!(
            matches!(refusal.reason, Reason::InvalidData | Reason::NotJson),
            "{refusal}"
        );
        assert!(refusal.detail.contains(detail), "{refusal}");
        assert!(refusal.to_string().len() < 500, "{refusal}");
    }
}
