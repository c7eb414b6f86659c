//! The engine that runs a tenant's own text: empty but for a few filters, and bounded.

use std::io::{self, Write};
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, StringInput, ValueKind};
use minijinja::{Environment, Error, State, UndefinedBehavior, Value, filters};

use super::rules;
use super::syntax::syntax;
use crate::domain::kind::Kind;
use crate::domain::template::TemplateFault;

/// How many instructions one rendering may take.
const FUEL: u64 = 20_000;
/// The longest text that one rendering may give, in bytes.
pub(super) const OUTPUT_MAX_BYTES: usize = 64 * 1024;

const NAME: &str = "text";

/// A compiled text. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Caged {
    field: &'static str,
    environment: Arc<Environment<'static>>,
}

impl Caged {
    /// Checks the rules and compiles.
    ///
    /// # Errors
    /// The first rule that is broken, or the syntax error.
    pub fn compile(field: &'static str, kind: Kind, source: &str) -> Result<Self, TemplateFault> {
        let edits = rules::check(kind, source)
            .map_err(|broken| fault(field, source, broken.offset, broken.why))?;
        let mut environment = empty();
        let syntax = |error: minijinja::Error| engine_fault(field, source, &error);
        environment.add_template_owned(NAME, source.to_owned()).map_err(syntax)?;
        if !edits.is_empty() {
            // Only now: a fault is told by its place in the text as it was written.
            let spelled = rules::spelled_out(source, &edits);
            environment.add_template_owned(NAME, spelled).map_err(syntax)?;
        }
        Ok(Self { field, environment: Arc::new(environment) })
    }

    /// The text with these values in it.
    ///
    /// # Errors
    /// It ran out of fuel or of room, or a filter does not fit its value.
    pub fn say(&self, source: &str, values: &Value) -> Result<String, TemplateFault> {
        let broken = |error: &minijinja::Error| engine_fault(self.field, source, error);
        let template = self.environment.get_template(NAME).map_err(|error| broken(&error))?;
        let mut room = Room(Vec::with_capacity(source.len()));
        let known = Known::of(values.clone());
        template.render_captured_to(known, &mut room).map_err(|error| broken(&error))?;
        String::from_utf8(room.0)
            .map_err(|_| fault(self.field, source, 0, "is not UTF-8".to_owned()))
    }
}

fn empty() -> Environment<'static> {
    let mut environment = Environment::empty();
    // With debug information an error would show the values, which are personal data.
    environment.set_debug(false);
    environment.set_fuel(Some(FUEL));
    // An absent value is nothing, and so is a part of it: a tenant cannot know what a client lacks.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_syntax(syntax());
    environment.add_filter("capitalize", of_text(filters::capitalize));
    environment.add_filter("default", filters::default);
    environment.add_filter("lower", of_text(filters::lower));
    environment.add_filter("trim", of_text(|text| filters::trim(text, None)));
    environment.add_filter("upper", of_text(filters::upper));
    environment.add_filter(rules::SOUGHT, sought);
    environment
}

/// A filter of texts, which leaves an absent value absent: what follows it may be `default`.
fn of_text(
    filter: fn(StringInput<'_>) -> Value,
) -> impl Fn(&State<'_, '_>, Value) -> Result<Value, Error> {
    move |state, value| {
        if value.is_undefined() { Ok(value) } else { Ok(filter(StringInput::new(state, &value)?)) }
    }
}

/// What `in` looks for: what is not known is in nothing, though an empty text is in every text.
fn sought(value: &Value) -> Value {
    let is_nothing = value.is_undefined() || value.as_str() == Some("");
    if is_nothing { Value::from("\0") } else { value.clone() }
}

/// Values of which those that are none, or say nothing, are not there: to the engine nothing else
/// is absent, neither to its filters nor in its conditions.
#[derive(Debug)]
struct Known(Value);

impl Known {
    fn of(values: Value) -> Value {
        Value::from_object(Self(values))
    }
}

impl Object for Known {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let value = self.0.get_attr(key).ok()?;
        match value.kind() {
            ValueKind::None | ValueKind::Undefined => None,
            ValueKind::Map => Some(Self::of(value)),
            _ if value.as_str() == Some("") => None,
            _ => Some(value),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// Output that ends where the room does.
struct Room(Vec<u8>);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the text is too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong at a byte of the source.
pub(super) fn fault(
    field: &'static str,
    source: &str,
    offset: usize,
    why: String,
) -> TemplateFault {
    let before = source.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    TemplateFault { field, line, column, why }
}

/// The engine's own words name no value: it runs without debug information.
fn engine_fault(field: &'static str, source: &str, error: &minijinja::Error) -> TemplateFault {
    let why = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    let line_start = || {
        let lines_before = error.line().unwrap_or(1).saturating_sub(1);
        source.split_inclusive('\n').take(lines_before).map(str::len).sum()
    };
    fault(field, source, error.range().map_or_else(line_start, |range| range.start), why)
}
