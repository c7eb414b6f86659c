//! The gym's part of the day: a class with one seat, a queue before its door, and a payment.

use serde_json::{Value, json};

use super::step::{Clock, Step, book, cancel, step};

const GYM: &str = "palestra-tre";
const CLASS: &str = "yoga-tomorrow";

/// Members whose addresses are proved, with the gym's app on their phones.
pub fn clients() -> Vec<Step> {
    [("iris", "Iris Blum"), ("jan", "Jan Visser"), ("kira", "Kira Lund")]
        .map(|(client, name)| {
            let data = json!({
                "client": client, "name": name, "email": format!("{client}@example.com"),
                "email_verified": true, "push_tokens": [format!("phone-of-{client}")],
            });
            step(GYM, "client.register", data)
        })
        .into()
}

/// Iris has the seat and gives it back; Jan does not want it, so that it is Kira's.
///
/// # Errors
/// If the calendar ends.
pub fn steps(clock: &Clock) -> anyhow::Result<Vec<Step>> {
    let class = json!({
        "session": CLASS, "activity": "Yoga", "location": "Room 2", "capacity": 1,
        "starts_at": clock.at(1, 19, 0)?, "ends_at": clock.at(1, 20, 0)?,
    });
    let seat = json!({
        "booking": "iris-yoga", "client": "iris", "by": "client", "session": CLASS,
    });
    let trial = json!({
        "payment": "kira-trial", "client": "kira", "reason": "Trial class",
        "amount": { "amount": "12.50", "currency": "EUR" }, "url": "https://gym.example/pay/kira",
    });
    let say = |type_name, data: Value| step(GYM, type_name, data);
    let wait = |client: &str, entry: &str| {
        say("queue.join", json!({ "session": CLASS, "client": client, "entry": entry }))
    };
    Ok(vec![
        book(GYM, "hugo-massage", "hugo", "client", "massage", clock.at(1, 17, 0)?),
        cancel(GYM, "hugo-massage", "staff", Some("The masseur is away")),
        say("session.schedule", class),
        say("booking.request", seat),
        wait("jan", "jan-waits"),
        wait("kira", "kira-waits"),
        cancel(GYM, "iris-yoga", "client", None),
        say("queue.decline", json!({ "entry": "jan-waits" })),
        say("queue.accept", json!({ "entry": "kira-waits", "booking": "kira-yoga" })),
        say("payment.request", trial),
        say("payment.accept", json!({ "payment": "kira-trial" })),
    ])
}
