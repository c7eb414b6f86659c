//! The description of everything that travels, for upstream apps: AsyncAPI 3.0 over JSON Schema.
//!
//! AsyncAPI's own schema dialect is JSON Schema draft 7, so the schemas under
//! `components.schemas` (`booking.request`, `message.sent`, …) serve any validator as they are.
//! <https://www.asyncapi.com/docs/reference/specification/v3.0.0>

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::domain::id::{CommandId, TenantId};

use super::envelope::SOURCE_MAX_BYTES;
use super::scalar::Parsed;
use super::{command, event};

const COMMANDS: &str = "bellhop.commands";
const EVENTS: &str = "bellhop.events";

/// The CloudEvents 1.0 envelope around every command. Other attributes are left alone.
#[derive(JsonSchema)]
#[schemars(rename = "command-envelope")]
#[expect(dead_code, reason = "describes what the envelope reads attribute by attribute")]
struct CommandEnvelope {
    /// The version of CloudEvents.
    #[schemars(extend("const" = "1.0"))]
    specversion: String,
    /// The idempotency key, within the tenant: the same id again does nothing, and with another
    /// body it is rejected.
    id: Parsed<CommandId>,
    /// Which app says so: a URI-reference.
    #[schemars(length(min = 1, max = SOURCE_MAX_BYTES), extend("format" = "uri-reference"))]
    source: String,
    /// What is asked for.
    #[schemars(rename = "type")]
    type_name: String,
    /// When it happened.
    time: Option<Parsed<jiff::Timestamp>>,
    /// Whose business it is. Over AMQP the routing key says so, and this may be left out.
    tenant: Option<Parsed<TenantId>>,
    /// `application/json`, if given.
    datacontenttype: Option<String>,
    /// What the type calls for.
    data: Map<String, Value>,
}

/// The whole interface as one AsyncAPI 3.0 document.
pub fn asyncapi() -> Value {
    let mut messages = Map::new();
    let mut schemas = Map::new();
    let mut reading = generator(SchemaSettings::for_deserialize);
    let envelope = reading.subschema_for::<CommandEnvelope>();
    for known in command::TYPES {
        let data = (known.schema)(&mut reading);
        messages.insert(known.name.to_owned(), message(known.name, &envelope));
        schemas.insert(known.name.to_owned(), data.into());
    }
    let mut writing = generator(SchemaSettings::for_serialize);
    let envelope = writing.subschema_for::<event::envelope::Attributes<'_, Value>>();
    for known in event::TYPES {
        let data = (known.schema)(&mut writing);
        messages.insert(known.name.to_owned(), message(known.name, &envelope));
        schemas.insert(known.name.to_owned(), data.into());
    }
    schemas.extend(reading.take_definitions(true));
    schemas.extend(writing.take_definitions(true));
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bellhop",
            "version": env!("CARGO_PKG_VERSION"),
            "description": env!("CARGO_PKG_DESCRIPTION"),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels(),
        "operations": {
            "receiveCommand": {"action": "receive", "channel": reference("channels", COMMANDS)},
            "sendEvent": {"action": "send", "channel": reference("channels", EVENTS)},
        },
        "components": {"messages": messages, "schemas": schemas},
    })
}

fn generator(contract: fn(SchemaSettings) -> SchemaSettings) -> SchemaGenerator {
    let settings = contract(SchemaSettings::draft07());
    settings.with(|s| s.definitions_path = "/components/schemas".into()).into_generator()
}

fn message(name: &str, envelope: &Schema) -> Value {
    json!({
        "name": name,
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [envelope, {
                "type": "object",
                "properties": {
                    "type": {"const": name},
                    "data": reference("components/schemas", name),
                },
            }],
        },
    })
}

fn channels() -> Value {
    let messages = |names: &mut dyn Iterator<Item = &'static str>| -> Map<String, Value> {
        names.map(|name| (name.to_owned(), reference("components/messages", name))).collect()
    };
    let binding = |exchange: &str| {
        json!({"amqp": {
            "is": "routingKey",
            "exchange": {"name": exchange, "type": "topic", "durable": true},
            "bindingVersion": "0.3.0",
        }})
    };
    let tenant = json!({"description": "The tenant's id: [a-z0-9][a-z0-9_-]{0,62}."});
    json!({
        COMMANDS: {
            "address": "cmd.{tenant}",
            "description": "Persistent, with publisher confirms and the mandatory flag. Over HTTP: POST /v1/commands.",
            "parameters": {"tenant": tenant},
            "messages": messages(&mut command::TYPES.iter().map(|known| known.name)),
            "bindings": binding(COMMANDS),
        },
        EVENTS: {
            "address": "{tenant}.{type}",
            "description": "At least once, in the tenant's order. Over HTTP: GET /v1/events.",
            "parameters": {"tenant": tenant, "type": {"description": "The event's type."}},
            "messages": messages(&mut event::TYPES.iter().map(|known| known.name)),
            "bindings": binding(EVENTS),
        },
    })
}

fn reference(section: &str, name: &str) -> Value {
    json!({"$ref": format!("#/{section}/{name}")})
}

#[cfg(test)]
mod tests {
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
            ("MessageSkipped", "booking"),
            ("event-envelope", "causationid"),
            ("command-envelope", "tenant"),
            ("RequestBooking", "ends_at"),
            ("RegisterClient", "email"),
        ] {
            assert!(!required(name, field), "{name}.{field}");
        }
        for (name, field) in [
            ("MessageSkipped", "reason"),
            ("MessageRetrying", "next_attempt_at"),
            ("MessageRetrying", "message"),
            ("RequestBooking", "starts_at"),
        ] {
            assert!(required(name, field), "{name}.{field}");
        }
    }
}
