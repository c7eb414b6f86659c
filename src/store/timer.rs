//! Timers as rows: the key is the timer itself.

use jiff::Timestamp;

use super::error::StoreError;
use super::record::{from_json, to_json};
use crate::domain::timer::Timer;

/// Nanoseconds in a millisecond.
const NANOS: i128 = 1_000_000;

/// A timer that this version cannot read: another one wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableTimer {
    /// When it was to fire; `None` where that cannot be read either.
    pub due: Option<Timestamp>,
    /// What it is, as it is stored.
    pub key: String,
}

/// A timer's key. Its own JSON, whose fields always come in the same order.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn to_key(timer: &Timer) -> Result<String, StoreError> {
    to_json(timer)
}

/// The timer of a key.
///
/// # Errors
/// Says why it is none.
pub fn from_key(key: &str) -> Result<Timer, StoreError> {
    from_json("timer", key)
}

/// When a timer fires, in milliseconds: never before its instant, or it would find that it is
/// not due yet and be gone.
pub fn due_ms(due: Timestamp) -> i64 {
    let millis = (due.as_nanosecond() + NANOS - 1).div_euclid(NANOS);
    i64::try_from(millis).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::broadcast::BroadcastId;
    use crate::domain::gained::Gained;
    use crate::domain::id::{BookingId, CauseId, ClientId, EntryId, NoticeId, SeriesId, SessionId};
    use crate::domain::kind::Profile;
    use crate::domain::lead::LeadRule;
    use crate::domain::settings::Settings;
    use crate::domain::timer::Shelf;

    #[test]
    fn every_timer_is_its_own_key() {
        let booking = BookingId::parse("b \"1\" é").unwrap();
        let session = SessionId::parse("s1").unwrap();
        let client = ClientId::parse("c1").unwrap();
        let notice = BroadcastId::Notice(NoticeId::parse("n1").unwrap());
        let board = BroadcastId::Board(CauseId::parse("n1").unwrap());
        let of = |rule| Settings {
            reminders: vec![rule],
            ..Settings::of_profile("Uno", Profile::Classes)
        };
        let gained = Gained::between(&of(LeadRule::Days(1)), &of(LeadRule::Days(2)));
        let reminder = |rule| Timer::Reminder { booking: booking.clone(), rule };
        let other = booking.clone();
        let timers = [
            reminder(LeadRule::Days(1)),
            reminder(LeadRule::Exact(86_400)),
            reminder(LeadRule::At { days_before: 1, at: "18:00".parse().unwrap() }),
            Timer::AttendanceCheck { booking: booking.clone() },
            Timer::OfferEnds { entry: EntryId::parse("e1").unwrap() },
            Timer::CountAttendance { session: session.clone() },
            Timer::SessionStarts { session: session.clone() },
            Timer::SessionPage { session: session.clone(), page: 1 },
            Timer::SessionPage { session, page: 2 },
            Timer::ErasurePage { erasure: CauseId::parse("c1").unwrap(), done: 1 },
            Timer::ErasurePage { erasure: CauseId::parse("c1").unwrap(), done: 2 },
            Timer::Review { booking },
            Timer::WinBack { client: client.clone() },
            Timer::Broadcast { broadcast: notice.clone(), after: None },
            Timer::Broadcast { broadcast: notice.clone(), after: Some(client.clone()) },
            Timer::Broadcast { broadcast: board, after: None },
            Timer::BroadcastTo { broadcast: notice.clone(), client: client.clone() },
            Timer::BroadcastEnds { broadcast: notice },
            Timer::PlanBookings { after: None, gained: Gained::default() },
            Timer::PlanBookings { after: None, gained },
            Timer::PlanClients { after: None },
            Timer::Series { series: SeriesId::parse("weekly").unwrap(), client: client.clone() },
            Timer::PlanClients { after: Some(client) },
            Timer::Retire { shelf: Shelf::Bookings { after: None } },
            Timer::Retire { shelf: Shelf::Bookings { after: Some(other) } },
            Timer::Retire { shelf: Shelf::Entries { after: None } },
            Timer::Retire { shelf: Shelf::Sessions { after: None } },
        ];
        let mut keys: Vec<String> = timers.iter().map(|timer| to_key(timer).unwrap()).collect();
        for (timer, key) in timers.iter().zip(&keys) {
            assert_eq!(&from_key(key).unwrap(), timer);
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), timers.len());
    }

    #[test]
    fn older_tenants_were_given_the_timer_that_new_ones_set() {
        let key = to_key(&Timer::Retire { shelf: Shelf::Bookings { after: None } }).unwrap();
        let migration = include_str!("../../migrations/sqlite/0034_retire.sql");
        assert!(migration.contains(&format!("'{key}'")), "{key}");
    }

    #[test]
    fn a_timer_never_fires_early() {
        for (due, millis) in [
            ("1970-01-01T00:00:01Z", 1000),
            ("1970-01-01T00:00:00.000000001Z", 1),
            ("1970-01-01T00:00:00.001999999Z", 2),
            ("1969-12-31T23:59:59.9995Z", 0),
        ] {
            assert_eq!(due_ms(due.parse().unwrap()), millis, "{due}");
        }
        // The year 9999 ends in a fraction of a millisecond; jiff's range ends with it.
        assert!(due_ms(Timestamp::MAX) > 0);
    }
}
