//! Sessions, queues, payments, sales.

use serde_json::json;

use super::{Command, booking, client, read, session};
use crate::domain::command::{RequestPayment, ScheduleSession};
use crate::domain::id::{EntryId, PaymentId};
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;
use crate::domain::session::MinAttendance;

fn entry() -> EntryId {
    EntryId::parse("w1").unwrap()
}

fn payment() -> PaymentId {
    PaymentId::parse("p1").unwrap()
}

#[test]
fn a_session_with_everything_and_one_with_little() {
    let full = json!({
        "session": "yoga", "activity": "Yoga", "starts_at": "2026-12-03T18:00:00Z",
        "ends_at": "2026-12-03T19:00:00Z", "capacity": 10_000,
        "free_cancel_until": "2026-12-03T18:00:00Z", "location": "Sala 2",
        "min_attendance": {"count": 10_000, "decide_at": "2026-12-03T17:59:59Z"},
    });
    let mut expected = ScheduleSession {
        session: session(),
        activity: "Yoga".to_owned(),
        starts_at: "2026-12-03T18:00:00Z".parse().unwrap(),
        ends_at: "2026-12-03T19:00:00Z".parse().unwrap(),
        capacity: 10_000,
        free_cancel_until: "2026-12-03T18:00:00Z".parse().ok(),
        min_attendance: Some(MinAttendance {
            count: 10_000,
            decide_at: "2026-12-03T17:59:59Z".parse().unwrap(),
        }),
        location: Some("Sala 2".to_owned()),
    };
    let scheduled = |expected: &ScheduleSession| Command::ScheduleSession(expected.clone().into());
    assert_eq!(read("session.schedule", full.clone()), scheduled(&expected));
    let mut little = full;
    for field in ["free_cancel_until", "min_attendance", "location"] {
        little[field] = json!(null);
    }
    (expected.free_cancel_until, expected.min_attendance, expected.location) = (None, None, None);
    assert_eq!(read("session.schedule", little), scheduled(&expected));
}

#[test]
fn the_other_commands_of_a_session() {
    let moved = json!({
        "session": "yoga", "starts_at": "2026-12-03T18:00:00Z", "ends_at": "2026-12-03T19:00:00Z",
    });
    let expected = Command::RescheduleSession {
        session: session(),
        starts_at: "2026-12-03T18:00:00Z".parse().unwrap(),
        ends_at: "2026-12-03T19:00:00Z".parse().unwrap(),
    };
    assert_eq!(read("session.reschedule", moved), expected);
    let resized = read("session.resize", json!({"session": "yoga", "capacity": 1}));
    assert_eq!(resized, Command::ResizeSession { session: session(), capacity: 1 });
    for (reason, expected) in [(json!("ill"), Some("ill".to_owned())), (json!(" "), None)] {
        let cancelled = read("session.cancel", json!({"session": "yoga", "reason": reason}));
        assert_eq!(cancelled, Command::CancelSession { session: session(), reason: expected });
    }
}

#[test]
fn places_in_a_queue() {
    let data = json!({"session": "yoga", "client": "c1", "entry": "w1"});
    let joined = Command::JoinQueue { session: session(), client: client(), entry: entry() };
    assert_eq!(read("queue.join", data), joined);
    let accepted = |booking| Command::AcceptOffer { entry: entry(), booking };
    assert_eq!(read("queue.accept", json!({"entry": "w1"})), accepted(None));
    let named = json!({"entry": "w1", "booking": "b1"});
    assert_eq!(read("queue.accept", named), accepted(Some(booking())));
    assert_eq!(read("queue.decline", json!({"entry": "w1"})), Command::DeclineOffer(entry()));
    assert_eq!(read("queue.leave", json!({"entry": "w1"})), Command::LeaveQueue(entry()));
}

#[test]
fn payments() {
    for direct in [None, Some(false), Some(true)] {
        let data = json!({
            "payment": "p1", "client": "c1", "reason": "Trial", "direct": direct,
            "amount": {"amount": "0.01", "currency": "EUR"},
        });
        let expected = RequestPayment {
            payment: payment(),
            client: client(),
            amount: Money::parse("0.01", "EUR").unwrap(),
            reason: "Trial".to_owned(),
            direct,
            url: None,
        };
        assert_eq!(read("payment.request", data), Command::RequestPayment(expected));
    }
    let url = "https://salon.example/pay?t=s3cret";
    let data = json!({
        "payment": "p1", "client": "c1", "reason": "Trial", "url": url,
        "amount": {"amount": "0.01", "currency": "EUR"},
    });
    let Command::RequestPayment(asked) = read("payment.request", data) else { unreachable!() };
    assert_eq!(asked.url.as_ref().map(SecretLink::expose), Some(url));
    assert!(!format!("{asked:?}").contains("s3cret"), "{asked:?}");
    let id = || json!({"payment": "p1"});
    assert_eq!(read("payment.accept", id()), Command::AcceptPayment(payment()));
    assert_eq!(read("payment.decline", id()), Command::DeclinePayment(payment()));
}

#[test]
fn a_balance_is_told_in_words_or_in_money() {
    let money = |amount: &str| json!({"amount": amount, "currency": "DKK"});
    for (balance, told) in [
        (json!(null), None),
        (json!("9 of 10 lessons"), Some("9 of 10 lessons")),
        (money("12.50"), Some("12.50 DKK")),
        (money("-3"), Some("-3 DKK")),
    ] {
        let data = json!({
            "client": "c1", "description": "Refund", "amount": money("-90"), "balance": balance,
        });
        let expected = Command::RecordSale {
            client: client(),
            description: "Refund".to_owned(),
            amount: Money::parse("-90", "DKK").ok(),
            balance: told.map(str::to_owned),
        };
        assert_eq!(read("sale.record", data), expected);
    }
}
