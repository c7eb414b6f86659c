//! The decision: one pure function, split by what the command is about.
//!
//! [`tenant`], [`client`] and [`booking`] each read the state and fill a [`Draft`]; the draft
//! knows how to ask the policy ladder on every channel and to record what it answers. [`series`]
//! says which booking of a recurring series speaks for the others.

mod booking;
mod client;
mod draft;
mod series;
mod tenant;

use jiff::Timestamp;

use super::channel::Channels;
use super::command::Command;
use super::decision::Decision;
use super::id::{CommandId, TenantId};
use super::plan::Plans;
use super::rejection::Rejection;
use super::state::TenantState;
use draft::Draft;

/// Everything outside the tenant's state that a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// Whose command it is.
    pub tenant: &'a TenantId,
    /// The command's id: message ids derive from it.
    pub cause: &'a CommandId,
    /// The instant of deciding.
    pub now: Timestamp,
    /// The operator's plans.
    pub plans: &'a Plans,
    /// The channels for which this installation has a provider.
    pub provided: Channels,
}

/// Decides what follows from a command.
///
/// # Errors
/// A [`Rejection`] if the command cannot take effect; nothing changes then.
pub fn decide(
    ctx: &Ctx<'_>,
    state: &TenantState,
    command: &Command,
) -> Result<Decision, Rejection> {
    if let Command::ConfigureTenant(settings) = command {
        return tenant::configure(ctx, state, settings);
    }
    let settings = state.settings().ok_or_else(|| unknown_tenant(ctx))?;
    let mut draft = Draft::new(ctx, state, settings);
    match command {
        Command::ConfigureTenant(_) => {}
        Command::RegisterClient(register) => client::register(&mut draft, register)?,
        Command::UpdateClient(update) => client::update(&mut draft, update)?,
        Command::RequestBooking(request) => booking::request(&mut draft, request)?,
        Command::ConfirmBooking(id) => booking::confirm(&mut draft, id)?,
        Command::DeclineBooking { booking, reason } => {
            booking::decline(&mut draft, booking, reason.as_deref())?;
        }
        Command::CancelBooking { booking, by, reason } => {
            booking::cancel(&mut draft, booking, *by, reason.as_deref())?;
        }
        Command::RescheduleBooking { booking, starts_at, ends_at } => {
            booking::reschedule(&mut draft, booking, *starts_at, *ends_at)?;
        }
        Command::ReassignBooking { booking, client } => {
            booking::reassign(&mut draft, booking, client)?;
        }
        Command::AnnotateBooking { booking, notes } => {
            booking::annotate(&mut draft, booking, notes)?;
        }
    }
    Ok(draft.finish())
}

fn unknown_tenant(ctx: &Ctx<'_>) -> Rejection {
    Rejection::new(
        super::RejectionReason::UnknownTenant,
        format!("tenant {} has not been configured; send tenant.configure first", ctx.tenant),
    )
}
