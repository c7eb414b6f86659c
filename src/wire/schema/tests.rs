//! The published description, as a whole.

use super::*;
use crate::domain::command::Command;

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(target)) = entries.get("$ref") {
                found.push(target.clone());
            }
            entries.values().for_each(|value| references(value, found));
        }
        Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_command_and_event_has_a_message_and_a_schema() {
    let document = asyncapi();
    let events = event::TYPES.iter().map(|known| known.name);
    for name in Command::TYPES.iter().copied().chain(events) {
        assert!(document["components"]["messages"][name].is_object(), "{name}");
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = asyncapi();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 40);
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn it_is_written_in_what_can_be_seen() {
    let text = written(&asyncapi());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), asyncapi());
    assert!(text.chars().all(|c| c == '\n' || !(c.is_control() || is_invisible(c))));
}

/// Generators name their types after these: none may stand for two things, and each is a word.
#[test]
fn names_make_types() {
    let document = asyncapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let (types, aliases): (Vec<&String>, Vec<_>) =
        schemas.keys().partition(|name| name.chars().all(|c| c.is_ascii_alphanumeric()));
    assert!(types.iter().all(|name| name.starts_with(|c: char| c.is_ascii_uppercase())));
    let mut used = Vec::new();
    for name in &types {
        references(&schemas[*name], &mut used);
    }
    for alias in aliases {
        assert!(schemas[alias]["$ref"].is_string(), "{alias}");
        let referred = used.iter().any(|target| target.ends_with(&format!("/{alias}")));
        assert!(!referred, "generators take the dot of {alias} for a folder");
    }
    for name in ["RequestBooking", "BookingRequestCommand", "MessageSentEvent", "Money", "TimeZone"]
    {
        assert!(types.iter().any(|known| *known == name), "{name}");
    }
    for (name, field, set) in [
        ("RequestBooking", "by", "Party"),
        ("SetTemplate", "kind", "MessageKind"),
        ("ConfigureTenant", "timezone", "TimeZone"),
    ] {
        let described = schemas[name]["properties"][field].to_string();
        assert!(described.contains(&format!("#/components/schemas/{set}")), "{described}");
    }
}

#[test]
fn every_field_is_explained() {
    let document = asyncapi();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, described) in schema["properties"].as_object().into_iter().flatten() {
            assert!(described["description"].is_string(), "{name}.{field}");
        }
    }
}

#[test]
fn what_is_not_always_there_is_not_required() {
    let document = asyncapi();
    let required = |name: &str, field: &str| {
        let fields = document["components"]["schemas"][name]["required"].as_array();
        fields.is_some_and(|fields| fields.iter().any(|known| known == field))
    };
    for (name, field) in [
        ("CommandAccepted", "already_done"),
        ("CommandAccepted", "remark"),
        ("MessageSkipped", "booking"),
        ("EventEnvelope", "causationid"),
        ("CommandEnvelope", "tenant"),
        ("RequestBooking", "starts_at"),
        ("RequestBooking", "ends_at"),
        ("RegisterClient", "email"),
        ("UpdateClient", "name"),
        ("QueueChanged", "until"),
    ] {
        assert!(!required(name, field), "{name}.{field}");
    }
    for (name, field) in [
        ("MessageSkipped", "reason"),
        ("MessageRetrying", "next_attempt_at"),
        ("MessageRetrying", "message"),
        ("MessageUndelivered", "message"),
        ("MessageUndelivered", "reason"),
        ("RequestBooking", "client"),
        ("RegisterClient", "name"),
        ("QueueChanged", "state"),
    ] {
        assert!(required(name, field), "{name}.{field}");
    }
}
