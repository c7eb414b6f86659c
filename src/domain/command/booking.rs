//! What is asked of bookings.

use jiff::Timestamp;

use crate::domain::booking::Party;
use crate::domain::id::{BookingId, ClientId, SeriesId, ServiceId, SessionId};

/// A new booking.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBooking {
    /// Chosen by the upstream app.
    pub booking: BookingId,
    pub client: ClientId,
    pub by: Party,
    /// When it starts; only a booking of a session may leave it to the session.
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub service: Option<ServiceId>,
    /// The session that it takes a seat of.
    pub session: Option<SessionId>,
    /// Whether it is for somebody whom the client brings along, who has a seat of their own.
    pub guest: bool,
    /// Whether to wait for a seat where there is none; the entry has the booking's id.
    pub join_queue: bool,
    /// The series it belongs to.
    pub series: Option<SeriesId>,
    /// The tenant's own note.
    pub notes: Option<String>,
}
