//! What is asked of sessions.

use jiff::Timestamp;

use crate::domain::id::SessionId;
use crate::domain::session::MinAttendance;

/// A new session.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleSession {
    /// Chosen by the upstream app.
    pub session: SessionId,
    pub activity: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub capacity: u32,
    /// Until when cancelling costs nothing.
    pub free_cancel_until: Option<Timestamp>,
    /// With fewer it is called off.
    pub min_attendance: Option<MinAttendance>,
    /// Where it takes place.
    pub location: Option<String>,
}
