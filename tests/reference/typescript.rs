//! The types of commands and events in TypeScript.

use serde_json::Value;

use crate::document::{Document, Field, Shape, about, fields, shape};

const HEAD: &str = "// Made from the code by tests/reference; do not edit.\n\
// Everything that travels, as `bellhop schema` describes it.\n";

/// Every type, and which data goes with which type of command and event.
pub fn module(document: &Document) -> String {
    let (commands, events) =
        (document.messages("bellhop.commands"), document.messages("bellhop.events"));
    let data: Vec<&str> = commands.iter().chain(&events).map(|(_, data)| *data).collect();
    let used = document.used_by(data.iter().copied().chain(["EventEnvelope"]));
    let mut names: Vec<&str> = data.into_iter().chain(used).collect();
    names.sort_unstable();
    names.dedup();
    let mut module = HEAD.to_owned();
    for name in names {
        module += &format!("\n{}", declared(name, document.schema(name)));
    }
    module += &map("CommandData", "The data of each type of command.", &commands);
    module += "\n/** A command: its type and its data. */\nexport type Command = {\n  \
               [T in keyof CommandData]: { type: T; data: CommandData[T] };\n}[keyof CommandData];\n";
    module += &map("EventData", "The data of each type of event.", &events);
    let attributes: String = fields(document.schema("EventEnvelope"))
        .iter()
        .filter(|field| !["type", "data"].contains(&field.name))
        .map(|field| member(field, "    "))
        .collect();
    module += &format!(
        "\n/** An event in its CloudEvents envelope. */\nexport type Event = {{\n  \
         [T in keyof EventData]: {{\n{attributes}    type: T;\n    data: EventData[T];\n  }};\n\
         }}[keyof EventData];\n"
    );
    module
}

fn map(name: &str, about: &str, messages: &[(&str, &str)]) -> String {
    let members: String =
        messages.iter().map(|(name, data)| format!("  \"{name}\": {data};\n")).collect();
    format!("\n/** {about} */\nexport interface {name} {{\n{members}}}\n")
}

fn declared(name: &str, schema: &Value) -> String {
    let comment = comment(about(schema), "");
    match shape(schema) {
        Shape::Object(of) => {
            let members: String = fields(of).iter().map(|field| member(field, "  ")).collect();
            format!("{comment}export interface {name} {{\n{members}}}\n")
        }
        // Without a field of its own it must be empty.
        Shape::Map(of) if matches!(*of, Shape::Any) => {
            format!("{comment}export type {name} = Record<string, never>;\n")
        }
        shape => format!("{comment}export type {name} = {};\n", written(&shape)),
    }
}

fn member(field: &Field<'_>, indent: &str) -> String {
    let comment = comment(about(field.schema), indent);
    let optional = if field.is_required { "" } else { "?" };
    let kind = written(&shape(field.schema));
    format!("{comment}{indent}{}{optional}: {kind};\n", key(field.name))
}

fn key(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { name.to_owned() } else { format!("\"{name}\"") }
}

fn comment(text: &str, indent: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { String::new() } else { format!("{indent}/** {words} */\n") }
}

fn written(shape: &Shape<'_>) -> String {
    match shape {
        Shape::Named(name) => (*name).to_owned(),
        Shape::OneOf(words) => {
            words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" | ")
        }
        Shape::Text | Shape::OneOfMany(_) => "string".to_owned(),
        Shape::Whole | Shape::Number => "number".to_owned(),
        Shape::Truth => "boolean".to_owned(),
        Shape::Is(value) => value.to_string(),
        Shape::List(of) => format!("({})[]", written(of)),
        Shape::Map(of) => format!("Record<string, {}>", written(of)),
        Shape::Object(of) => {
            let members: String = fields(of).iter().map(|field| member(field, "    ")).collect();
            format!("{{\n{members}  }}")
        }
        Shape::Either(shapes) => shapes.iter().map(written).collect::<Vec<_>>().join(" | "),
        Shape::Null => "null".to_owned(),
        Shape::Any => "unknown".to_owned(),
    }
}
