//! Sessions, queues, payments, sales.

use serde_json::{Value, json};

use super::{check, check_table, with, without};

const SESSIONS: &str = r#"
{"session": ""} => data.session => 1 to 128
{"activity": " "} => data.activity => is empty
{"activity": "a\nb"} => data.activity => line break
{"starts_at": "2026-12-03T18:00:00"} => data.starts_at => has no offset
{"ends_at": "2026-12-03T18:00:00Z"} => data.ends_at => must be after starts_at
{"ends_at": "2026-12-03T17:00:00Z"} => data.ends_at => must be after starts_at
{"capacity": 0} => data.capacity => must be a whole number from 1 to 10000, not this number
{"capacity": 10001} => data.capacity => must be a whole number from 1 to 10000
{"capacity": -1} => data.capacity => must be a whole number from 1 to 10000
{"capacity": 1.5} => data.capacity => must be a whole number from 1 to 10000
{"capacity": 1e30} => data.capacity => must be a whole number from 1 to 10000
{"capacity": 18446744073709551615} => data.capacity => must be a whole number from 1 to 10000
{"capacity": "12"} => data.capacity => must be a whole number from 1 to 10000, not a string
{"capacity": null} => data.capacity => must be a whole number from 1 to 10000, not null
{"free_cancel_until": "2026-12-03T18:00:01Z"} => data.free_cancel_until => must not be after starts_at
{"free_cancel_until": "PT1H"} => data.free_cancel_until => not an instant
{"min_attendance": 3} => data.min_attendance => must be an object
{"min_attendance": {"count": 3}} => data.min_attendance.decide_at => is required
{"min_attendance": {"decide_at": "2026-12-03T12:00:00Z"}} => data.min_attendance.count => is required
{"min_attendance": {"count": 0, "decide_at": "2026-12-03T12:00:00Z"}} => data.min_attendance.count => from 1 to 10000
{"min_attendance": {"count": 13, "decide_at": "2026-12-03T12:00:00Z"}} => data.min_attendance.count => must not be more than capacity
{"min_attendance": {"count": 3, "decide_at": "2026-12-03T18:00:00Z"}} => data.min_attendance.decide_at => must be before starts_at
{"min_attendance": {"count": 3, "decide_at": "noon"}} => data.min_attendance.decide_at => not an instant
{"min_attendance": {"count": 3, "decide_at": "2026-12-03T12:00:00Z", "at": 1}} => data.min_attendance.at => is not a field
{"location": ["Sala 2"]} => data.location => must be a string, not an array
{"seats": 12} => data.seats => is not a field; there are: session, activity
"#;

const PAYMENTS: &str = r#"
{"payment": "p\n1"} => data.payment => printable
{"client": null} => data.client => must be a string, not null
{"amount": 12.5} => data.amount => must be an object, not this number
{"amount": "12.50 EUR"} => data.amount => must be an object, not a string
{"amount": {"amount": 12.5, "currency": "EUR"}} => data.amount.amount => must be a string, not this number
{"amount": {"amount": "12,50", "currency": "EUR"}} => data.amount.amount => is not a decimal number
{"amount": {"amount": "", "currency": "EUR"}} => data.amount.amount => is not a decimal number
{"amount": {"amount": "1234567890123", "currency": "EUR"}} => data.amount.amount => is not a decimal number
{"amount": {"amount": "0.00", "currency": "EUR"}} => data.amount.amount => must be more than 0
{"amount": {"amount": "-5", "currency": "EUR"}} => data.amount.amount => must be more than 0
{"amount": {"amount": "5", "currency": "eur"}} => data.amount.currency => ISO 4217
{"amount": {"amount": "12.505", "currency": "EUR"}} => data.amount => 3 decimals, more than the 2 of EUR
{"amount": {"amount": "1200.00", "currency": "JPY"}} => data.amount => 2 decimals, more than the 0 of JPY
{"amount": {"amount": "12.5050", "currency": "BHD"}} => data.amount => 4 decimals, more than the 3 of BHD
{"amount": {"amount": "5"}} => data.amount.currency => is required
{"amount": {"amount": "5", "currency": "EUR", "vat": "1"}} => data.amount.vat => is not a field
{"reason": ""} => data.reason => is empty
{"direct": "yes"} => data.direct => must be a boolean, not a string
{"url": "app://pay/s3cret"} => data.url => is not an http or https URL
{"url": "salon.example/s3cret"} => data.url => is not an http or https URL
{"url": "https://s3cret@salon.example"} => data.url => names no host, or a user
{"url": "https://salon.example/pay me/s3cret"} => data.url => percent-encoded
{"url": {"href": "https://salon.example/s3cret"}} => data.url => must be a string, not an object
{"link": "https://salon.example/s3cret"} => data.link => is not a field; there are: payment, client, amount, reason, direct, url
"#;

