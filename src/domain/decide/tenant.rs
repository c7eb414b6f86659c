//! Commands about the tenant itself.

use std::sync::Arc;

use super::Ctx;
use crate::domain::decision::{Decision, Record};
use crate::domain::event::Event;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::settings::Settings;
use crate::domain::state::TenantState;

/// The document is whole: it replaces what was there.
pub fn configure(
    ctx: &Ctx<'_>,
    state: &TenantState,
    settings: &Settings,
) -> Result<Decision, Rejection> {
    if ctx.plans.get(&settings.plan).is_none() {
        let known = ctx.plans.names().join(", ");
        let detail = format!("plan: no plan {:?} here; configured are {known}", settings.plan);
        return Err(Rejection::new(RejectionReason::UnknownPlan, detail));
    }
    let already_done = state.settings().is_some_and(|old| **old == *settings);
    let mut decision = Decision::default();
    if !already_done {
        decision.records.push(Record::Settings(Arc::new(settings.clone())));
    }
    decision.events.push(Event::CommandAccepted { already_done });
    Ok(decision)
}
