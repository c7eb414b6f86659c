//! Bookings and places in a queue as they now stand, in the words of the tenant's settings.

use super::booking::{Booking, BookingState};
use super::id::EntryId;
use super::message::{BookingFacts, QueueFacts};
use super::session::Session;
use super::settings::Settings;

/// What there is to tell of a booking; `session` is the one that it has a seat of, where it is
/// known.
pub fn of_booking(
    settings: &Settings,
    booking: &Booking,
    session: Option<&Session>,
) -> BookingFacts {
    let service = booking.service.as_ref().and_then(|id| settings.services.get(id));
    let location = match &booking.session {
        Some(_) => session.and_then(|session| session.location.clone()),
        None => service.and_then(|service| service.location.clone()),
    };
    BookingFacts {
        booking: booking.id.clone(),
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        service: what(settings, booking, session),
        location,
        // Also where the service takes place as a session.
        bring: service.and_then(|service| service.bring.clone()),
        moved_from: None,
        cancelled_by: None,
        reason: None,
        sequence: booking.sequence,
        awaits_confirmation: booking.state == BookingState::Pending,
        session: booking.session.clone(),
        free_until: None,
        too_few: false,
        accepted: false,
        others: Vec::new(),
    }
}

/// What was booked: the session's activity, else the service's name.
pub fn what(settings: &Settings, booking: &Booking, session: Option<&Session>) -> Option<String> {
    if booking.session.is_some() {
        return session.map(|session| session.activity.clone());
    }
    let id = booking.service.as_ref()?;
    let known = settings.services.get(id);
    Some(known.map_or_else(|| id.to_string(), |known| known.name.clone()))
}

/// The session as it stands, for somebody who waits for it.
pub fn of_place(session: &Session, entry: &EntryId) -> QueueFacts {
    QueueFacts {
        entry: entry.clone(),
        session: session.id.clone(),
        activity: session.activity.clone(),
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        location: session.location.clone(),
        until: None,
        shared: false,
        passed_on: false,
        reason: None,
        cancelled: false,
    }
}
