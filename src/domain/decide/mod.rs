//! The decision: one pure function, split by what the input is about.
//!
//! Each module reads the state and fills a [`draft::Draft`]; [`tell`] asks the policy ladder on
//! every channel and records what it answers.
//!
//! ```text
//!   command ─▶ tenant client booking session queue payment account broadcast ─▶ Draft ─▶ Decision
//!   timer   ─▶ fired ─▶ reminder visit queue session broadcast ────────────────▲
//! ```
//!
//! A session has thousands of people. [`sweep`] takes it to them page by page, and [`roster`] shows
//! each booking and place as it is by then.
//!
//! A timer carries no decision: [`fired`] compares it with what is planned by now, and one that
//! no longer fits does nothing.

mod account;
mod alert;
mod attendance;
mod booking;
mod broadcast;
mod client;
mod ctx;
mod draft;
mod erase;
mod fallback;
mod fired;
mod follow;
mod giving_back;
mod moved;
mod offer;
mod page;
mod payment;
mod queue;
mod receipt;
mod reminder;
mod replay;
mod reply;
mod retire;
mod roster;
mod series;
mod session;
mod still;
mod sweep;
mod tell;
mod template;
mod tenant;
mod visit;
mod wording;

use jiff::Timestamp;

use super::command::Command;
use super::decision::Decision;
use super::letter::Letter;
use super::policy::SkipReason;
use super::rejection::{Rejection, RejectionReason};
use super::state::TenantState;
pub use ctx::{Ctx, Input};
use draft::Draft;
use follow::follow;
#[cfg(test)]
pub use retire::LOOKED_AT;

/// Decides what follows from an input.
///
/// # Errors
/// A [`Rejection`] if a command cannot take effect; nothing changes then. Nothing else is refused,
/// unless the rules contradict themselves.
pub fn decide(ctx: &Ctx<'_>, state: &TenantState, input: Input<'_>) -> Result<Decision, Rejection> {
    match input {
        Input::Command(command) => command_decides(ctx, state, command),
        Input::Timer(timer) => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            match fired::fired(&mut draft, timer) {
                Ok(()) => Ok(draft.finished()),
                // What it was about is gone.
                Err(why) if why.reason.is_unknown() => Ok(Decision::default()),
                Err(why) => Err(why),
            }
        }
        Input::Bounced { client, channel } => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            client::bounced(&mut draft, client, channel);
            Ok(draft.finished())
        }
        Input::DevicesGone { client, tokens } => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            client::devices_gone(&mut draft, client, tokens);
            Ok(draft.finished())
        }
        Input::Unspent { message, client, segments } => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            draft.give_back(message, client, segments);
            Ok(draft.finished())
        }
        Input::Reported(reported) => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            receipt::reported(&mut draft, reported);
            Ok(draft.finished())
        }
        Input::Fallen(fallen) => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            fallback::given_up(&mut draft, fallen);
            Ok(draft.finished())
        }
        Input::Replay { letter, job } => {
            let Some(settings) = state.settings() else { return Ok(Decision::default()) };
            let mut draft = Draft::new(ctx, state, settings);
            replay::replay(&mut draft, letter, job);
            Ok(draft.finished())
        }
    }
}

/// When a dead letter may go, else the first rule that forbids it: what [`Input::Replay`] would do,
/// for somebody who only asks.
///
/// # Errors
/// The rule.
pub fn may_go_again(
    ctx: &Ctx<'_>,
    state: &TenantState,
    letter: &Letter,
) -> Result<Timestamp, SkipReason> {
    let settings = state.settings().ok_or(SkipReason::ClientDeleted)?;
    replay::may_go(&Draft::new(ctx, state, settings), letter)
}

fn command_decides(
    ctx: &Ctx<'_>,
    state: &TenantState,
    command: &Command,
) -> Result<Decision, Rejection> {
    if let Command::ConfigureTenant(settings) = command {
        return tenant::configure(ctx, state, settings);
    }
    let settings = state.settings().ok_or_else(|| unknown_tenant(ctx))?;
    if let Command::TakeReply(reply) = command {
        return Ok(reply::take(ctx, state, settings, reply));
    }
    let mut draft = Draft::new(ctx, state, settings);
    follow(&mut draft, command)?;
    Ok(draft.accepted())
}

fn unknown_tenant(ctx: &Ctx<'_>) -> Rejection {
    Rejection::new(
        RejectionReason::UnknownTenant,
        format!("tenant {} has not been configured; send tenant.configure first", ctx.tenant),
    )
}
