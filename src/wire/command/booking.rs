//! Bookings.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::booking::Party;
use crate::domain::command::{self, Command};
use crate::domain::id::{BookingId, ClientId, SeriesId, ServiceId};
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::Prose;

use super::{CommandData, parsed};

/// Asks for a booking. By a client it waits for approval where the tenant approves by hand; by
/// staff it is agreed at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBooking {
    /// The booking's id, chosen by the upstream app.
    booking: Parsed<BookingId>,
    /// Whose it is.
    client: Parsed<ClientId>,
    /// Who made it.
    by: Parsed<Party>,
    /// When it starts.
    starts_at: Parsed<Timestamp>,
    /// When it ends; the service's duration counts where it is left out.
    ends_at: Option<Parsed<Timestamp>>,
    /// What is booked: a service of the tenant's settings.
    service: Option<Parsed<ServiceId>>,
    /// The recurring series it belongs to. A series is confirmed to the client once.
    series: Option<Parsed<SeriesId>>,
    /// The tenant's own note; no client sees it.
    notes: Option<Parsed<Prose>>,
}

/// Agrees to a pending booking, or reinstates a cancelled one before its start.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBooking {
    /// Which booking.
    booking: Parsed<BookingId>,
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

macro_rules! commands {
    ($($data:ident $name:literal |$it:ident| $command:expr;)*) => {$(
        impl CommandData for $data {
            const TYPE: &'static str = $name;
        }
        impl From<$data> for Command {
            fn from($it: $data) -> Command {
                $command
            }
        }
    )*};
}

commands! {
    RequestBooking "booking.request" |data| Command::RequestBooking(command::RequestBooking {
        booking: data.booking.0,
        client: data.client.0,
        by: data.by.0,
        starts_at: data.starts_at.0,
        ends_at: parsed(data.ends_at),
        service: parsed(data.service),
        series: parsed(data.series),
        notes: given(data.notes),
    });
    ConfirmBooking "booking.confirm" |data| Command::ConfirmBooking(data.booking.0);
    DeclineBooking "booking.decline" |data| Command::DeclineBooking {
        booking: data.booking.0,
        reason: given(data.reason),
    };
    CancelBooking "booking.cancel" |data| Command::CancelBooking {
        booking: data.booking.0,
        by: data.by.0,
        reason: given(data.reason),
    };
    RescheduleBooking "booking.reschedule" |data| Command::RescheduleBooking {
        booking: data.booking.0,
        starts_at: data.starts_at.0,
        ends_at: parsed(data.ends_at),
    };
    ReassignBooking "booking.reassign" |data| Command::ReassignBooking {
        booking: data.booking.0,
        client: data.client.0,
    };
    AnnotateBooking "booking.annotate" |data| Command::AnnotateBooking {
        booking: data.booking.0,
        notes: data.notes.0.0,
    };
}

fn given(field: Option<Parsed<Prose>>) -> Option<String> {
    parsed(field).and_then(Prose::given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::field::{FieldError, read_data};
    use serde_json::{Value, json};

    fn read<D: CommandData>(data: Value) -> Result<Command, FieldError> {
        read_data::<D>(&data).map(Into::into)
    }

    fn booking() -> BookingId {
        BookingId::parse("b1").unwrap()
    }

    #[test]
    fn a_request_with_everything() {
        let data = json!({
            "booking": "b1", "client": "c1", "by": "staff",
            "starts_at": "2026-12-03T10:00:00+01:00", "ends_at": "2026-12-03T10:45:00+01:00",
            "service": "haircut", "series": "s1", "notes": "window\r\nseat",
        });
        let expected = command::RequestBooking {
            booking: booking(),
            client: ClientId::parse("c1").unwrap(),
            by: Party::Staff,
            starts_at: "2026-12-03T09:00:00Z".parse().unwrap(),
            ends_at: Some("2026-12-03T09:45:00Z".parse().unwrap()),
            service: Some(ServiceId::parse("haircut").unwrap()),
            series: Some(SeriesId::parse("s1").unwrap()),
            notes: Some("window\nseat".to_owned()),
        };
        assert_eq!(read::<RequestBooking>(data).unwrap(), Command::RequestBooking(expected));
    }

    #[test]
    fn the_others() {
        let start = "2026-12-03T09:00:00Z";
        let starts_at = start.parse().unwrap();
        let reason = Some("ill".to_owned());
        let client = ClientId::parse("c2").unwrap();
        let moved = |ends_at| Command::RescheduleBooking { booking: booking(), starts_at, ends_at };
        for (read, expected) in [
            (read::<ConfirmBooking>(json!({"booking": "b1"})), Command::ConfirmBooking(booking())),
            (
                read::<DeclineBooking>(json!({"booking": "b1", "reason": "ill"})),
                Command::DeclineBooking { booking: booking(), reason: reason.clone() },
            ),
            (
                read::<CancelBooking>(json!({"booking": "b1", "by": "client", "reason": "ill"})),
                Command::CancelBooking { booking: booking(), by: Party::Client, reason },
            ),
            (
                read::<CancelBooking>(json!({"booking": "b1", "by": "staff", "reason": " "})),
                Command::CancelBooking { booking: booking(), by: Party::Staff, reason: None },
            ),
            (
                read::<RescheduleBooking>(
                    json!({"booking": "b1", "starts_at": start, "ends_at": start}),
                ),
                moved(Some(starts_at)),
            ),
            (
                read::<RescheduleBooking>(
                    json!({"booking": "b1", "starts_at": start, "ends_at": null}),
                ),
                moved(None),
            ),
            (
                read::<ReassignBooking>(json!({"booking": "b1", "client": "c2"})),
                Command::ReassignBooking { booking: booking(), client },
            ),
            (
                read::<AnnotateBooking>(json!({"booking": "b1", "notes": ""})),
                Command::AnnotateBooking { booking: booking(), notes: String::new() },
            ),
        ] {
            assert_eq!(read.unwrap(), expected);
        }
    }
}
