//! What a node of the configuration holds, and what is wrong with it.

use std::ops::RangeInclusive;

use super::error::ConfigError;
use super::tree::{Node, Value};

/// The value itself, where an environment variable left it open what it is.
pub(super) fn scalar(value: &Value) -> &Value {
    match value {
        Value::Ambiguous(_, value) => value,
        value => value,
    }
}

/// The string that a node holds.
pub(super) fn text_of<'n>(full: &str, node: &'n Node) -> Result<&'n str, ConfigError> {
    match &node.value {
        Value::Text(text) | Value::Ambiguous(text, _) => Ok(text),
        _ => Err(mismatch(full, node, "a string")),
    }
}

/// The entries of a list of so many.
pub(super) fn list<'n>(
    full: &str,
    node: &'n Node,
    count: RangeInclusive<usize>,
) -> Result<&'n [Node], ConfigError> {
    let Value::List(items) = &node.value else { return Err(mismatch(full, node, "a list")) };
    if count.contains(&items.len()) {
        return Ok(items);
    }
    let why = format!("must have {} to {} entries", count.start(), count.end());
    Err(wrong(full, node, why))
}

/// A value of the wrong type.
pub(super) fn mismatch(full: &str, node: &Node, expected: &str) -> ConfigError {
    wrong(full, node, format!("must be {expected}, not {}", node.value.describe()))
}

/// A value that is not accepted; `why` completes "<key> …".
pub(super) fn wrong(full: &str, node: &Node, why: String) -> ConfigError {
    ConfigError::Invalid { place: node.place.clone(), key: full.to_owned(), why }
}
