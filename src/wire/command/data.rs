//! What every family of commands has in common.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::domain::command::Command;
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::Prose;

/// The `data` of one command type.
pub trait CommandData: DeserializeOwned + JsonSchema {
    /// The CloudEvents `type`.
    const TYPE: &'static str;

    /// Data as an upstream app may send it, in JSON.
    const EXAMPLE: &'static str;

    /// The command that is meant.
    ///
    /// # Errors
    /// A field that does not go with the others.
    fn command(self) -> Result<Command, FieldError>;
}

/// A field that need not be there.
pub fn parsed<T>(field: Option<Parsed<T>>) -> Option<T> {
    field.map(|Parsed(value)| value)
}

/// A text that need not be there, nor say anything.
pub fn given(field: Option<Parsed<Prose>>) -> Option<String> {
    parsed(field).and_then(Prose::given)
}
