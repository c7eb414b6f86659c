//! Messages of FCM's HTTP v1 API
//! (<https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages>).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::domain::kind::{Kind, Lane};
use crate::gateways::facts::{Content, Facts};
use crate::gateways::fit::fit;

/// The largest notification and data together, in bytes.
const PAYLOAD_MAX_BYTES: usize = 4096;
/// A device that is away longer than four weeks misses it, whatever is asked for.
const KEPT_MAX: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The body of a request; nothing if it is no notification, or too large without a word of text.
pub(super) fn body(facts: &Facts<'_>) -> Option<Vec<u8>> {
    let Content::Push { token, title, text, collapse, link, .. } = facts.content else {
        return None;
    };
    let data: Map<String, Value> =
        facts.data().into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
    let payload = |title: &str, text: &str| {
        let notification = json!({ "title": title, "body": text });
        json!({ "notification": notification, "data": data })
    };
    let size = |title: &str, text: &str| payload(title, text).to_string().len();
    let (title, text) = fit(title, text, PAYLOAD_MAX_BYTES, size)?;
    let mut message = payload(&title, &text);
    message["token"] = json!(token);
    let kept = facts.deadline.map(|deadline| Kept::until(deadline, facts.now));
    let is_urgent = Kind::parse(facts.kind).is_none_or(|kind| kind.lane() != Lane::Bulk);
    message["android"] = android(collapse, kept, is_urgent);
    message["apns"] = apns(collapse, kept, is_urgent);
    message["webpush"] = webpush(link, kept);
    serde_json::to_vec(&json!({ "message": message })).ok()
}

/// Until when a message is kept for a device that is away.
#[derive(Clone, Copy)]
struct Kept {
    seconds: i64,
    until: Timestamp,
}

impl Kept {
    fn until(deadline: Timestamp, now: Timestamp) -> Self {
        let left = deadline.duration_since(now).clamp(SignedDuration::ZERO, KEPT_MAX);
        Self { seconds: left.as_secs(), until: now.checked_add(left).unwrap_or(deadline) }
    }
}

/// A later one takes the place of one that waits (`collapse_key`), and of one that is shown
/// (`tag`).
fn android(collapse: &str, kept: Option<Kept>, is_urgent: bool) -> Value {
    let mut android = json!({
        "collapse_key": collapse,
        "priority": if is_urgent { "HIGH" } else { "NORMAL" },
        "notification": { "tag": collapse },
    });
    if let Some(Kept { seconds, .. }) = kept {
        android["ttl"] = json!(format!("{seconds}s"));
    }
    android
}

/// The same for Apple's devices; 5 is when it saves power.
fn apns(collapse: &str, kept: Option<Kept>, is_urgent: bool) -> Value {
    let mut headers = json!({
        "apns-collapse-id": collapse,
        "apns-priority": if is_urgent { "10" } else { "5" },
    });
    if let Some(Kept { until, .. }) = kept {
        headers["apns-expiration"] = json!(until.as_second().to_string());
    }
    json!({ "headers": headers })
}

/// The same for browsers. A link that is not https would have the message refused.
fn webpush(link: Option<&str>, kept: Option<Kept>) -> Value {
    let mut webpush = json!({});
    if let Some(Kept { seconds, .. }) = kept {
        webpush["headers"] = json!({ "TTL": seconds.to_string() });
    }
    if let Some(link) = link.filter(|link| link.starts_with("https://")) {
        webpush["fcm_options"] = json!({ "link": link });
    }
    webpush
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::facts::tests::{COLLAPSE, push};

    fn facts<'a>(text: &'a str, link: Option<&'a str>, deadline: Option<&str>) -> Facts<'a> {
        let deadline = deadline.map(|deadline| deadline.parse().unwrap());
        Facts { deadline, ..push("fcm:token", text, link) }
    }

    fn message(facts: &Facts<'_>) -> Value {
        let body: Value = serde_json::from_slice(&body(facts).unwrap()).unwrap();
        body["message"].clone()
    }

    #[test]
    fn a_message_has_what_each_kind_of_device_needs() {
        let link = "https://app.example/b/b1";
        let facts = facts("A domani", Some(link), Some("2026-12-01T10:00:00Z"));
        let expected = json!({
            "token": "fcm:token",
            "notification": { "title": "Ciao \"Anna\"", "body": "A domani" },
            "data": {
                "message": "0190163d-8694-739b-aea5-966c26f8ad91", "tenant": "salon-uno",
                "client": "c1", "kind": "booking.confirmed", "collapse": COLLAPSE, "booking": "b1",
                "link": link,
            },
            "android": {
                "collapse_key": COLLAPSE, "priority": "HIGH", "ttl": "3600s",
                "notification": { "tag": COLLAPSE },
            },
            "apns": { "headers": {
                "apns-collapse-id": COLLAPSE, "apns-priority": "10",
                "apns-expiration": "1796119200",
            } },
            "webpush": { "headers": { "TTL": "3600" }, "fcm_options": { "link": link } },
        });
        assert_eq!(message(&facts), expected);
    }

    #[test]
    fn it_is_kept_no_longer_than_it_is_worth_and_can_be() {
        let message = |deadline| message(&facts("x", None, deadline));
        let never = message(None);
        assert_eq!((&never["android"]["ttl"], &never["webpush"]), (&Value::Null, &json!({})));
        assert_eq!(never["apns"]["headers"]["apns-expiration"], Value::Null);
        let past = message(Some("2026-12-01T08:00:00Z"));
        assert_eq!(past["android"]["ttl"], "0s");
        let far = message(Some("2027-12-01T09:00:00Z"));
        assert_eq!(far["android"]["ttl"], "2419200s");
        let expiration = far["apns"]["headers"]["apns-expiration"].as_str().unwrap();
        assert_eq!(expiration, (1_796_115_600 + 2_419_200).to_string());
    }

    #[test]
    fn what_is_sent_to_many_wakes_nobody() {
        let facts = Facts { kind: "notice.manual", ..facts("x", Some("app://b1"), None) };
        let message = message(&facts);
        assert_eq!(message["android"]["priority"], "NORMAL");
        assert_eq!(message["apns"]["headers"]["apns-priority"], "5");
        assert_eq!(message["data"]["link"], "app://b1");
        assert_eq!(message["webpush"], json!({}), "which would be refused");
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        let text = "\"è\" ".repeat(2000);
        let message = message(&facts(&text, None, None));
        let shown = message["notification"]["body"].as_str().unwrap();
        assert!(shown.ends_with('…') && text.starts_with(shown.trim_end_matches('…')));
        let payload = json!({ "notification": message["notification"], "data": message["data"] });
        let size = payload.to_string().len();
        assert!((3000..=PAYLOAD_MAX_BYTES).contains(&size), "{size}");
    }
}
