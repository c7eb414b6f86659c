//! Commands about the tenant itself, and what new settings mean for what is planned.

use std::sync::Arc;

use super::ctx::Ctx;
use super::draft::Draft;
use super::{reminder, visit};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::client::Client;
use crate::domain::decision::{Decision, Record};
use crate::domain::gained::Gained;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::settings::Settings;
use crate::domain::state::TenantState;
use crate::domain::timer::Timer;

/// Bookings or clients that are planned anew in one decision.
pub const PLAN_PAGE: usize = 500;

/// The document is whole: it replaces what was there.
pub fn configure(
    ctx: &Ctx<'_>,
    state: &TenantState,
    settings: &Settings,
) -> Result<Decision, Rejection> {
    if ctx.plans.get(&settings.plan).is_none() {
        let known = ctx.plans.names().join(", ");
        let detail = format!("plan: there is no such plan; configured are {known}");
        return Err(Rejection::new(RejectionReason::UnknownPlan, detail));
    }
    check_sender(ctx, settings)?;
    let mut draft = Draft::new(ctx, state, settings);
    draft.remark = settings.remark();
    match state.settings() {
        Some(old) if **old == *settings => draft.already_done(),
        old => {
            draft.put(Record::Settings(Arc::new(settings.clone())));
            if old.is_some_and(|old| plans_reminders_otherwise(old, settings)) {
                let gained = old.map(|old| Gained::between(old, settings)).unwrap_or_default();
                plan_bookings(&mut draft, None, &gained);
            }
            if old.is_some_and(|old| old.win_back_after != settings.win_back_after) {
                plan_clients(&mut draft, None);
            }
        }
    }
    Ok(draft.accepted())
}

/// In whose name mail goes is the operator's to say: it is sent by their servers.
fn check_sender(ctx: &Ctx<'_>, settings: &Settings) -> Result<(), Rejection> {
    let own = settings.sender.email.as_ref();
    let Some(email) = own.filter(|email| !ctx.plans.allow_sender(&settings.plan, email)) else {
        return Ok(());
    };
    let detail = format!(
        "sender.email: nobody of plan {:?} may write from {}; the operator lists domains in \
         sender_domains",
        settings.plan,
        email.ascii_domain(),
    );
    Err(Rejection::new(RejectionReason::SenderNotAllowed, detail))
}

/// Whether a reminder's time depends on what changed.
fn plans_reminders_otherwise(old: &Settings, new: &Settings) -> bool {
    old.reminders != new.reminders
        || old.services != new.services
        || old.timezone != new.timezone
        || old.quiet_hours != new.quiet_hours
}

/// The next page of bookings whose reminders are planned by the present settings. Timers of the
/// old ones find, when they fire, that they no longer fit.
pub fn plan_bookings(draft: &mut Draft<'_>, after: Option<&BookingId>, gained: &Gained) {
    let mut bookings = draft.state.bookings_after(after);
    let page: Vec<Booking> = bookings.by_ref().take(PLAN_PAGE).cloned().collect();
    let more = bookings.next().is_some();
    let agreed = page.iter().filter(|booking| booking.state == BookingState::Confirmed);
    for booking in agreed {
        if let Ok(client) = draft.holder(booking) {
            reminder::plan_again(draft, booking, &client, gained);
        }
    }
    if let Some(last) = page.last().filter(|_| more) {
        let (after, gained) = (Some(last.id.clone()), gained.clone());
        draft.set_timer(draft.ctx.now, Timer::PlanBookings { after, gained });
    }
}

/// The next page of clients who are missed by the present settings.
pub fn plan_clients(draft: &mut Draft<'_>, after: Option<&ClientId>) {
    let mut clients = draft.state.clients_after(after);
    let page: Vec<Arc<Client>> = clients.by_ref().take(PLAN_PAGE).cloned().collect();
    let more = clients.next().is_some();
    for client in &page {
        visit::plan_win_back(draft, client);
    }
    if let Some(last) = page.last().filter(|_| more) {
        draft.set_timer(draft.ctx.now, Timer::PlanClients { after: Some(last.id.clone()) });
    }
}
