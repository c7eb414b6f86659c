//! The description of everything that travels, for upstream apps: AsyncAPI 3.0 over JSON Schema.
//!
//! AsyncAPI's own schema dialect is JSON Schema draft 7, so the schemas under
//! `components.schemas` serve any validator as they are: `booking.request` is the data of that
//! command, `BookingRequestCommand` all of it. Whatever these schemas take is read, and nothing
//! else, as far as a schema can say so; times, addresses and zones take checking of formats.
//! <https://www.asyncapi.com/docs/reference/specification/v3.0.0>

use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::domain::id::{CommandId, TenantId};
use crate::domain::text::is_invisible;

use super::envelope::SOURCE_MAX_BYTES;
use super::event::EventEnvelope;
use super::scalar::Parsed;
use super::{command, event};

const COMMANDS: &str = "bellhop.commands";
const EVENTS: &str = "bellhop.events";
/// 2026-12-01T09:00:00Z.
const EXAMPLE_TIME: Timestamp = Timestamp::constant(1_796_115_600, 0);

/// The CloudEvents 1.0 envelope around every command. Other attributes are left alone.
#[derive(JsonSchema)]
#[schemars(rename = "CommandEnvelope")]
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
    time: Option<Parsed<Timestamp>>,
    /// Whose business it is. Over AMQP the routing key says so, and this may be left out.
    tenant: Option<Parsed<TenantId>>,
    /// `application/json`, if given.
    #[schemars(regex(pattern = "^(application|text)/json *(;.*)?$|^[^;]*[+]json *(;.*)?$"))]
    datacontenttype: Option<String>,
    /// The trace in which it was sent (W3C Trace Context): events, messages and requests that
    /// follow from it carry it on. One that is malformed is left alone.
    traceparent: Option<String>,
    /// What the type calls for.
    data: Map<String, Value>,
}

/// A command as it comes over HTTP, without what its type calls for.
pub fn command_schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<CommandEnvelope>()
}

/// An event as it is read over HTTP, without what its type brings.
pub fn event_schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<event::envelope::Attributes<'_, Value>>()
}

/// The whole interface as one AsyncAPI 3.0 document.
pub fn asyncapi() -> Value {
    // What a command asks for, the description of its data says.
    let commands =
        command::TYPES.iter().map(|known| (known.name, None, known.example, known.schema));
    let events = event::TYPES
        .iter()
        .map(|known| (known.name, Some(known.summary), known.example, known.schema));
    let mut components = Components::default();
    components.describe::<CommandEnvelope>(
        "Command",
        SchemaSettings::for_deserialize,
        commands,
        command_envelope,
    );
    components.describe::<event::envelope::Attributes<'_, Value>>(
        "Event",
        SchemaSettings::for_serialize,
        events,
        event_envelope,
    );
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
        "components": {"messages": components.messages, "schemas": components.schemas},
    })
}

/// The document as text. What cannot be seen is escaped: patterns are full of it, and a terminal
/// would write the rest of a line from right to left.
pub fn written(document: &Value) -> String {
    let text = format!("{document:#}\n");
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible(c)) {
            written.push(c);
        } else {
            let mut units = [0; 2];
            // Writing to a String cannot fail.
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(written, "\\u{unit:04x}");
            }
        }
    }
    written
}

#[derive(Default)]
struct Components {
    messages: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Components {
    /// Adds a message and a schema for each type of data in the envelope `E`.
    fn describe<E: JsonSchema>(
        &mut self,
        kind: &str,
        contract: fn(SchemaSettings) -> SchemaSettings,
        types: impl Iterator<Item = (&'static str, Option<&'static str>, &'static str, SchemaOf)>,
        whole: fn(&str, &Value) -> Value,
    ) {
        let settings = contract(SchemaSettings::draft07());
        let mut generator =
            settings.with(|s| s.definitions_path = "/components/schemas".into()).into_generator();
        let envelope = generator.subschema_for::<E>();
        for (name, summary, example, schema) in types {
            let example: Value = serde_json::from_str(example).unwrap_or_default();
            let mut data = schema(&mut generator);
            let title = title(name, kind);
            // Not by its other name: generators take the dot for a folder.
            let payload = payload(name, &title, &envelope, &data);
            // Another name for the type. A validator ignores what stands beside a $ref; who reads
            // it does not.
            data.insert("examples".to_owned(), json!([&example]));
            let mut message = message(name, &title, &whole(name, &example));
            if let Some(summary) = summary {
                message["summary"] = summary.into();
            }
            self.messages.insert(name.to_owned(), message);
            self.schemas.insert(name.to_owned(), data.into());
            self.schemas.insert(title, payload);
        }
        self.schemas.extend(generator.take_definitions(true));
    }
}

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a generator may call the type of a whole message: `BookingRequestCommand`.
fn title(name: &str, kind: &str) -> String {
    let words = name.split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.chain([kind.to_owned()]).collect()
}

/// A message of that type, envelope and all.
fn payload(name: &str, title: &str, envelope: &Schema, data: &Schema) -> Value {
    json!({
        "title": title,
        "allOf": [envelope, {
            "type": "object",
            "properties": {
                "type": {"const": name},
                "data": data,
            },
        }],
    })
}

fn message(name: &str, title: &str, example: &Value) -> Value {
    json!({
        "name": name,
        "title": title,
        "contentType": "application/cloudevents+json",
        "payload": reference("components/schemas", title),
        "examples": [{"payload": example}],
    })
}

fn command_envelope(name: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": "01JDX3V9Q2",
        "source": "/apps/web",
        "type": name,
        "time": EXAMPLE_TIME,
        "tenant": "salon-uno",
        "data": data,
    })
}

fn event_envelope(name: &str, data: &Value) -> Value {
    json!(EventEnvelope {
        seq: 42,
        partition: None,
        id: "salon-uno/01JDX3V9Q2/0",
        type_name: name,
        time: EXAMPLE_TIME,
        tenant: "salon-uno",
        causation: Some("01JDX3V9Q2"),
        trace: None,
        data,
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
mod tests;
