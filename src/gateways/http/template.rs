//! The operator's templates, and what keeps a value in its place.
//!
//! | place | a value is written as |
//! |---|---|
//! | url | percent-encoded, all but letters, digits and `-._~` (RFC 3986 §2.3) |
//! | header | it is; a control character is refused (RFC 9110 §5.5) |
//! | JSON body | JSON: a bare `{{ to }}` as well as `{{ to|tojson }}` |
//! | form body | percent-encoded |
//! | XML body | with `<>&"'` escaped |
//! | any other body | it is |
//!
//! What is null is `null` in JSON, and nothing elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, filters};

use crate::domain::suggest;

/// How many instructions one rendering may take.
const FUEL: u64 = 20_000;
/// Turns escaping off; nobody needs that here.
const FORBIDDEN: &str = "autoescape";
const ENCODED: &str = "percent-encoded";
const AS_IT_IS: &str = "as it is";

/// The names of templates.
pub(super) const URL: &str = "url";
pub(super) const BODY: &str = "body";

/// What a body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Form,
    Xml,
    Other,
}

impl Format {
    /// By the media type of a `Content-Type`.
    pub fn of(content_type: &str) -> Self {
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "application/x-www-form-urlencoded" => Format::Form,
            media if media.ends_with("/json") || media.ends_with("+json") => Format::Json,
            media if media.ends_with("/xml") || media.ends_with("+xml") => Format::Xml,
            _ => Format::Other,
        }
    }

    fn escape(self) -> AutoEscape {
        match self {
            Format::Json => AutoEscape::Json,
            Format::Form => AutoEscape::Custom(ENCODED.into()),
            Format::Xml => AutoEscape::Html,
            Format::Other => AutoEscape::Custom(AS_IT_IS.into()),
        }
    }
}

/// The templates of one gateway. Every name but [`URL`] and [`BODY`] is a header's.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    pub fn new(body: Format) -> Self {
        let mut environment = Environment::empty();
        // With debug information an error would show the values, which are personal data.
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(move |name| match name {
            URL => AutoEscape::Custom(ENCODED.into()),
            BODY => body.escape(),
            _ => AutoEscape::Custom(AS_IT_IS.into()),
        });
        environment.set_formatter(write_value);
        environment.add_filter("b64encode", |text: &str| BASE64.encode(text));
        environment.add_filter("default", filters::default);
        environment.add_filter("lower", filters::lower);
        environment.add_filter("replace", filters::replace);
        environment.add_filter("tojson", filters::tojson);
        environment.add_filter("trim", filters::trim);
        environment.add_filter("upper", filters::upper);
        Self(environment)
    }

    /// Adds a template that may name these variables; the error completes "<key> …".
    pub fn add(
        &mut self,
        name: &str,
        source: &str,
        known: &BTreeSet<String>,
    ) -> Result<(), String> {
        if source.contains(FORBIDDEN) {
            return Err(format!("may not say {FORBIDDEN}"));
        }
        let added = self.0.add_template_owned(name.to_owned(), source.to_owned());
        added.map_err(|error| in_words(&error))?;
        let template = self.0.get_template(name).map_err(|error| in_words(&error))?;
        let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
        used.iter().find(|name| !known.contains(*name)).map_or(Ok(()), |name| {
            let meant = suggest::closest(name, known.iter().map(String::as_str));
            let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
            Err(format!("names {name}, and there is no such variable{meant}"))
        })
    }

    /// The text with these values in it, at most so many bytes; the error completes "<key> …", and
    /// says nothing of the values.
    pub fn render(&self, name: &str, values: &Value, bytes_max: usize) -> Result<String, String> {
        let template = self.0.get_template(name).map_err(|error| in_words(&error))?;
        let mut room = Room { bytes: Vec::new(), bytes_max };
        template.render_captured_to(values.clone(), &mut room).map_err(|error| in_words(&error))?;
        String::from_utf8(room.bytes).map_err(|_| "is not UTF-8".to_owned())
    }
}

fn write_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    match state.auto_escape() {
        AutoEscape::Json => minijinja::escape_formatter(out, state, value),
        _ if value.is_none() => Ok(()),
        AutoEscape::Custom(how) if how == ENCODED => {
            percent_encode(&value.to_string(), out).map_err(minijinja::Error::from)
        }
        AutoEscape::Custom(_) => write!(out, "{value}").map_err(minijinja::Error::from),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn percent_encode(text: &str, out: &mut Output<'_>) -> std::fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.write_char(char::from(byte))?;
        } else {
            write!(out, "%{byte:02X}")?;
        }
    }
    Ok(())
}

/// The engine's own words name no value: it runs without debug information.
fn in_words(error: &minijinja::Error) -> String {
    let line = error.line().filter(|line| *line > 1).map(|line| format!(" in its line {line}"));
    let detail = error.detail().map(|detail| format!(": {detail}"));
    let (line, detail) = (line.unwrap_or_default(), detail.unwrap_or_default());
    format!("is no template that can be used{line}: {}{detail}", error.kind())
}

/// Output that ends where the room does.
struct Room {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