const SALES: &str = r#"
{"description": "\t"} => data.description => line break or tab
{"description": "\u00a0"} => data.description => is empty
{"amount": {"amount": "x", "currency": "EUR"}} => data.amount.amount => is not a decimal number
{"balance": 5} => data.balance => must be a string, or {"amount"
{"balance": ""} => data.balance => is empty
{"balance": ["Anna"]} => data.balance => must be a string, or {"amount"
{"balance": {"amount": "5", "currency": "euro"}} => data.balance.currency => ISO 4217
{"balance": {"amount": 5, "currency": "EUR"}} => data.balance.amount => must be a string
{"balance": {"lessons": 5}} => data.balance.lessons => is not a field
{"by": "staff"} => data.by => is not a field
"#;

fn session() -> Value {
    json!({
        "session": "yoga", "activity": "Yoga", "starts_at": "2026-12-03T18:00:00Z",
        "ends_at": "2026-12-03T19:00:00Z", "capacity": 12,
    })
}

fn payment() -> Value {
    json!({
        "payment": "p1", "client": "c1", "reason": "Trial",
        "amount": {"amount": "12.50", "currency": "EUR"},
    })
}

fn sale() -> Value {
    json!({"client": "c1", "description": "10 lessons"})
}

#[test]
fn one_field_is_wrong() {
    check_table("session.schedule", session, SESSIONS);
    check_table("payment.request", payment, PAYMENTS);
    check_table("sale.record", sale, SALES);
}

#[test]
fn one_field_is_missing() {
    let times = ["starts_at", "ends_at"];
    for field in ["session", "activity", "capacity"].into_iter().chain(times) {
        check("session.schedule", without(session(), field), &format!("data.{field}"), "required");
    }
    for field in ["payment", "client", "amount", "reason"] {
        check("payment.request", without(payment(), field), &format!("data.{field}"), "required");
    }
    for (type_name, data, field) in [
        (
            "session.reschedule",
            json!({"session": "s", "starts_at": "2026-12-03T18:00:00Z"}),
            "ends_at",
        ),
        ("session.resize", json!({"session": "s"}), "capacity"),
        ("session.cancel", json!({"reason": "ill"}), "session"),
        ("queue.join", json!({"session": "s", "client": "c1"}), "entry"),
        ("queue.accept", json!({"booking": "b1"}), "entry"),
        ("queue.decline", json!({}), "entry"),
        ("queue.leave", json!({}), "entry"),
        ("payment.accept", json!({}), "payment"),
        ("payment.decline", json!({}), "payment"),
        ("sale.record", json!({"client": "c1"}), "description"),
    ] {
        check(type_name, data, &format!("data.{field}"), "is required");
    }
}

#[test]
fn where_a_payment_is_approved_may_be_so_long_and_no_longer() {
    let url = json!({"url": format!("https://salon.example/{}", "s3cret".repeat(400))});
    check("payment.request", with(payment(), url), "data.url", "at most 2000 bytes");
}

#[test]
fn the_other_commands_of_a_session() {
    let moved = with(without(without(session(), "activity"), "capacity"), json!({}));
    let backwards = with(moved, json!({"ends_at": "2026-12-03T18:00:00Z"}));
    check("session.reschedule", backwards, "data.ends_at", "must be after starts_at");
    let none = json!({"session": "yoga", "capacity": 0});
    check("session.resize", none, "data.capacity", "from 1 to 10000");
    let other = json!({"entry": "w1", "booking": "b1"});
    check("queue.decline", other, "data.booking", "is not a field; there are: entry");
}
