//! Commands that cannot be read: what upstream is told of them.

use crate::actors::Intake;
use crate::domain::event::Event;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::telemetry::record;
use crate::wire::{Unreadable, UnreadableReason};

/// Counts the refusal, and records it upstream where it is clear whose command it was; returns
/// what was recorded.
pub async fn note<'a>(
    intake: &Intake,
    unreadable: &'a Unreadable,
) -> Option<(&'a TenantId, &'a CommandId, Event)> {
    record::command_done("unknown", unreadable.reason.as_str());
    let reason = match unreadable.reason {
        UnreadableReason::InvalidEnvelope => RejectionReason::InvalidEnvelope,
        UnreadableReason::InvalidData => RejectionReason::InvalidData,
        UnreadableReason::UnknownType => RejectionReason::UnknownType,
        UnreadableReason::NotJson
        | UnreadableReason::TooLarge
        | UnreadableReason::ForeignTenant
        | UnreadableReason::NotAllowed => return None,
    };
    let (tenant, id) = (unreadable.tenant.as_ref()?, unreadable.id.as_ref()?);
    let rejection = Rejection::new(reason, sentence(unreadable));
    intake.note_refusal(tenant.clone(), id.clone(), rejection.clone()).await;
    Some((tenant, id, Event::CommandRejected(rejection)))
}

/// What is wrong, with the field that it is about.
pub fn sentence(unreadable: &Unreadable) -> String {
    match &unreadable.field {
        Some(field) => format!("{field}: {}", unreadable.detail),
        None => unreadable.detail.clone(),
    }
}
