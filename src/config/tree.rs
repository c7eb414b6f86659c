//! A TOML document in which every value remembers where it was written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};

/// A table's entries by key.
pub(super) type Table = BTreeMap<String, Node>;

/// A value and its origin.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub value: Value,
    pub place: Place,
}

/// A TOML value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
    /// A date or time; no key takes one.
    Datetime,
    /// An environment variable whose text also reads as a number, flag or date: which of the two
    /// was meant, only the key that takes it can tell.
    Ambiguous(String, Box<Value>),
}

impl Value {
    /// What it is, in an operator's words.
    pub fn describe(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a fraction",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Datetime => "a date or time",
            Value::Ambiguous(_, value) => value.describe(),
        }
    }
}

/// Reads a whole document; `name` stands in error messages.
pub(super) fn parse_document(name: &str, text: &str) -> Result<Node, ConfigError> {
    let file: Arc<str> = Arc::from(name);
    let place = |span: Range<usize>| Place::Line(file.clone(), line_of(text, span.start));
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().unwrap_or(0..0)),
        why: error.message().to_owned(),
    })?;
    let start = place(0..0);
    Ok(Node { value: convert_table(table.into_inner(), &place)?, place: start })
}

/// Reads the value of an environment variable: as TOML if it is TOML, else as a string.
pub(super) fn parse_variable(name: &str, text: &str) -> Result<Node, ConfigError> {
    let place = Place::Variable(Arc::from(name));
    let value = match DeValue::parse(text) {
        Err(_) => Value::Text(text.to_owned()),
        Ok(parsed) => match convert(parsed, &|_| place.clone())?.value {
            value @ (Value::Text(_) | Value::List(_) | Value::Table(_)) => value,
            scalar => Value::Ambiguous(text.to_owned(), Box::new(scalar)),
        },
    };
    Ok(Node { value, place })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

type Places<'a> = &'a dyn Fn(Range<usize>) -> Place;

fn convert(value: Spanned<DeValue<'_>>, places: Places<'_>) -> Result<Node, ConfigError> {
    let place = places(value.span());
    let out_of_range = || ConfigError::Syntax {
        place: place.clone(),
        why: "the number is out of range".to_owned(),
    };
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => Value::Integer(
            i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| out_of_range())?,
        ),
        DeValue::Float(number) => {
            Value::Float(number.as_str().parse().map_err(|_| out_of_range())?)
        }
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(list) => Value::List(
            list.into_iter().map(|item| convert(item, places)).collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => convert_table(table, places)?,
    };
    Ok(Node { value, place })
}

fn convert_table(table: DeTable<'_>, places: Places<'_>) -> Result<Value, ConfigError> {
    let mut entries = Table::new();
    for (key, value) in table {
        let mut node = convert(value, places)?;
        node.place = places(key.span());
        entries.insert(key.into_inner().into_owned(), node);
    }
    Ok(Value::Table(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(node: &Node, key: &str) -> Node {
        let Value::Table(table) = &node.value else { panic!("not a table") };
        table[key].clone()
    }

    #[test]
    fn every_value_knows_its_line() {
        let document = parse_document("f.toml", "a = 1\n\n[b]\nc = [\n  2,\n  3]\n").unwrap();
        assert_eq!(entry(&document, "a").place.to_string(), "f.toml:1");
        assert_eq!(entry(&document, "b").place.to_string(), "f.toml:3");
        let list = entry(&entry(&document, "b"), "c");
        assert_eq!(list.place.to_string(), "f.toml:4");
        let Value::List(items) = list.value else { panic!("not a list") };
        assert_eq!(items[1].place.to_string(), "f.toml:6");
    }

    #[test]
    fn a_syntax_error_names_the_line_and_not_its_content() {
        let text = "[http]\ntoken = \"hunter2\" oops\n";
        let message = parse_document("f.toml", text).unwrap_err().to_string();
        assert!(message.starts_with("f.toml:2: "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn a_variable_is_toml_or_a_string() {
        let value = |text| parse_variable("V", text).unwrap().value;
        assert!(matches!(value("[1, 2]"), Value::List(_)));
        assert!(matches!(value("127.0.0.1:80"), Value::Text(_)));
        assert!(matches!(value("\"12\""), Value::Text(text) if text == "12"));
        assert!(matches!(value("12"), Value::Ambiguous(text, _) if text == "12"));
    }
}
