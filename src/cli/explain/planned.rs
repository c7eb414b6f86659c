//! What is still to happen: the timers that a booking or a client would have.
//!
//! A timer's instant follows from the state and the settings, so it is reckoned here and then
//! looked for, which finds it among millions without reading them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Subject;
use crate::domain::TenantState;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::client::Client;
use crate::domain::lead::LeadRule;
use crate::domain::planning::{after, after_quiet, attendance_check, on_the_tick, reminders};
use crate::domain::session::EntryState;
use crate::domain::settings::Settings;
use crate::domain::timer::{DueTimer, Timer};

const MINUTE_SECONDS: u32 = 60;
const HOUR_SECONDS: u32 = 60 * MINUTE_SECONDS;

/// The timers that there may be.
pub fn of(state: &TenantState, subject: &Subject) -> Vec<DueTimer> {
    let Some(settings) = state.settings() else { return Vec::new() };
    match subject {
        Subject::Booking(id) => {
            let booking = state.booking(id).into_iter();
            booking.flat_map(|booking| of_booking(state, settings, booking)).collect()
        }
        Subject::Client(id) => {
            let Some(client) = state.client(id) else { return Vec::new() };
            let bookings = state.bookings().filter(|booking| booking.client == *id);
            let bookings = bookings.flat_map(|booking| of_booking(state, settings, booking));
            bookings.chain(offers(state, client)).chain(win_back(settings, client)).collect()
        }
        Subject::Message(_) => Vec::new(),
    }
}

fn of_booking(state: &TenantState, settings: &Settings, booking: &Booking) -> Vec<DueTimer> {
    let Some(client) = state.client(&booking.client) else { return Vec::new() };
    let id = || booking.id.clone();
    match booking.state {
        BookingState::Confirmed => {
            let planned = reminders(settings, booking, client).into_iter();
            let reminders = planned.map(|planned| DueTimer {
                due: planned.due,
                timer: Timer::Reminder { booking: id(), rule: planned.rule },
            });
            let session = booking.session.as_ref().and_then(|session| state.session(session));
            let check = session.and_then(attendance_check);
            let check =
                check.map(|due| DueTimer { due, timer: Timer::AttendanceCheck { booking: id() } });
            reminders.chain(check).collect()
        }
        BookingState::Attended => {
            let due = review(settings, booking, client);
            due.map(|due| DueTimer { due, timer: Timer::Review { booking: id() } })
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Reckoned from the client's last visit, which is this one as long as its review is planned.
fn review(settings: &Settings, booking: &Booking, client: &Client) -> Option<Timestamp> {
    let (rules, visit) = (settings.review.as_ref()?, client.last_visit?);
    let over = booking.ends_at.map_or(visit, |end| end.max(visit));
    Some(on_the_tick(after_quiet(settings, client, after(over, rules.after))))
}

fn offers<'a>(state: &'a TenantState, client: &'a Client) -> impl Iterator<Item = DueTimer> + 'a {
    state.places(&client.id).filter_map(|entry| match entry.state {
        EntryState::Offered { until, .. } => {
            Some(DueTimer { due: until, timer: Timer::OfferEnds { entry: entry.id.clone() } })
        }
        _ => None,
    })
}

fn win_back(settings: &Settings, client: &Client) -> Option<DueTimer> {
    let due = after(client.last_visit?, settings.win_back_after?);
    let due = on_the_tick(after_quiet(settings, client, due));
    Some(DueTimer { due, timer: Timer::WinBack { client: client.id.clone() } })
}

/// What will happen then.
pub fn sentence(timer: &Timer) -> String {
    match timer {
        Timer::Reminder { booking, rule } => {
            format!("a reminder of booking {booking}, {} before it", lead(rule))
        }
        Timer::AttendanceCheck { booking } => {
            format!("asking whether they will come to booking {booking}")
        }
        Timer::OfferEnds { entry } => format!("the offer to place {entry} ends"),
        Timer::Series { series, client } => {
            format!("telling client {client} the dates of series {series}")
        }
        Timer::Review { booking } => format!("asking how booking {booking} was"),
        Timer::WinBack { client } => format!("looking whether client {client} stayed away"),
        Timer::CountAttendance { session } => {
            format!("counting whether enough come to session {session}")
        }
        Timer::SessionStarts { session } => format!("session {session} starts"),
        Timer::SessionPage { session, .. } => format!("going on with session {session}"),
        Timer::Broadcast { broadcast, .. } | Timer::BroadcastTo { broadcast, .. } => {
            format!("writing on with {broadcast}")
        }
        Timer::PlanBookings { .. } | Timer::PlanClients { .. } => "planning anew".to_owned(),
    }
}

fn lead(rule: &LeadRule) -> String {
    let counted = |count: u32, what| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let exactly = |seconds: u32| match seconds {
        hours if hours % HOUR_SECONDS == 0 => counted(hours / HOUR_SECONDS, "hour"),
        minutes if minutes % MINUTE_SECONDS == 0 => counted(minutes / MINUTE_SECONDS, "minute"),
        seconds => counted(seconds, "second"),
    };
    match rule {
        LeadRule::Days(days) => counted(u32::from(*days), "day"),
        LeadRule::Exact(seconds) => exactly(*seconds),
        LeadRule::DaysAndExact { days, seconds } => {
            format!("{} and {}", counted(u32::from(*days), "day"), exactly(*seconds))
        }
        LeadRule::At { days_before, at } => {
            format!("at {}, {}", at.strftime("%H:%M"), counted(u32::from(*days_before), "day"))
        }
    }
}

/// For programs.
pub fn json(planned: &[DueTimer]) -> Value {
    planned.iter().map(|planned| json!({ "due": planned.due, "timer": planned.timer })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    #[test]
    fn leads_in_words() {
        let said = |rule: &str| {
            let booking = BookingId::parse("b1").unwrap();
            sentence(&Timer::Reminder { booking, rule: LeadRule::parse(rule).unwrap() })
        };
        for (rule, words) in [
            ("P1D", "1 day"),
            ("P2W", "14 days"),
            ("PT24H", "24 hours"),
            ("PT90M", "90 minutes"),
            ("P1DT2H", "1 day and 2 hours"),
            ("PT1S", "1 second"),
        ] {
            assert_eq!(said(rule), format!("a reminder of booking b1, {words} before it"));
        }
        let eve = LeadRule::At { days_before: 1, at: jiff::civil::time(18, 0, 0, 0) };
        assert_eq!(lead(&eve), "at 18:00, 1 day");
    }
}
