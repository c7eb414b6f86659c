//! Which field is wrong and how, told without repeating what a person's data says.
//!
//! serde's own messages quote the offending value (`invalid type: string "anna@…"`), so they are
//! rewritten here: names of fields stay, values go.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::quote::is_name;
use super::shape::Object;

/// The longest path that an error names, in characters.
pub const PATH_MAX_CHARS: usize = 300;

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path from the envelope down, such as `data.starts_at`.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}

impl FieldError {
    pub(super) fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }

    pub(super) fn missing(field: impl Into<String>) -> Self {
        Self::new(field, "is required")
    }

    /// Places an error of serde at `path`, below the attribute `data`.
    pub(super) fn of_data(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let message = error.inner().to_string();
        let message = message.split_once(" at line ").map_or(message.as_str(), |(text, _)| text);
        let (name, detail) = retell(message);
        let mut field = render(error.path());
        field.extend(name.map(|name| segment(&name)));
        Self { field: clip(&field, PATH_MAX_CHARS).into_owned(), detail }
    }
}

/// Reads `data` as a `D`. The path to an error is only looked for once there is one.
///
/// # Errors
/// The first field that is missing, unknown or malformed.
pub fn read_data<D: DeserializeOwned>(data: &Value) -> Result<D, FieldError> {
    use serde::Deserialize;
    match Object::<D>::deserialize(data) {
        Ok(Object(read)) => Ok(read),
        Err(_) => serde_path_to_error::deserialize(data)
            .map(|Object(read)| read)
            .map_err(|error| FieldError::of_data(&error)),
    }
}

fn clip(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

fn render(path: &Path) -> String {
    let mut text = String::from("data");
    for part in path {
        match part {
            Segment::Map { key } => text.push_str(&segment(key)),
            // Writing to a String cannot fail.
            Segment::Seq { index } => _ = write!(text, "[{index}]"),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

fn segment(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if key.is_empty() {
        "[\"\"]".to_owned()
    } else if !is_name(key) {
        "[…]".to_owned()
    } else if key.chars().all(plain) {
        format!(".{key}")
    } else {
        format!("[{key:?}]")
    }
}

/// serde's message without the value; with the name of a field that is missing or there twice,
/// which the path does not have yet.
fn retell(message: &str) -> (Option<String>, String) {
    if let Some(rest) = message.strip_prefix("missing field `") {
        return (Some(rest.trim_end_matches('`').to_owned()), "is required".to_owned());
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        return (Some(rest.trim_end_matches('`').to_owned()), "is given twice".to_owned());
    }
    if let Some(rest) = message.strip_prefix("unknown field `")
        && let Some((_, known)) = rest.rsplit_once("`, expected ")
    {
        let known = known.strip_prefix("one of ").unwrap_or(known).replace('`', "");
        return (None, format!("is not a field; there are: {known}"));
    }
    let mismatch =
        message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match mismatch.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((got, expected)) => (None, format!("must be {expected}, not {}", sort(got))),
        None => (None, message.to_owned()),
    }
}

fn sort(got: &str) -> &'static str {
    match got.split([' ', '`']).next().unwrap_or_default() {
        "string" => "a string",
        "integer" | "floating" | "number" => "this number",
        "boolean" => "a boolean",
        "null" | "unit" => "null",
        "sequence" => "an array",
        "map" => "an object",
        _ => "this",
    }
}
