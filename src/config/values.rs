//! What a node of the configuration holds, and what is wrong with it.

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

/// A value of the wrong type.
pub(super) fn mismatch(full: &str, node: &Node, expected: &str) -> ConfigError {
    wrong(full, node, format!("must be {expected}, not {}", node.value.describe()))
}

/// A value that is not accepted; `why` completes "<key> …".
pub(super) fn wrong(full: &str, node: &Node, why: String) -> ConfigError {
    ConfigError::Invalid { place: node.place.clone(), key: full.to_owned(), why }
}
