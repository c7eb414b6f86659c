//! What `data` says, by command type: one file per family.
//!
//! Each type of data is a struct whose fields are parsed as they are read ([`super::scalar`]);
//! turning one into a [`Command`] then only looks at fields that must agree with each other. The
//! doc comments are published: they become the descriptions of the JSON Schema.

#[macro_use]
mod macros;

pub mod account;
pub mod booking;
pub mod client;
pub mod contact;
mod data;
pub mod inbox;
pub mod money;
pub mod notice;
pub mod payment;
pub mod preference;
pub mod queue;
pub mod reminder;
pub mod session;
pub mod template;
pub mod tenant;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::domain::command::Command;

use super::field::{FieldError, read_data};

pub use data::CommandData;

/// A command type: how its data is read and described.
pub struct CommandType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    /// Data as an upstream app may send it, in JSON.
    pub example: &'static str,
    read: fn(&Value) -> Result<Command, FieldError>,
    /// Puts the schema of its data into the generator and returns a reference to it.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Every command type, in the order of the domain's.
pub const TYPES: &[CommandType] = &[
    command_type::<tenant::ConfigureTenant>(),
    command_type::<template::SetTemplate>(),
    command_type::<template::ResetTemplate>(),
    command_type::<client::RegisterClient>(),
    command_type::<client::UpdateClient>(),
    command_type::<client::VerifyClientEmail>(),
    command_type::<client::DeleteClient>(),
    command_type::<client::EraseClient>(),
    command_type::<preference::OptOut>(),
    command_type::<preference::OptIn>(),
    command_type::<preference::Unsuppress>(),
    command_type::<booking::RequestBooking>(),
    command_type::<booking::ConfirmBooking>(),
    command_type::<booking::AttendBooking>(),
    command_type::<booking::MissBooking>(),
    command_type::<booking::ConfirmAttendance>(),
    command_type::<booking::DeclineBooking>(),
    command_type::<booking::CancelBooking>(),
    command_type::<booking::RescheduleBooking>(),
    command_type::<booking::ReassignBooking>(),
    command_type::<booking::AnnotateBooking>(),
    command_type::<session::ScheduleSession>(),
    command_type::<session::RescheduleSession>(),
    command_type::<session::ResizeSession>(),
    command_type::<session::CancelSession>(),
    command_type::<queue::JoinQueue>(),
    command_type::<queue::AcceptOffer>(),
    command_type::<queue::DeclineOffer>(),
    command_type::<queue::LeaveQueue>(),
    command_type::<payment::RequestPayment>(),
    command_type::<payment::AcceptPayment>(),
    command_type::<payment::DeclinePayment>(),
    command_type::<payment::RecordSale>(),
    command_type::<account::ResetPassword>(),
    command_type::<account::SignIn>(),
    command_type::<account::VerifyEmail>(),
    command_type::<account::VerifyAllEmails>(),
    command_type::<notice::SendNotice>(),
    command_type::<inbox::PostInbox>(),
];

const fn command_type<D: CommandData>() -> CommandType {
    CommandType {
        name: D::TYPE,
        example: D::EXAMPLE,
        read: |data| read_data::<D>(data).and_then(D::command),
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
    /// The first field that is missing, unknown, malformed or at odds with another.
    pub fn read(&self, data: &Value) -> Result<Command, FieldError> {
        (self.read)(data)
    }
}

#[cfg(test)]
mod tests;
