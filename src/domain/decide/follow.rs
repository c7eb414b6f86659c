//! Which part of the decision a command is for.

use super::draft::Draft;
use super::{
    account, attendance, booking, broadcast, client, erase, moved, payment, queue, session,
    template, visit,
};
use crate::domain::command::Command;
use crate::domain::rejection::Rejection;

/// What follows from a command about a tenant that is configured.
pub fn follow(draft: &mut Draft<'_>, command: &Command) -> Result<(), Rejection> {
    match command {
        // Decided by themselves.
        Command::ConfigureTenant(_) | Command::TakeReply(_) => Ok(()),
        Command::SetTemplate { key, text } => template::set(draft, key, text),
        Command::ResetTemplate(key) => template::reset(draft, key),
        Command::RegisterClient(register) => client::register(draft, register),
        Command::UpdateClient(update) => client::update(draft, update),
        Command::VerifyClientEmail(id) => client::verify_email(draft, id),
        Command::DeleteClient(id) => client::delete(draft, id),
        Command::EraseClient(id) => erase::erase(draft, id),
        Command::OptOut(wish) => client::opt_out(draft, wish),
        Command::OptIn(wish) => client::opt_in(draft, wish),
        Command::Unsuppress { client, channel, deed } => {
            client::unsuppress(draft, client, *channel, deed.as_ref())
        }
        Command::RequestBooking(request) => booking::request(draft, request),
        Command::ConfirmBooking(id) => booking::confirm(draft, id),
        Command::AttendBooking(id) => visit::attend(draft, id),
        Command::MissBooking(id) => visit::miss(draft, id),
        Command::ConfirmAttendance(id) => {
            moved::catch_up(draft, id)?;
            attendance::confirm_attendance(draft, id)
        }
        Command::DeclineBooking { booking, reason } => {
            booking::decline(draft, booking, reason.as_deref())
        }
        Command::CancelBooking { booking, by, reason } => {
            booking::cancel(draft, booking, *by, reason.as_deref())
        }
        Command::RescheduleBooking { booking, starts_at, ends_at } => {
            booking::reschedule(draft, booking, *starts_at, *ends_at)
        }
        Command::ReassignBooking { booking, client, guest } => {
            booking::reassign(draft, booking, client, *guest)
        }
        Command::AnnotateBooking { booking, notes } => booking::annotate(draft, booking, notes),
        Command::ScheduleSession(schedule) => session::schedule(draft, schedule),
        Command::RescheduleSession { session, starts_at, ends_at } => {
            session::reschedule(draft, session, *starts_at, *ends_at)
        }
        Command::ResizeSession { session, capacity } => session::resize(draft, session, *capacity),
        Command::CancelSession { session, reason } => {
            session::cancel(draft, session, reason.as_deref())
        }
        Command::JoinQueue { session, client, entry } => queue::join(draft, session, client, entry),
        Command::AcceptOffer { entry, booking } => queue::accept(draft, entry, booking.as_ref()),
        Command::DeclineOffer(entry) => queue::decline(draft, entry),
        Command::LeaveQueue(entry) => queue::leave(draft, entry),
        Command::RequestPayment(request) => payment::request(draft, request),
        Command::AcceptPayment(id) => payment::accept(draft, id),
        Command::DeclinePayment(id) => payment::decline(draft, id),
        Command::RecordSale { client, description, amount, balance } => {
            payment::record_sale(draft, client, description, amount.as_ref(), balance.as_deref())
        }
        Command::SendLink { client, purpose, url, expires_at } => {
            account::send_link(draft, client, *purpose, url, *expires_at)
        }
        Command::VerifyAllEmails { url_template, mac_key, expires_at } => {
            broadcast::verify_all(draft, url_template, mac_key.as_ref(), *expires_at)
        }
        Command::SendNotice(notice) => broadcast::notice(draft, notice),
        Command::PostInbox { title, body, to } => broadcast::post(draft, title, body, to),
    }
}
