//! Sessions with seats.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::command::{self, Command};
use crate::domain::id::SessionId;
use crate::domain::session::{self, CAPACITY_MAX};
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::{Line, Name, Prose};
use crate::wire::shape::Object;
use crate::wire::whole::Whole;

use super::data::{given, parsed};

type Seats = Whole<1, CAPACITY_MAX>;

/// Puts a session on the timetable.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSession {
    /// The session's id, chosen by the upstream app.
    session: Parsed<SessionId>,
    /// What takes place.
    activity: Parsed<Name>,
    /// When it starts.
    starts_at: Parsed<Timestamp>,
    /// When it ends; after it starts.
    ends_at: Parsed<Timestamp>,
    /// Seats.
    capacity: Seats,
    /// Until when cancelling costs nothing; not after the start.
    free_cancel_until: Option<Parsed<Timestamp>>,
    /// With fewer it is called off; never where left out.
    min_attendance: Option<Object<MinAttendance>>,
    /// Where it takes place.
    location: Option<Parsed<Line>>,
}

/// With fewer confirmed bookings at that time, the session is called off.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinAttendance {
    /// Confirmed bookings that it takes; no more than there are seats.
    count: Seats,
    /// When it is decided; before the start.
    decide_at: Parsed<Timestamp>,
}

/// Moves a session with all its bookings.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleSession {
    /// Which session.
    session: Parsed<SessionId>,
    /// The new start.
    starts_at: Parsed<Timestamp>,
    /// The new end; after the start.
    ends_at: Parsed<Timestamp>,
}

/// Changes the number of seats. New ones are offered to those who wait.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResizeSession {
    /// Which session.
    session: Parsed<SessionId>,
    /// Seats from now on.
    capacity: Seats,
}

/// Calls a session off, with all its bookings and its queue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSession {
    /// Which session.
    session: Parsed<SessionId>,
    /// Told to the clients.
    reason: Option<Parsed<Prose>>,
}

impl ScheduleSession {
    fn check(&self) -> Result<(), FieldError> {
        let start = self.starts_at.0;
        check_end(start, self.ends_at.0)?;
        if self.free_cancel_until.as_ref().is_some_and(|until| until.0 > start) {
            let late = "must not be after starts_at";
            return Err(FieldError::new("data.free_cancel_until", late));
        }
        let Some(Object(min)) = &self.min_attendance else { return Ok(()) };
        if min.decide_at.0 >= start {
            let late = "must be before starts_at";
            return Err(FieldError::new("data.min_attendance.decide_at", late));
        }
        if min.count.0 > self.capacity.0 {
            let many = "must not be more than capacity";
            return Err(FieldError::new("data.min_attendance.count", many));
        }
        Ok(())
    }
}

fn check_end(start: Timestamp, end: Timestamp) -> Result<(), FieldError> {
    if end > start {
        return Ok(());
    }
    Err(FieldError::new("data.ends_at", "must be after starts_at"))
}

impl From<MinAttendance> for session::MinAttendance {
    fn from(min: MinAttendance) -> Self {
        Self { count: min.count.0, decide_at: min.decide_at.0 }
    }
}

commands! {
    ScheduleSession "session.schedule"
        r#"{"session":"yoga-0312","activity":"Yoga","starts_at":"2026-12-03T18:00:00+01:00","ends_at":"2026-12-03T19:00:00+01:00","capacity":12,"free_cancel_until":"2026-12-03T12:00:00+01:00","min_attendance":{"count":3,"decide_at":"2026-12-03T15:00:00+01:00"},"location":"Sala 2"}"#
        |data| {
            data.check()?;
            Command::ScheduleSession(Box::new(command::ScheduleSession {
                session: data.session.0,
                activity: data.activity.0.0,
                starts_at: data.starts_at.0,
                ends_at: data.ends_at.0,
                capacity: data.capacity.0,
                free_cancel_until: parsed(data.free_cancel_until),
                min_attendance: data.min_attendance.map(|Object(min)| min.into()),
                location: data.location.map(|location| location.0.0),
            }))
        };
    RescheduleSession "session.reschedule"
        r#"{"session":"yoga-0312","starts_at":"2026-12-03T19:00:00+01:00","ends_at":"2026-12-03T20:00:00+01:00"}"#
        |data| {
            check_end(data.starts_at.0, data.ends_at.0)?;
            Command::RescheduleSession {
                session: data.session.0,
                starts_at: data.starts_at.0,
                ends_at: data.ends_at.0,
            }
        };
    ResizeSession "session.resize"
        r#"{"session":"yoga-0312","capacity":14}"#
        |data| Command::ResizeSession { session: data.session.0, capacity: data.capacity.0 };
    CancelSession "session.cancel"
        r#"{"session":"yoga-0312","reason":"L'istruttrice è malata."}"#
        |data| Command::CancelSession { session: data.session.0, reason: given(data.reason) };
}
