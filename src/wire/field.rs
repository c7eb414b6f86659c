//! Which field is wrong and how, told without repeating what a person's data says.
//!
//! serde's own messages quote the offending value (`invalid type: string "anna@…"`), so they are
//! rewritten here: names of fields stay, values go.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::shape::Object;

/// The longest name that an error repeats, in bytes.
pub const NAME_SHOWN_MAX_BYTES: usize = 32;
/// The longest value that an error repeats, in bytes: an instant with its zone.
pub const VALUE_SHOWN_MAX_BYTES: usize = 64;
/// The most digits of a name; numbers of people and keys have more.
const NAME_DIGITS_MAX: usize = 4;
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

/// The text in quotes, for "… is not a zone"; but what may be somebody's address, number or
/// secret in the wrong field is only called "this text".
pub fn quoted(text: &str) -> Cow<'_, str> {
    if is_telling(text) { Cow::Owned(format!("{text:?}")) } else { Cow::Borrowed("this text") }
}

/// Whether a name that ought to be one of ours may be repeated: it looks like one, and not like
/// an address, a number, a link or a key.
pub fn is_name(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.len() <= NAME_SHOWN_MAX_BYTES
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(part)
        && text.bytes().filter(u8::is_ascii_digit).count() <= NAME_DIGITS_MAX
}

/// Whether a value that ought to be a code, a span or an instant may be repeated.
fn is_telling(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-.:+/#[] ".contains(c);
    let digits_in_a_row = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    text.len() <= VALUE_SHOWN_MAX_BYTES
        && text.chars().all(part)
        && !text.contains("//")
        // Two words are a person's name, but not "1 day".
        && (!text.contains(' ') || text.contains(|c: char| c.is_ascii_digit()))
        && digits_in_a_row.unwrap_or_default() <= NAME_DIGITS_MAX
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
