//! Bookings, and the commands that only name a client.

use serde_json::json;

use super::{Command, booking, client, read, session};
use crate::domain::booking::Party;
use crate::domain::command::RequestBooking;
use crate::domain::id::{ClientId, SeriesId, ServiceId};

#[test]
fn a_request_with_everything() {
    let data = json!({
        "booking": "b1", "client": "c1", "by": "staff",
        "starts_at": "2026-12-03T10:00:00+01:00", "ends_at": "2026-12-03T10:45:00+01:00",
        "service": "haircut", "session": "yoga", "guest": true, "join_queue": true, "series": "s1",
        "notes": "window\r\nseat",
    });
    let expected = RequestBooking {
        booking: booking(),
        client: client(),
        by: Party::Staff,
        starts_at: "2026-12-03T09:00:00Z".parse().ok(),
        ends_at: "2026-12-03T09:45:00Z".parse().ok(),
        service: ServiceId::parse("haircut").ok(),
        session: Some(session()),
        guest: true,
        join_queue: true,
        series: SeriesId::parse("s1").ok(),
        notes: Some("window\nseat".to_owned()),
    };
    assert_eq!(read("booking.request", data), Command::RequestBooking(expected));
}

#[test]
fn a_request_of_a_seat_leaves_the_time_to_the_session() {
    let data = json!({"booking": "b1", "client": "c1", "by": "client", "session": "yoga"});
    let expected = RequestBooking {
        booking: booking(),
        client: client(),
        by: Party::Client,
        starts_at: None,
        ends_at: None,
        service: None,
        session: Some(session()),
        guest: false,
        join_queue: false,
        series: None,
        notes: None,
    };
    assert_eq!(read("booking.request", data), Command::RequestBooking(expected));
}

#[test]
fn the_others() {
    let start = "2026-12-03T09:00:00Z";
    let starts_at = start.parse().unwrap();
    let reason = Some("ill".to_owned());
    let other = ClientId::parse("c2").unwrap();
    let moved = |ends_at| Command::RescheduleBooking { booking: booking(), starts_at, ends_at };
    let cancelled = |by, reason| Command::CancelBooking { booking: booking(), by, reason };
    let declined = Command::DeclineBooking { booking: booking(), reason: reason.clone() };
    let annotated = Command::AnnotateBooking { booking: booking(), notes: String::new() };
    for (type_name, rest, expected) in [
        ("booking.confirm", json!({}), Command::ConfirmBooking(booking())),
        ("booking.attend", json!({}), Command::AttendBooking(booking())),
        ("booking.no_show", json!({}), Command::MissBooking(booking())),
        ("booking.confirm_attendance", json!({}), Command::ConfirmAttendance(booking())),
        ("booking.decline", json!({"reason": "ill"}), declined),
        (
            "booking.cancel",
            json!({"by": "client", "reason": "ill"}),
            cancelled(Party::Client, reason),
        ),
        ("booking.cancel", json!({"by": "staff", "reason": " "}), cancelled(Party::Staff, None)),
        (
            "booking.reschedule",
            json!({"starts_at": start, "ends_at": start}),
            moved(Some(starts_at)),
        ),
        ("booking.reschedule", json!({"starts_at": start, "ends_at": null}), moved(None)),
        (
            "booking.reassign",
            json!({"client": "c2"}),
            Command::ReassignBooking { booking: booking(), client: other, guest: false },
        ),
        ("booking.annotate", json!({"notes": ""}), annotated),
    ] {
        let mut data = json!({"booking": "b1"});
        data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        assert_eq!(read(type_name, data), expected);
    }
}

#[test]
fn commands_that_only_name_a_client() {
    for (type_name, expected) in [
        ("client.verify_email", Command::VerifyClientEmail(client())),
        ("client.delete", Command::DeleteClient(client())),
        ("client.erase", Command::EraseClient(client())),
    ] {
        assert_eq!(read(type_name, json!({"client": "c1"})), expected);
    }
}
