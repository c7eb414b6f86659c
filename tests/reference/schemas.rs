//! The pages of commands and events, and what several pages show of schemas.

use serde_json::Value;

use crate::document::{Document, Field, Shape, about, fields, referred, shape};
use crate::markdown::{code, head, prose, sample, table};

const COMMANDS: &str = "What an app may ask for: a [CloudEvent](https://cloudevents.io) with one of \
these types and its data, [published](../publishing.md) to the exchange `bellhop.commands` with the \
routing key `cmd.<tenant>`, or posted to `/v1/commands`. A field that is not listed is an error. What \
a command does in each state is in [the rules](../domain.md); why one is refused, in the \
[reasons](reasons.md). `bellhop schema` prints all of this as AsyncAPI with JSON Schemas.";
const EVENTS: &str = "What Bellhop tells apps: published to the exchange `bellhop.events` with the \
routing key `<tenant>.<type>`, and to be read at `GET /v1/events`. They come at least once and in \
their tenant's order: drop an `id` that you have seen. More fields may come with a later version.";
/// A pattern that is longer says nothing to people.
const PATTERN_MAX: usize = 48;

pub fn commands(document: &Document) -> String {
    page(document, "Commands", COMMANDS, "bellhop.commands", "CommandEnvelope")
}

pub fn events(document: &Document) -> String {
    page(document, "Events", EVENTS, "bellhop.events", "EventEnvelope")
}

fn page(document: &Document, title: &str, what: &str, channel: &str, envelope: &str) -> String {
    let messages = document.messages(channel);
    let rows: Vec<_> = messages
        .iter()
        .map(|(name, data)| {
            let what = summary(document, name, data);
            [format!("[`{name}`](#{})", anchor(name)), prose(first_sentence(what))]
        })
        .collect();
    let mut page = format!("{}\n{}", head(title, what), table(["type", "what"], &rows));
    page += &format!("\n## The envelope\n\n{}", attributes(document.schema(envelope)));
    for (name, data) in &messages {
        let example = &document.whole["components"]["messages"][name]["examples"][0]["payload"];
        let schema = document.schema(data);
        let example = serde_json::to_string_pretty(&example["data"]).unwrap();
        let (what, fields) = (prose(summary(document, name, data)), attributes(schema));
        page += &format!("\n## {name}\n\n{what}\n\n{fields}\n{}", sample("json", &example));
    }
    let data = messages.iter().map(|(_, data)| *data);
    let types = document.used_by(data.chain([envelope]));
    page + "\n## Types\n" + &described(document, &types)
}

/// What a message says of itself, or else its data.
fn summary<'a>(document: &'a Document, name: &str, data: &str) -> &'a str {
    let summary = document.whole["components"]["messages"][name]["summary"].as_str();
    summary.unwrap_or_else(|| about(document.schema(data)))
}

/// Types by name, each with what it is.
pub fn described(document: &Document, names: &[&str]) -> String {
    let tell = |name: &&str| {
        let schema = document.schema(name);
        let what = prose(about(schema));
        let rest = match shape(schema) {
            Shape::Object(schema) => attributes(schema),
            shape => format!("{}\n", sentence(&words(&shape), &constraints(schema))),
        };
        let values = values(schema);
        format!("\n### {name}\n\n{}{rest}{values}", paragraph(&what))
    };
    names.iter().map(tell).collect()
}

fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}\n\n") }
}

/// The fields of an object as a table.
pub fn attributes(schema: &Value) -> String {
    let rows: Vec<_> = fields(schema).iter().map(row).collect();
    if rows.is_empty() {
        "No fields.\n".to_owned()
    } else {
        table(["field", "type", "", "what"], &rows)
    }
}

fn row(field: &Field<'_>) -> [String; 4] {
    let shape = shape(field.schema);
    let needed = if field.is_required { "required" } else { "" };
    let limits = constraints(field.schema);
    let mut what = prose(about(field.schema));
    if !limits.is_empty() {
        what = format!("{what} {}.", capitalized(&limits)).trim_start().to_owned();
    }
    [code(field.name), words(&shape), needed.to_owned(), what]
}

/// Values that have a word to say for themselves.
fn values(schema: &Value) -> String {
    let some = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told: Vec<_> = some
        .iter()
        .filter_map(|one| Some([code(one["const"].as_str()?), prose(one["description"].as_str()?)]))
        .collect();
    if told.is_empty() { String::new() } else { format!("\n{}", table(["value", "means"], &told)) }
}

fn sentence(kind: &str, limits: &str) -> String {
    let all: Vec<&str> = [kind, limits].into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}.", capitalized(&all.join(", ")))
}

/// With a capital letter.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a value may be, in words.
pub fn words(shape: &Shape<'_>) -> String {
    match shape {
        Shape::Named(name) => format!("[{name}](#{})", anchor(name)),
        Shape::OneOf(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", "),
        Shape::OneOfMany(words) => format!("one of {} names", words.len()),
        Shape::Text => "text".to_owned(),
        Shape::Whole => "whole number".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Truth => "true or false".to_owned(),
        Shape::Is(value) => code(&value.to_string()),
        Shape::List(of) => format!("list of {}", words(of)),
        Shape::Map(of) => format!("{} by name", words(of)),
        Shape::Object(_) => "object".to_owned(),
        Shape::Either(shapes) => {
            let some = shapes.iter().filter(|shape| !matches!(shape, Shape::Null)).map(words);
            some.collect::<Vec<_>>().join(" or ")
        }
        Shape::Null => "null".to_owned(),
        Shape::Any => "anything".to_owned(),
    }
}

/// What JSON Schema says beside the type.
fn constraints(schema: &Value) -> String {
    let mut said = Vec::new();
    let number = |key: &str| schema[key].as_u64();
    for (least, most, what) in
        [("minLength", "maxLength", " characters"), ("minItems", "maxItems", " of them")]
    {
        match (number(least), number(most)) {
            (Some(least), Some(most)) => said.push(format!("{least} to {most}{what}")),
            (Some(least), None) if least > 0 => said.push(format!("at least {least}{what}")),
            (None, Some(most)) => said.push(format!("at most {most}{what}")),
            _ => {}
        }
    }
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => said.push(format!("{least} to {most}")),
        (Value::Number(least), _) => said.push(format!("at least {least}")),
        (_, Value::Number(most)) => said.push(format!("at most {most}")),
        _ => {}
    }
    if let Some(format) = schema["format"].as_str().filter(|format| !format.starts_with("uint")) {
        said.push(format!("format {}", code(format)));
    }
    if let Some(pattern) = schema["pattern"].as_str().filter(|text| text.len() <= PATTERN_MAX) {
        said.push(format!("pattern {}", code(pattern)));
    }
    said.join(", ")
}

/// How links call a heading.
pub fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// The name of the type of a body.
pub fn type_of(schema: &Value) -> String {
    referred(schema).map_or_else(|| words(&shape(schema)), |name| words(&Shape::Named(name)))
}
