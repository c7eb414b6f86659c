//! A timer fired: look again at what it is about.

use super::draft::Draft;
use super::{
    attendance, broadcast, erase, queue, reminder, retire, series, session, sweep, tenant, visit,
};
use crate::domain::rejection::Rejection;
use crate::domain::timer::{DueTimer, Timer};

/// Does what was planned, where it still stands.
pub fn fired(draft: &mut Draft<'_>, fired: &DueTimer) -> Result<(), Rejection> {
    let due = fired.due;
    match &fired.timer {
        // Planned anew on the page on which the client hears of it.
        Timer::Reminder { booking, .. } | Timer::AttendanceCheck { booking }
            if draft.is_moving(booking) =>
        {
            Ok(())
        }
        Timer::Reminder { booking, rule } => reminder::is_due(draft, booking, rule),
        Timer::AttendanceCheck { booking } => attendance::check_attendance(draft, booking, due),
        Timer::OfferEnds { entry } => queue::offer_ends(draft, entry),
        Timer::CountAttendance { session } => session::count_attendance(draft, session, due),
        Timer::SessionStarts { session } => session::starts(draft, session, due),
        Timer::Series { series, client } => series::is_quiet(draft, series, client),
        Timer::SessionPage { session, page } => sweep::go_on(draft, session, *page),
        Timer::ErasurePage { erasure, done } => {
            erase::go_on(draft, erasure, *done);
            Ok(())
        }
        Timer::Review { booking } => visit::ask_for_review(draft, booking),
        Timer::WinBack { client } => visit::win_back(draft, client),
        Timer::Broadcast { broadcast, after } => {
            broadcast::page(draft, broadcast, after.as_ref());
            Ok(())
        }
        Timer::BroadcastTo { broadcast, client } => {
            broadcast::to(draft, broadcast, client);
            Ok(())
        }
        Timer::BroadcastEnds { broadcast } => {
            broadcast::end(draft, broadcast);
            Ok(())
        }
        Timer::PlanBookings { after, gained } => {
            tenant::plan_bookings(draft, after.as_ref(), gained);
            Ok(())
        }
        Timer::PlanClients { after } => {
            tenant::plan_clients(draft, after.as_ref());
            Ok(())
        }
        Timer::Retire { shelf } => {
            retire::look_through(draft, shelf);
            Ok(())
        }
    }
}
