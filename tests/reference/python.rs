//! The types of commands and events in Python.

use serde_json::Value;

use crate::document::{Document, Field, Shape, about, fields, shape};

const HEAD: &str = "\"\"\"Everything that travels, as `bellhop schema` describes it.\n\n\
Made from the code by tests/reference; do not edit.\n\"\"\"\n\n\
from __future__ import annotations\n\n\
from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional, TypedDict, Union\n\n\
if TYPE_CHECKING:\n    from typing_extensions import NotRequired\n";

/// What a field may be called on the wire, and nothing in a program.
const KEYWORDS: &[&str] = &["from", "import", "in", "is", "class", "pass"];

/// Every type, and each command and event with its data.
pub fn module(document: &Document) -> String {
    let (commands, events) =
        (document.messages("bellhop.commands"), document.messages("bellhop.events"));
    let data: Vec<&str> = commands.iter().chain(&events).map(|(_, data)| *data).collect();
    let used = document.used_by(data.iter().copied().chain(["EventEnvelope"]));
    let mut names: Vec<&str> = data.into_iter().chain(used).collect();
    names.sort_unstable();
    names.dedup();
    let mut module = HEAD.to_owned();
    let (classes, mut aliases): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| matches!(shape(document.schema(name)), Shape::Object(_)));
    module.extend(classes.iter().map(|name| class(name, document.schema(name))));
    // Of classes only the names are looked at when the module is read; of these all is.
    while !aliases.is_empty() {
        let waits = |name: &&str| {
            let used = document.used_by([*name]);
            aliases.iter().any(|alias| alias != name && used.contains(alias))
        };
        let (later, now): (Vec<&str>, Vec<&str>) = aliases.iter().copied().partition(waits);
        module.extend(now.iter().map(|name| alias(name, document.schema(name))));
        aliases = later;
    }
    module += &union("Command", "Command", "A command: its type and its data.", &commands, &[]);
    let envelope = fields(document.schema("EventEnvelope"));
    let attributes: Vec<_> =
        envelope.into_iter().filter(|field| !["type", "data"].contains(&field.name)).collect();
    let about = "An event in its CloudEvents envelope.";
    module += &union("Event", "Event", about, &events, &attributes);
    module
}

/// A class for each message, and one name for all of them.
fn union(
    name: &str,
    suffix: &str,
    about: &str,
    messages: &[(&str, &str)],
    attributes: &[Field<'_>],
) -> String {
    let mut module = String::new();
    let mut classes = Vec::new();
    for (kind, data) in messages {
        let class = title(kind) + suffix;
        let members: String = attributes.iter().map(member).collect();
        module += &format!(
            "\n\nclass {class}(TypedDict):\n{members}    type: Literal[\"{kind}\"]\n    data: {data}\n"
        );
        classes.push(class);
    }
    let list: String = classes.iter().map(|class| format!("    {class},\n")).collect();
    module + &format!("\n\n{name} = Union[\n{list}]\n\"\"\"{about}\"\"\"\n")
}

fn title(kind: &str) -> String {
    let words = kind.split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

fn alias(name: &str, schema: &Value) -> String {
    let kind = match shape(schema) {
        Shape::Map(of) if matches!(*of, Shape::Any) => "Dict[str, Any]".to_owned(),
        shape => written(&shape),
    };
    let comment = comment(&text(about(schema)), "");
    format!("\n{name} = {kind}\n{comment}")
}

fn class(name: &str, schema: &Value) -> String {
    let about = text(about(schema));
    let fields = fields(schema);
    if fields.iter().any(|field| KEYWORDS.contains(&field.name)) {
        let members: String = fields.iter().map(item).collect();
        let comment = comment(&about, "");
        return format!(
            "\n\n{name} = TypedDict(\n    \"{name}\",\n    {{\n{members}    }},\n)\n{comment}"
        );
    }
    let comment = if about.is_empty() { about } else { comment(&about, "    ") + "\n" };
    let members: String = fields.iter().map(member).collect();
    format!("\n\nclass {name}(TypedDict):\n{comment}{members}")
}

/// A field whose name cannot be an attribute's.
fn item(field: &Field<'_>) -> String {
    format!("        \"{}\": '{}',\n", field.name, kind(field))
}

fn comment(about: &str, indent: &str) -> String {
    if about.is_empty() { String::new() } else { format!("{indent}\"\"\"{about}\"\"\"\n") }
}

fn member(field: &Field<'_>) -> String {
    let comment = comment(&text(about(field.schema)), "    ");
    format!("    {}: {}\n{comment}", field.name, kind(field))
}

fn kind(field: &Field<'_>) -> String {
    let kind = written(&shape(field.schema));
    if field.is_required { kind } else { format!("NotRequired[{kind}]") }
}

fn text(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "\\\\")
}

fn written(shape: &Shape<'_>) -> String {
    match shape {
        Shape::Named(name) => (*name).to_owned(),
        Shape::OneOf(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!("Literal[{}]", words.join(", "))
        }
        Shape::Text | Shape::OneOfMany(_) => "str".to_owned(),
        Shape::Whole => "int".to_owned(),
        Shape::Number => "float".to_owned(),
        Shape::Truth => "bool".to_owned(),
        Shape::List(of) => format!("List[{}]", written(of)),
        Shape::Map(of) => format!("Dict[str, {}]", written(of)),
        Shape::Object(_) | Shape::Is(_) | Shape::Any => "Any".to_owned(),
        Shape::Either(shapes) => {
            let some: Vec<_> = shapes.iter().map(written).collect();
            match &some[..] {
                [some, null] if null == "None" => format!("Optional[{some}]"),
                some => format!("Union[{}]", some.join(", ")),
            }
        }
        Shape::Null => "None".to_owned(),
    }
}
