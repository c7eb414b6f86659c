//! Where a message stands that has not ended, in words: as the daemon says.

use std::collections::HashMap;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::Value;

use crate::cli::daemon::{DaemonArgs, text};
use crate::cli::paint::{Ink, Paint};
use crate::cli::times::{moment, second, short_day};
use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;
use crate::ops::story::ChannelStory;

/// Of so many messages the daemon is asked where they stand, the latest of them.
const ASKED_MAX: usize = 16;

/// What the daemon says of messages that have not ended, by their ids.
#[derive(Debug, Default)]
pub struct Queues {
    of: HashMap<String, Value>,
    /// Why it says nothing, if it does not.
    silence: Option<String>,
}

impl Queues {
    /// Asks the daemon of those that have not ended; without one nothing is known.
    pub fn ask(daemon: &DaemonArgs, tenant: &TenantId, lines: &[ChannelStory]) -> Self {
        let mut queues = Self::default();
        let open = [MessageStatus::Ready, MessageStatus::Sending].map(MessageStatus::as_str);
        let messages = lines.iter().rev().filter_map(|line| line.message.as_ref());
        let messages = messages.filter(|message| open.contains(&&*message.status));
        for id in messages.take(ASKED_MAX).map(|message| &message.message) {
            let path = format!("/v1/tenants/{tenant}/messages/{id}");
            let asked = daemon.ask(&Method::GET, &path, None).context("where it stands");
            match asked {
                Ok(answer) => _ = queues.of.insert(id.clone(), answer["queue"].clone()),
                Err(error) => {
                    queues.silence = Some(format!("{error:#}"));
                    break;
                }
            }
        }
        queues
    }

    /// What the daemon says of a message; null where that is nothing.
    pub fn json(&self, message: &str) -> &Value {
        self.of.get(message).unwrap_or(&Value::Null)
    }

    /// Why nothing is known of some.
    pub fn silence(&self) -> Option<&str> {
        self.silence.as_deref()
    }
}

/// Where a message stands, a sentence each.
pub fn sentences(queue: &Value, zone: &TimeZone, paint: Paint) -> Vec<String> {
    let Some(held_in) = queue["held_in"].as_str() else { return Vec::new() };
    let mut told = vec![standing(queue, held_in)];
    let Some(waits_for) = queue.get("waits_for") else { return told };
    let mut waits = format!("waits for {}", reason(waits_for, zone));
    if let Some(expected) = instant(&queue["expected"]) {
        let (day, at) = (short_day(expected, zone), second(expected, zone));
        waits.push_str(&format!("; its turn is expected on {day}, at {at}"));
    }
    told.push(waits);
    let until = instant(&queue["until"]).map(|until| moment(until, zone)).unwrap_or_default();
    told.push(match queue["will_miss"].as_bool() {
        Some(true) => {
            let late = paint.ink(Ink::Bad, "it will be too late");
            format!("{late}: it is not sent from {until} on")
        }
        _ => format!("it is sent until {until}"),
    });
    told
}

fn standing(queue: &Value, held_in: &str) -> String {
    let lane = text(queue, "lane");
    let place = match held_in {
        "attempt" => return format!("lane {lane}: it is being sent, or what came of it written"),
        "memory" => "in the daemon's memory",
        _ => "in the store",
    };
    let counts = [&queue["ahead_of_tenant"], &queue["ahead"]].map(Value::as_u64);
    match counts {
        [Some(own), Some(all)] => format!(
            "lane {lane}, {place}: {own} of its tenant go before it, of all tenants about {all}"
        ),
        _ => format!("lane {lane}, {place}"),
    }
}

/// The `waits_for` of the daemon, as the rest of a sentence.
fn reason(waits_for: &Value, zone: &TimeZone) -> String {
    let provider = text(waits_for, "provider");
    let destination = text(waits_for, "destination");
    let until = instant(&waits_for["until"]).map(|at| moment(at, zone)).unwrap_or_default();
    match text(waits_for, "what").as_str() {
        "turn" => "those before it".to_owned(),
        "slot" => "one of the channel's slots: all are in use".to_owned(),
        "room" => "room in memory, behind others in the store".to_owned(),
        "nobody" => "its end: no provider can carry it".to_owned(),
        "store" => "the store: it cannot be written, and nothing leaves meanwhile".to_owned(),
        "earlier" => match waits_for["messages"].as_u64() {
            None | Some(1) => "an earlier message about the same thing".to_owned(),
            Some(many) => format!("{many} earlier messages about the same thing"),
        },
        "retry" => format!("the next attempt, on {until}"),
        "doubt" => format!("{until}: it, or an earlier one, may have arrived"),
        "time" => format!("its time, {until}"),
        "tenant_rate" => "its tenant's rate".to_owned(),
        "destination_rate" => format!("the rate of {destination}"),
        "destination_connections" => format!("a connection to {destination}: all are in use"),
        "provider_rate" => format!("the rate of {provider}"),
        "provider_connections" => format!("a connection to {provider}: all are in use"),
        "provider_pause" => format!("{provider}, which asked for a pause"),
        "provider_circuit" => format!("{provider}, which failed and is left alone"),
        other => other.to_owned(),
    }
}

fn instant(of: &Value) -> Option<Timestamp> {
    of.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(queue: &Value) -> Vec<String> {
        sentences(queue, &TimeZone::UTC, Paint::none())
    }

    #[test]
    fn where_it_stands_is_told_with_what_it_waits_for_and_until_when_it_goes() {
        let mut queue = json!({
            "lane": "bulk", "held_in": "store", "ahead_of_tenant": 7, "ahead": 120,
            "waits_for": {"what": "provider_rate", "provider": "relay"},
            "expected": "2026-12-03T14:05:10Z", "until": "2026-12-03T15:00:00Z",
            "will_miss": false,
        });
        let lane =
            "lane bulk, in the store: 7 of its tenant go before it, of all tenants about 120";
        let turn =
            "waits for the rate of relay; its turn is expected on Thu 3 Dec 2026, at 14:05:10";
        assert_eq!(told(&queue), [lane, turn, "it is sent until Thu 3 Dec 2026, 15:00"]);
        queue["will_miss"] = json!(true);
        let late = "it will be too late: it is not sent from Thu 3 Dec 2026, 15:00 on";
        assert_eq!(told(&queue)[2], late);
        let sending = json!({"lane": "urgent", "held_in": "attempt"});
        assert_eq!(told(&sending), ["lane urgent: it is being sent, or what came of it written"]);
        assert_eq!(told(&Value::Null), [""; 0]);
    }
}
