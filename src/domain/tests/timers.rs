//! Timers whose subject is gone.

use super::*;
use crate::domain::broadcast::BroadcastId;
use crate::domain::decide::Input;
use crate::domain::id::{EntryId, NoticeId, SeriesId, SessionId};
use crate::domain::timer::{DueTimer, Timer};

#[test]
fn a_timer_about_what_is_gone_does_nothing_and_is_no_fault() {
    let mut world = World::salon();
    let booking = BookingId::parse("gone").unwrap();
    let client = ClientId::parse("gone").unwrap();
    let session = SessionId::parse("gone").unwrap();
    let broadcast = BroadcastId::Notice(NoticeId::parse("gone").unwrap());
    let series = SeriesId::parse("gone").unwrap();
    for timer in [
        Timer::SessionPage { session: session.clone(), page: 1 },
        Timer::Reminder { booking: booking.clone(), rule: lead("P1D") },
        Timer::AttendanceCheck { booking: booking.clone() },
        Timer::OfferEnds { entry: EntryId::parse("gone").unwrap() },
        Timer::CountAttendance { session: session.clone() },
        Timer::SessionStarts { session },
        Timer::Series { series, client: client.clone() },
        Timer::Review { booking },
        Timer::WinBack { client: client.clone() },
        Timer::Broadcast { broadcast: broadcast.clone(), after: None },
        Timer::BroadcastTo { broadcast, client },
    ] {
        let due = DueTimer { due: at(NOON), timer, trace: None };
        assert_eq!(world.takes(Input::Timer(&due)), [""; 0], "{due:?}");
    }
}
