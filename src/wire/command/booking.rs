//! Bookings.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::booking::Party;
use crate::domain::command::{self, Command};
use crate::domain::id::{BookingId, ClientId, SeriesId, ServiceId, SessionId};
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::Prose;

use super::data::{given, parsed};

/// Asks for a booking. By a client it waits for approval where the tenant approves by hand; by
/// staff it is agreed at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "if" = {"properties": {"starts_at": {"type": "null"}}},
    "then" = {"required": ["session"], "properties": {"session": {"type": "string"}}},
))]
pub struct RequestBooking {
    /// The booking's id, chosen by the upstream app.
    booking: Parsed<BookingId>,
    /// Whose it is.
    client: Parsed<ClientId>,
    /// Who made it.
    by: Parsed<Party>,
    /// When it starts. Required, unless there is a `session`: its times hold, and a start that is
    /// given all the same must agree.
    starts_at: Option<Parsed<Timestamp>>,
    /// When it ends; the service's duration counts where it is left out.
    ends_at: Option<Parsed<Timestamp>>,
    /// What is booked: a service of the tenant's settings.
    service: Option<Parsed<ServiceId>>,
    /// The session of which it takes a seat.
    session: Option<Parsed<SessionId>>,
    /// Whether the seat is for somebody whom the client brings along: a client has one seat of a
    /// session for themselves, and asking for another without saying so is refused. False where
    /// left out.
    guest: Option<bool>,
    /// Whether to wait where the session is full; the place in the queue has the booking's id.
    /// False where left out.
    join_queue: Option<bool>,
    /// The recurring series it belongs to. The client is told of a series once, with all its dates.
    series: Option<Parsed<SeriesId>>,
    /// The tenant's own note; no client sees it.
    notes: Option<Parsed<Prose>>,
}

/// Refuses a booking that is still pending.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
    /// Told to the client.
    reason: Option<Parsed<Prose>>,
}

/// Calls a booking off. On a pending one, staff decline it and a client withdraws it silently.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
    /// Who calls it off.
    by: Parsed<Party>,
    /// Told to the client.
    reason: Option<Parsed<Prose>>,
}

/// Moves a booking. To the same instant, it changes nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
    /// The new start.
    starts_at: Parsed<Timestamp>,
    /// The new end; the old length is kept where it is left out.
    ends_at: Option<Parsed<Timestamp>>,
}

/// Gives a booking to another client: the old one is told it is cancelled, the new one that it
/// is confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
    /// Who has it from now on.
    client: Parsed<ClientId>,
    /// Whether the seat is for somebody whom that client brings along. False where left out.
    guest: Option<bool>,
}

/// Changes the tenant's own note on a booking; nobody is told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotateBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
    /// The note; empty to clear it.
    notes: Parsed<Prose>,
}

commands! {
    RequestBooking "booking.request"
        r#"{"booking":"b1","client":"c1","by":"client","service":"haircut","starts_at":"2026-12-03T10:00:00+01:00","ends_at":"2026-12-03T10:45:00+01:00"}"#
        |data| {
            if data.starts_at.is_none() && data.session.is_none() {
                let detail = "is required where there is no session";
                return Err(FieldError::new("data.starts_at", detail));
            }
            Command::RequestBooking(command::RequestBooking {
                booking: data.booking.0,
                client: data.client.0,
                by: data.by.0,
                starts_at: parsed(data.starts_at),
                ends_at: parsed(data.ends_at),
                service: parsed(data.service),
                session: parsed(data.session),
                guest: data.guest.unwrap_or(false),
                join_queue: data.join_queue.unwrap_or(false),
                series: parsed(data.series),
                notes: given(data.notes),
            })
        };
    DeclineBooking "booking.decline"
        r#"{"booking":"b1","reason":"Quel giorno siamo al completo."}"#
        |data| Command::DeclineBooking { booking: data.booking.0, reason: given(data.reason) };
    CancelBooking "booking.cancel"
        r#"{"booking":"b1","by":"staff","reason":"Marta è malata."}"#
        |data| Command::CancelBooking {
            booking: data.booking.0,
            by: data.by.0,
            reason: given(data.reason),
        };
    RescheduleBooking "booking.reschedule"
        r#"{"booking":"b1","starts_at":"2026-12-03T11:00:00+01:00"}"#
        |data| Command::RescheduleBooking {
            booking: data.booking.0,
            starts_at: data.starts_at.0,
            ends_at: parsed(data.ends_at),
        };
    ReassignBooking "booking.reassign"
        r#"{"booking":"b1","client":"c2"}"#
        |data| Command::ReassignBooking {
            booking: data.booking.0,
            client: data.client.0,
            guest: data.guest.unwrap_or(false),
        };
    AnnotateBooking "booking.annotate"
        r#"{"booking":"b1","notes":"Posto alla finestra"}"#
        |data| Command::AnnotateBooking { booking: data.booking.0, notes: data.notes.0.0 };
}

commands_by_id! {
    /// Agrees to a pending booking, or reinstates a cancelled one before its start.
    ConfirmBooking "booking.confirm" booking: BookingId = "b1" => Command::ConfirmBooking;
    /// The client came: the visit counts, and a review may be asked for.
    AttendBooking "booking.attend" booking: BookingId = "b1" => Command::AttendBooking;
    /// The client did not come.
    MissBooking "booking.no_show" booking: BookingId = "b1" => Command::MissBooking;
    /// The client said that they will come: they are not asked any more.
    ConfirmAttendance "booking.confirm_attendance" booking: BookingId = "b1"
        => Command::ConfirmAttendance;
}
