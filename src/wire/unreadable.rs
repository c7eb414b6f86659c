//! Why a command could not be read: for the dead-letter queue, an HTTP answer or a log line.

use crate::domain::id::{CommandId, TenantId};
use crate::domain::trace::TraceContext;

use super::field::FieldError;
use super::quote::is_name;

macro_rules! reasons {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// The kind of trouble; the names are part of the interface (`x-bellhop-reason`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum UnreadableReason { $(#[doc = $doc] $variant,)* }

        impl UnreadableReason {
            /// Every reason.
            pub const ALL: &'static [UnreadableReason] = &[$(UnreadableReason::$variant,)*];

            /// The name in headers, answers and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(UnreadableReason::$variant => $name,)* }
            }

            /// What it means, in a sentence, for the reference.
            pub fn meaning(self) -> &'static str {
                match self { $(UnreadableReason::$variant => $doc,)* }
            }
        }
    };
}

reasons! {
    TooLarge "too_large" "The body, or the number of commands in a batch, is beyond the limit."
    NotJson "not_json" "The body is not one JSON text in UTF-8."
    InvalidEnvelope "invalid_envelope" "An attribute of the CloudEvents envelope is missing or malformed."
    UnknownType "unknown_type" "There is no such command type."
    ForeignTenant "foreign_tenant" "The body names another tenant than its route."
    InvalidProperties "invalid_properties" "The AMQP properties around the body cannot be read."
    Deadly "deadly" "It was delivered alone several times, and the daemon died or lost its connection each time."
    NotAllowed "not_allowed" "The publisher may not speak for this tenant."
    InvalidData "invalid_data" "A field of `data` is missing, unknown or malformed."
}

/// A body that is no command, with whatever could still be told of it.
///
/// No text in it repeats personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}{detail}", reason.as_str(), field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default())]
pub struct Unreadable {
    /// The kind of trouble.
    pub reason: UnreadableReason,
    /// Where, such as `data.services.haircut.reminders[1]`.
    pub field: Option<String>,
    /// What, for the person who corrects it.
    pub detail: String,
    /// Whose it was: the route's tenant, else the body's where that can be read.
    pub tenant: Option<TenantId>,
    /// The command's id, where it can be read.
    pub id: Option<CommandId>,
    /// The CloudEvents `type`, where it can be read and looks like one.
    pub type_name: Option<String>,
    /// The trace in which it was sent, likewise; boxed, for a refusal is small.
    pub trace: Option<Box<TraceContext>>,
}

impl Unreadable {
    /// Trouble with the body as a whole.
    pub fn new(reason: UnreadableReason, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (field, tenant, id, type_name, trace) = (None, None, None, None, None);
        Self { reason, field, detail, tenant, id, type_name, trace }
    }

    /// A body beyond `max` bytes.
    pub fn too_large(max: usize) -> Self {
        Self::new(UnreadableReason::TooLarge, format!("larger than {max} bytes"))
    }

    /// The same, known to have come for this tenant.
    #[must_use]
    pub fn of_tenant(self, tenant: Option<&TenantId>) -> Self {
        Self { tenant: tenant.cloned().or(self.tenant), ..self }
    }

    /// The same, of a command type by that name.
    #[must_use]
    pub(super) fn of_type(self, name: &str) -> Self {
        Self { type_name: is_name(name).then(|| name.to_owned()), ..self }
    }

    /// The same, sent in this trace as far as it does not say itself in which.
    #[must_use]
    pub fn sent_in(self, trace: Option<TraceContext>) -> Self {
        Self { trace: self.trace.or(trace.map(Box::new)), ..self }
    }

    pub(super) fn at(reason: UnreadableReason, error: FieldError) -> Self {
        Self { field: Some(error.field), ..Self::new(reason, error.detail) }
    }
}
