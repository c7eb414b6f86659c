//! Commands that cannot be read: what upstream is told of them.

use crate::actors::Intake;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::telemetry::record;
use crate::wire::{Unreadable, UnreadableReason};

/// Counts the refusal, and records it upstream where tenant and id could be read.
pub async fn note(intake: &Intake, unreadable: &Unreadable) {
    record::command_done("unknown", unreadable.reason.as_str());
    let reason = match unreadable.reason {
        UnreadableReason::InvalidData => RejectionReason::InvalidData,
        UnreadableReason::UnknownType => RejectionReason::UnknownType,
        // Whose command it is, is just what is in doubt.
        _ => return,
    };
    if let (Some(tenant), Some(id)) = (&unreadable.tenant, &unreadable.id) {
        let rejection = Rejection::new(reason, sentence(unreadable));
        intake.note_refusal(tenant.clone(), id.clone(), rejection).await;
    }
}

/// What is wrong, with the field that it is about.
pub fn sentence(unreadable: &Unreadable) -> String {
    match &unreadable.field {
        Some(field) => format!("{field}: {}", unreadable.detail),
        None => unreadable.detail.clone(),
    }
}
