//! A message as one line of time: its command, the decision, every attempt, what providers
//! reported. Pure.

use serde_json::{Value, json};

/// The steps, the earliest first. `told` is what was decided with it, where that is still kept.
pub fn timeline(message: &Value, told: Option<&Value>) -> Vec<Value> {
    let text = |name: &str| message[name].as_str().unwrap_or_default();
    let mut steps = Vec::new();
    if let Some(told) = told {
        let cause = told["cause"].as_str().unwrap_or_default();
        steps.push(step(&told["at"], "plain", "Decided", &format!("because of {cause}")));
    }
    if let Some(before) = message["fallback_of"].as_str() {
        let says = format!("in the place of {before}, which was given up on another channel");
        steps.push(step(
            &told.map_or(Value::Null, |told| told["at"].clone()),
            "skip",
            "Falls back",
            &says,
        ));
    }
    for attempt in message["history"].as_array().into_iter().flatten() {
        steps.push(attempted(attempt));
    }
    let status = text("status");
    match status {
        "ready" => steps.push(step(&message["due"], "wait", "Waits", "it is not to leave before")),
        "sending" => steps.push(step(&Value::Null, "wait", "Under way", "it is being sent now")),
        // The last attempt has said so.
        "sent" => {}
        _ => {
            let reason = text("reason");
            let says = if reason.is_empty() { String::new() } else { format!("reason: {reason}") };
            steps.push(step(&message["settled_at"], status, ended(status), &says));
        }
    }
    if let Some(arrival) = message["arrival"].as_str() {
        let says = "as the provider reported";
        steps.push(step(&message["arrived_at"], arrival, arrived(arrival), says));
    }
    steps
}

fn attempted(attempt: &Value) -> Value {
    let text = |name: &str| attempt[name].as_str().unwrap_or_default();
    let (outcome, provider) = (text("outcome"), text("provider"));
    let title = format!("Attempt {}: {}", attempt["n"], outcome.replace('_', " "));
    let mut step = step(&attempt["at"], outcome, &title, &format!("by {provider}"));
    for name in ["reply", "reference", "devices"] {
        step[name] = attempt[name].clone();
    }
    step
}

/// `tone` is the name of a state, which the page knows how to paint.
fn step(at: &Value, tone: &str, title: &str, says: &str) -> Value {
    json!({ "at": at, "tone": tone, "title": title, "says": says })
}

fn ended(status: &str) -> &'static str {
    match status {
        "dead" => "Given up",
        "unknown" => "Unknown: it may have arrived, and is not sent again",
        "expired" => "Expired: its time had passed",
        "withdrawn" => "Withdrawn: something newer took its place",
        "discarded" => "Thrown away by an operator",
        "unreadable" => "Set aside: another version wrote it",
        _ => "Ended",
    }
}

fn arrived(arrival: &str) -> &'static str {
    match arrival {
        "delivered" => "Delivered",
        "undelivered" => "Not delivered",
        "complained" => "The reader complained",
        _ => "Reported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(message: &Value, told: Option<&Value>) -> Vec<String> {
        let steps = timeline(message, told).into_iter();
        steps.map(|step| step["title"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_message_is_told_from_its_command_to_its_receipt() {
        let told = json!({ "at": "2026-12-01T09:00:00Z", "cause": "k1" });
        let attempt = |n: u32, outcome: &str| json!({ "n": n, "at": "2026-12-01T09:00:01Z", "provider": "relay", "outcome": outcome });
        let sent = json!({
            "status": "sent", "arrival": "delivered",
            "history": [attempt(1, "in_doubt"), attempt(2, "accepted")],
        });
        let told = titles(&sent, Some(&told));
        assert_eq!(told, ["Decided", "Attempt 1: in doubt", "Attempt 2: accepted", "Delivered"]);
    }

    #[test]
    fn one_that_has_not_ended_waits_and_one_that_was_given_up_says_why() {
        assert_eq!(titles(&json!({ "status": "ready" }), None), ["Waits"]);
        let dead = json!({ "status": "dead", "reason": "permanent", "settled_at": "x" });
        let steps = timeline(&dead, None);
        assert_eq!(
            (&steps[0]["title"], &steps[0]["says"]),
            (&json!("Given up"), &json!("reason: permanent"))
        );
    }
}
