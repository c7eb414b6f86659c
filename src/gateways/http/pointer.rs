//! JSON Pointers (RFC 6901).

use std::fmt;

use serde_json::Value;

/// Where in a JSON document something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// Takes a pointer such as `/messages/0/id`; the error completes "<key> …".
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("must be a JSON Pointer, such as /messages/0/id".to_owned());
        }
        if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
            return Err("has a ~ that is neither ~0 (a ~) nor ~1 (a /), RFC 6901".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// What stands there, if it is a text, a number or a truth value.
    pub fn scalar(&self, document: &Value) -> Option<String> {
        match document.pointer(&self.0)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Whether there is anything but null.
    pub(super) fn finds(&self, document: &Value) -> bool {
        document.pointer(&self.0).is_some_and(|found| !found.is_null())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
