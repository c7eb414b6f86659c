//! The envelope's attributes, the route, and the hash.

use serde_json::{Value, json};

use crate::domain::command::Command;
use crate::domain::id::TenantId;
use crate::wire::{UnreadableReason as Reason, read_command};

use super::{read, request, tenant};

const EXAMPLE: &str = r#"{"specversion":"1.0","id":"01JDX3","source":"/apps/web","type":"booking.request","time":"2026-12-01T09:00:00Z","tenant":"salon-uno","data":{"booking":"b1","client":"c1","by":"client","service":"haircut","starts_at":"2026-12-03T10:00:00+01:00","ends_at":"2026-12-03T10:45:00+01:00"}}"#;

#[test]
fn the_documented_example() {
    let received = read_command(EXAMPLE.as_bytes(), None).unwrap();
    assert_eq!(received.tenant, tenant());
    assert_eq!(received.id.as_str(), "01JDX3");
    assert_eq!(received.time, Some("2026-12-01T09:00:00Z".parse().unwrap()));
    let Command::RequestBooking(booking) = received.command else { panic!() };
    assert_eq!(booking.starts_at, "2026-12-03T09:00:00Z".parse().ok());
}

#[test]
fn attributes_that_may_be_there() {
    for (name, value) in [
        ("time", Value::Null),
        ("datacontenttype", json!("application/json; charset=utf-8")),
        ("datacontenttype", json!("application/vnd.salon+json")),
        ("datacontenttype", Value::Null),
        ("data_base64", Value::Null),
        ("traceparent", json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")),
        ("partitionkey", json!(7)),
        ("source", json!("https://app.example/a?b=c#d")),
        ("source", json!("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66")),
    ] {
        let mut body = request();
        body[name] = value.clone();
        assert!(read(&body).is_ok(), "{name} {value}: {:?}", read(&body));
    }
}

#[test]
fn attributes_that_are_wrong() {
    let long = format!("/{}", "x".repeat(2000));
    for (name, value, detail) in [
        ("specversion", json!("0.3"), "must be \"1.0\""),
        ("specversion", json!(1.0), "must be a string"),
        ("specversion", Value::Null, "is required"),
        ("id", Value::Null, "is required"),
        ("id", json!(5), "must be a string"),
        ("id", json!(""), "1 to 128"),
        ("id", json!("a\u{0}b"), "printable"),
        ("source", Value::Null, "is required"),
        ("source", json!(""), "URI-reference"),
        ("source", json!("two words"), "URI-reference"),
        ("source", json!(long), "URI-reference"),
        ("type", Value::Null, "is required"),
        ("type", json!(["booking.request"]), "must be a string"),
        ("time", json!("yesterday"), "not an instant"),
        ("time", json!("2026-12-01T09:00:00"), "no offset"),
        ("time", json!(1_764_579_600), "must be a string"),
        ("tenant", Value::Null, "is required"),
        ("tenant", json!("Salon Uno"), "[a-z0-9]"),
        ("tenant", json!({}), "must be a string"),
        ("datacontenttype", json!("text/xml"), "application/json"),
        ("data_base64", json!("e30="), "JSON object"),
        ("data", Value::Null, "is required"),
        ("data", json!([]), "must be an object"),
        ("data", json!("{}"), "must be an object"),
    ] {
        let mut body = request();
        body[name] = value.clone();
        let refusal = read(&body).unwrap_err();
        assert_eq!(refusal.reason, Reason::InvalidEnvelope, "{name} {value}");
        assert_eq!(refusal.field.as_deref(), Some(name), "{value}");
        assert!(refusal.detail.contains(detail), "{name} {value}: {refusal}");
    }
}

#[test]
fn texts_that_are_no_envelope() {
    let twice = EXAMPLE.replacen("\"id\"", "\"id\":\"a\",\"id\"", 1);
    for (body, reason, detail) in [
        ("", Reason::NotJson, "is empty"),
        ("hello", Reason::NotJson, "is no JSON from column 1"),
        ("{\"id\":\"a\"", Reason::NotJson, "breaks off at column 9"),
        ("{} {}", Reason::NotJson, "goes on after its end"),
        ("\u{feff}{}", Reason::NotJson, "is no JSON"),
        ("null", Reason::InvalidEnvelope, "JSON object"),
        ("[\"1.0\",\"k1\",\"/a\"]", Reason::InvalidEnvelope, "JSON object"),
        ("\"anna@example.com\"", Reason::InvalidEnvelope, "JSON object"),
        (&twice, Reason::InvalidEnvelope, "given twice"),
    ] {
        let refusal = read_command(body.as_bytes(), Some(&tenant())).unwrap_err();
        assert_eq!(refusal.reason, reason, "{body}");
        assert!(refusal.detail.contains(detail), "{body}: {refusal}");
        assert!(!refusal.to_string().contains("anna"), "{refusal}");
        assert_eq!(refusal.tenant, Some(tenant()), "the route is known whatever the body says");
    }
    assert_eq!(read_command(b"{\"id\":\"\xff\"}", None).unwrap_err().reason, Reason::NotJson);
}

#[test]
fn the_route_decides_whose_it_is() {
    let body = request().to_string();
    let other = TenantId::parse("salon-due").unwrap();
    let refusal = read_command(body.as_bytes(), Some(&other)).unwrap_err();
    assert_eq!(refusal.reason, Reason::ForeignTenant);
    assert_eq!(refusal.field.as_deref(), Some("tenant"));
    assert_eq!(refusal.tenant, Some(other.clone()), "not the tenant it pretends to be of");

    let mut silent = request();
    silent["tenant"] = Value::Null;
    let received = read_command(silent.to_string().as_bytes(), Some(&other)).unwrap();
    assert_eq!(received.tenant, other);
}

#[test]
fn an_unknown_type_is_named_and_the_rest_is_told() {
    let mut body = request();
    body["type"] = json!("booking.reqest");
    let refusal = read(&body).unwrap_err();
    assert_eq!(refusal.reason, Reason::UnknownType);
    assert!(refusal.detail.contains("\"booking.reqest\""));
    assert_eq!(refusal.tenant, Some(tenant()));
    assert_eq!(refusal.id.unwrap().as_str(), "k1");
    assert_eq!(refusal.type_name.as_deref(), Some("booking.reqest"));

    body["type"] = json!("x".repeat(5000));
    let refusal = read(&body).unwrap_err();
    assert_eq!(refusal.detail, "this text is not a command type");
    assert_eq!(refusal.type_name, None);
}

#[test]
fn a_malformed_attribute_does_not_hide_the_others() {
    let mut body = request();
    body["id"] = json!(7);
    let refusal = read(&body).unwrap_err();
    assert_eq!((refusal.tenant, refusal.id), (Some(tenant()), None));

    let mut body = request();
    body["tenant"] = json!("NO");
    let refusal = read(&body).unwrap_err();
    assert_eq!(refusal.tenant, None);
    assert_eq!(refusal.id.unwrap().as_str(), "k1");
}

#[test]
fn a_retry_that_writes_the_same_anew_has_the_same_hash() {
    let hash = |body: &str| read_command(body.as_bytes(), None).unwrap().body_hash;
    let first = hash(EXAMPLE);
    let reordered = r#" { "data" : { "ends_at":"2026-12-03T10:45:00+01:00", "starts_at":"2026-12-03T10:00:00+01:00",
        "service":"hair\u0063ut", "by":"client", "client":"c1", "booking":"b1" }, "tenant":"salon-uno",
        "type":"booking.request", "source":"/apps/other", "id":"01JDX3", "specversion":"1.0" } "#;
    assert_eq!(first, hash(reordered));
    for (from, to) in [
        ("\"c1\"", "\"c2\""),
        ("10:45:00+01:00", "10:46:00+01:00"),
        (",\"service\":\"haircut\"", ""),
        (",\"service\":\"haircut\"", ",\"service\":null"),
    ] {
        assert_ne!(first, hash(&EXAMPLE.replacen(from, to, 1)), "{from} → {to}");
    }
    let of =
        |type_name: &str| hash(&super::envelope(type_name, json!({"booking": "b1"})).to_string());
    assert_ne!(of("booking.confirm"), of("booking.decline"), "the type is part of it");
}
