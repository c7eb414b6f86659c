//! A document of schemas, AsyncAPI or OpenAPI, as its readers want it: types with their fields.

use serde_json::{Map, Value};

const SCHEMAS: &str = "#/components/schemas/";
/// More words than these are not listed.
const WORDS_MAX: usize = 50;

/// See the module.
pub struct Document {
    pub whole: Value,
}

/// A field of an object.
pub struct Field<'a> {
    pub name: &'a str,
    pub schema: &'a Value,
    pub is_required: bool,
}

/// What a value may be.
pub enum Shape<'a> {
    /// A type that stands by itself.
    Named(&'a str),
    /// One of these words.
    OneOf(Vec<&'a str>),
    /// One of so many words that nobody reads them all.
    OneOfMany(Vec<&'a str>),
    Text,
    Whole,
    Number,
    Truth,
    /// Always this.
    Is(&'a Value),
    List(Box<Shape<'a>>),
    /// Values by whatever name.
    Map(Box<Shape<'a>>),
    /// An object of fields of its own.
    Object(&'a Value),
    /// One of several, `null` among them where it may be left out by that.
    Either(Vec<Shape<'a>>),
    Null,
    Any,
}

impl Document {
    pub fn asyncapi() -> Self {
        Self { whole: bellhop::wire::asyncapi() }
    }

    pub fn openapi() -> Self {
        Self { whole: bellhop::app::openapi() }
    }

    pub fn schemas(&self) -> &Map<String, Value> {
        self.whole["components"]["schemas"].as_object().unwrap()
    }

    /// The schema that a name stands for.
    pub fn schema(&self, name: &str) -> &Value {
        &self.whole["components"]["schemas"][name]
    }

    /// The messages on a channel by name, with the name of the type of their data.
    pub fn messages(&self, channel: &str) -> Vec<(&str, &str)> {
        let messages = self.whole["channels"][channel]["messages"].as_object().unwrap();
        let data = |name: &str| referred(self.schema(name)).unwrap();
        messages.keys().map(|name| (name.as_str(), data(name))).collect()
    }

    /// The types that some of these are made of, by name, themselves left out.
    pub fn used_by<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let roots: Vec<&str> = names.into_iter().collect();
        let mut found = roots.clone();
        let mut at = 0;
        while at < found.len() {
            references(self.schema(found[at]), &mut found);
            at += 1;
        }
        found.retain(|name| !roots.contains(name));
        found.sort_unstable();
        found
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    if let Some(name) = referred(value)
        && !found.contains(&name)
    {
        found.push(name);
    }
    match value {
        Value::Object(members) => members.values().for_each(|value| references(value, found)),
        Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// The name of the type that a schema refers to.
pub fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(SCHEMAS)
}

/// What a schema says of itself.
pub fn about(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// The fields of an object, those that are required first, in the order of the alphabet.
pub fn fields(schema: &Value) -> Vec<Field<'_>> {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut fields: Vec<_> = properties
        .map(|(name, schema)| Field {
            name,
            schema,
            is_required: required.iter().any(|known| known == name),
        })
        .collect();
    fields.sort_by_key(|field| !field.is_required);
    fields
}

/// See [`Shape`].
pub fn shape(schema: &Value) -> Shape<'_> {
    if let Some(name) = referred(schema) {
        return Shape::Named(name);
    }
    if let Some(value) = schema.get("const") {
        return value.as_str().map_or(Shape::Is(value), |word| Shape::OneOf(vec![word]));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let are_many = words.len() > WORDS_MAX;
        return if are_many { Shape::OneOfMany(words) } else { Shape::OneOf(words) };
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        if let Some(of) = schema[several].as_array() {
            return either(of.iter().map(shape).collect());
        }
    }
    match &schema["type"] {
        Value::String(name) => of_type(name, schema),
        Value::Array(names) => {
            either(names.iter().filter_map(Value::as_str).map(|n| of_type(n, schema)).collect())
        }
        _ => Shape::Any,
    }
}

fn of_type<'a>(name: &str, schema: &'a Value) -> Shape<'a> {
    match name {
        "string" => Shape::Text,
        "integer" => Shape::Whole,
        "number" => Shape::Number,
        "boolean" => Shape::Truth,
        "null" => Shape::Null,
        "array" => Shape::List(Box::new(shape(&schema["items"]))),
        "object" if schema["properties"].is_object() => Shape::Object(schema),
        "object" => Shape::Map(Box::new(shape(&schema["additionalProperties"]))),
        _ => Shape::Any,
    }
}

/// Words of several sets are one set.
fn either(shapes: Vec<Shape<'_>>) -> Shape<'_> {
    let mut words = Vec::new();
    let mut others = Vec::new();
    for shape in shapes {
        match shape {
            Shape::OneOf(some) => words.extend(some),
            other => others.push(other),
        }
    }
    if !words.is_empty() {
        others.insert(0, Shape::OneOf(words));
    }
    match others.len() {
        1 => others.remove(0),
        _ => Shape::Either(others),
    }
}
