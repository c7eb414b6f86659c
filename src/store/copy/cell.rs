//! What stands in a row, whichever database it was read from.

use std::fmt;

use serde_json::{Number, Value, json};
use uuid::Uuid;

use super::tables::{Kind, Table};
use crate::store::both::fields::Fields;
use crate::store::both::question;
use crate::store::error::StoreError;
use crate::store::postgres::without_nul;

/// Whole numbers below this fit into 64 bits.
const WHOLE: f64 = 9_223_372_036_854_775_808.0;

/// What stands in one column of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Nothing,
    Text(String),
    Id(Uuid),
    Int(i64),
    Real(f64),
    Flag(bool),
    Bytes(Vec<u8>),
    /// JSON of which only the meaning counts.
    Json(String),
}

impl Cell {
    /// Reads a column. U+0000, which is no character of a text for PostgreSQL, is U+FFFD from here
    /// on, as where the daemon writes there.
    ///
    /// # Errors
    /// If something else stands in it.
    pub fn read(row: &impl Fields, place: usize, kind: Kind) -> Result<Self, StoreError> {
        let cell = match kind {
            Kind::Text => row.get::<Option<String>>(place)?.map(|text| Cell::Text(clean(&text))),
            Kind::JsonText => {
                let text = row.get::<Option<String>>(place)?;
                text.map(|text| Cell::Text(without_nul(clean(&text))))
            }
            Kind::Json => {
                let text = row.get::<Option<String>>(place)?;
                text.map(|text| Cell::Json(without_nul(clean(&text))))
            }
            Kind::Id => row.get::<Option<String>>(place)?.map(|text| uuid(&text)).transpose()?,
            Kind::Int => row.get::<Option<i64>>(place)?.map(Cell::Int),
            Kind::Real => row.get::<Option<f64>>(place)?.map(Cell::Real),
            Kind::Flag => row.get::<Option<bool>>(place)?.map(Cell::Flag),
            Kind::Bytes => row.get::<Option<Vec<u8>>>(place)?.map(Cell::Bytes),
        };
        Ok(cell.unwrap_or(Cell::Nothing))
    }

    /// As a question is asked with it, where it is part of a key.
    pub fn as_value(&self) -> question::Value {
        match self {
            Cell::Int(number) => question::Value::Int(Some(*number)),
            Cell::Id(id) => question::Value::Id(Some(*id)),
            Cell::Text(text) => question::Value::Text(Some(text.clone())),
            // No key is one of these.
            _ => question::Value::Text(None),
        }
    }

    /// As it stands in a list of rows that is handed to PostgreSQL.
    pub fn to_json(&self) -> Value {
        match self {
            Cell::Nothing => Value::Null,
            Cell::Text(text) | Cell::Json(text) => json!(text),
            Cell::Id(id) => json!(id),
            Cell::Int(number) => json!(number),
            Cell::Real(number) => json!(number),
            Cell::Flag(is_so) => json!(is_so),
            Cell::Bytes(bytes) => json!(hex(bytes)),
        }
    }

    /// Whether both say the same.
    fn says(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Json(one), Cell::Json(other)) if one != other => {
                let read = |text| serde_json::from_str::<Value>(text).map(plain);
                matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
            }
            (one, other) => one == other,
        }
    }
}

/// A part of a key, for people.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Text(text) | Cell::Json(text) => f.write_str(text),
            Cell::Id(id) => write!(f, "{id}"),
            Cell::Int(number) => write!(f, "{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// A row, in the order of its table's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Cell>);

impl Row {
    /// The cells by which it is found.
    pub fn key(&self, table: &Table) -> &[Cell] {
        self.0.get(..table.key).unwrap_or(&self.0)
    }

    /// The column in which two rows of a table say different things.
    pub fn differs_in(&self, other: &Row, table: &Table) -> Option<&'static str> {
        let mut cells = table.columns.iter().zip(self.0.iter().zip(&other.0));
        cells.find(|(_, (one, other))| !one.says(other)).map(|(column, _)| column.name)
    }
}

/// A key, for people.
pub fn shown(key: &[Cell]) -> String {
    key.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ")
}

fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn uuid(text: &str) -> Result<Cell, StoreError> {
    let why = || format!("{text:?} is no UUID");
    text.parse().map(Cell::Id).map_err(|_| StoreError::Corrupt { what: "id", why: why() })
}

/// Two hexadecimal digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same with each number in one spelling: `1e2`, `100.0` and `100` are one number.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(plain_number(number)),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, plain(value))).collect()
        }
        other => other,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole, and it fits")]
fn plain_number(number: Number) -> Number {
    match number.as_f64() {
        Some(real) if number.is_f64() && real.fract() == 0.0 && real.abs() < WHOLE => {
            Number::from(real as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_json_only_the_meaning_counts() {
        let json = |text: &str| Cell::Json(text.to_owned());
        for (one, other) in [
            (r#"{"a":1,"b":[1.50,2e1]}"#, r#"{"b": [1.5, 20], "a": 1}"#),
            (r#""é""#, r#""\u00e9""#),
            ("1e16", "10000000000000000"),
        ] {
            assert!(json(one).says(&json(other)), "{one} {other}");
        }
        for (one, other) in [("[1,2]", "[2,1]"), ("{}", "[]"), ("1", "1.1"), ("x", "y"), ("1", "")]
        {
            assert!(!json(one).says(&json(other)), "{one} {other}");
        }
        // Where it is text in both, each letter counts.
        assert!(!Cell::Text("[1]".to_owned()).says(&Cell::Text("[ 1]".to_owned())));
    }

    #[test]
    fn bytes_go_as_digits() {
        assert_eq!(Cell::Bytes(vec![0, 10, 255]).to_json(), json!("000aff"));
    }
}
