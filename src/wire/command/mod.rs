//! What `data` says, by command type: one file per family.
//!
//! Each type of data is a struct whose fields are parsed as they are read ([`super::scalar`]), so
//! turning one into a [`Command`] cannot fail. The doc comments are published: they become the
//! descriptions of the JSON Schema.

pub mod booking;
pub mod client;
pub mod contact;
pub mod reminder;
pub mod tenant;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::command::Command;

use super::field::{FieldError, read_data};
use super::scalar::Parsed;

/// The `data` of one command type.
pub trait CommandData: DeserializeOwned + JsonSchema + Into<Command> {
    /// The CloudEvents `type`.
    const TYPE: &'static str;
}

/// A command type: how its data is read and described.
pub struct CommandType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    read: fn(&Value) -> Result<Command, FieldError>,
    /// Puts the schema of its data into the generator and returns a reference to it.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Every command type.
pub const TYPES: &[CommandType] = &[
    command_type::<tenant::ConfigureTenant>(),
    command_type::<client::RegisterClient>(),
    command_type::<client::UpdateClient>(),
    command_type::<booking::RequestBooking>(),
    command_type::<booking::ConfirmBooking>(),
    command_type::<booking::DeclineBooking>(),
    command_type::<booking::CancelBooking>(),
    command_type::<booking::RescheduleBooking>(),
    command_type::<booking::ReassignBooking>(),
    command_type::<booking::AnnotateBooking>(),
];

const fn command_type<D: CommandData>() -> CommandType {
    CommandType {
        name: D::TYPE,
        read: |data| read_data::<D>(data).map(Into::into),
        schema: |generator| generator.subschema_for::<D>(),
    }
}

impl CommandType {
    /// The type of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TYPES.iter().find(|known| known.name == name)
    }

    /// Reads its data.
    ///
    /// # Errors
    /// The first field that is missing, unknown or malformed.
    pub fn read(&self, data: &Value) -> Result<Command, FieldError> {
        (self.read)(data)
    }
}

fn parsed<T>(field: Option<Parsed<T>>) -> Option<T> {
    field.map(|Parsed(value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_domain_can_be_read() {
        let names: Vec<_> = TYPES.iter().map(|known| known.name).collect();
        assert_eq!(names, Command::TYPES);
    }
}
