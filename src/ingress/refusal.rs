//! Commands that cannot be read: what upstream is told of them.

use std::time::Duration;

use crate::actors::Intake;
use crate::domain::event::Event;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;
use crate::web::refusal::Reason;
use crate::wire::{Unreadable, UnreadableReason};

/// How often a refusal is told, for each reason by itself: publishers must not be able to fill the
/// log. Each is counted, and lies in the dead queue.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// The type of a command that could not be read, where it is counted.
const UNREAD: &str = "unknown";

impl Reason for UnreadableReason {
    fn name(&self) -> &'static str {
        self.as_str()
    }
}

/// What is told of commands that were laid aside.
pub struct Refusals(Vec<(UnreadableReason, Seldom)>);

impl Default for Refusals {
    fn default() -> Self {
        let each = UnreadableReason::ALL.iter();
        each.clone().for_each(|reason| record::may_be_done(UNREAD, reason.as_str()));
        Self(each.map(|reason| (*reason, Seldom::every(TELL_EVERY))).collect())
    }
}

impl Refusals {
    /// Tells of one that `user` had published, if it is time.
    pub fn tell(&self, unreadable: &Unreadable, user: Option<&str>) {
        let of_its_kind = self.0.iter().find(|(reason, _)| *reason == unreadable.reason);
        let due = of_its_kind.and_then(|(_, seldom)| seldom.due(crate::clock::instant()));
        if let Some(not_told) = due {
            tracing::warn!(
                reason = unreadable.reason.as_str(),
                field = unreadable.field,
                tenant = unreadable.tenant.as_ref().map(TenantId::as_str),
                user,
                not_told,
                "a command cannot be read and is laid aside"
            );
        }
    }
}

/// Counts the refusal, and records it upstream where it is clear whose command it was; returns
/// what was recorded.
pub async fn note<'a>(
    intake: &Intake,
    unreadable: &'a Unreadable,
) -> Option<(&'a TenantId, &'a CommandId, Event)> {
    record::command_done(UNREAD, unreadable.reason.as_str());
    let reason = match unreadable.reason {
        UnreadableReason::InvalidEnvelope => RejectionReason::InvalidEnvelope,
        UnreadableReason::InvalidData => RejectionReason::InvalidData,
        UnreadableReason::UnknownType => RejectionReason::UnknownType,
        UnreadableReason::NotJson
        | UnreadableReason::TooLarge
        | UnreadableReason::ForeignTenant
        | UnreadableReason::InvalidProperties
        | UnreadableReason::Deadly
        | UnreadableReason::NotAllowed => return None,
    };
    let (tenant, id) = (unreadable.tenant.as_ref()?, unreadable.id.as_ref()?);
    let rejection = Rejection::new(reason, sentence(unreadable));
    let cause = id.clone().into();
    let trace = unreadable.trace.as_deref().copied();
    intake.note_unreadable(tenant.clone(), cause, rejection.clone(), trace).await;
    Some((tenant, id, Event::CommandRejected(rejection)))
}

/// What is wrong, with the field that it is about.
pub fn sentence(unreadable: &Unreadable) -> String {
    match &unreadable.field {
        Some(field) => format!("{field}: {}", unreadable.detail),
        None => unreadable.detail.clone(),
    }
}
