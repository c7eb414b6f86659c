//! A message on its way to a browser, and what push services answer.

use std::time::Duration;

use ::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::seal::tests::{AUTH, Browser, P256DH};
use super::*;
use crate::gateways::facts::tests::{COLLAPSE, push};
use crate::gateways::jwt::tests::P256;
use crate::gateways::keys::tests::Written;

const SUBJECT: &str = "mailto:push@example.com";

fn gateway(allow_loopback: bool) -> WebPush {
    WebPush::new(VapidKey::parse(P256).unwrap(), SUBJECT, allow_loopback).unwrap()
}

fn facts<'a>(token: &'a str, text: &'a str) -> Facts<'a> {
    push(token, text, None)
}

fn token(endpoint: &str, keys: &Value) -> String {
    json!({ "endpoint": endpoint, "expirationTime": null, "keys": keys }).to_string()
}

fn rfc_keys() -> Value {
    json!({ "p256dh": P256DH, "auth": AUTH })
}

#[test]
fn a_message_goes_to_the_endpoint_and_only_the_browser_reads_it() {
    let browser = Browser::subscribed();
    let token = token("https://push.example.net:8443/wpush/v2/gAAA?x=1#y", &browser.json());
    let webpush = gateway(false);
    let Outgoing { target, request } = webpush.request(&facts(&token, "A domani")).unwrap();
    assert_eq!(target.to_string(), "push.example.net:8443");
    assert!(target.is_encrypted);
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::POST, "/wpush/v2/gAAA?x=1")
    );
    let header = |name| request.headers()[name].to_str().unwrap();
    assert_eq!(header("host"), "push.example.net:8443");
    assert_eq!(header("content-encoding"), "aes128gcm");
    assert_eq!((header("ttl"), header("urgency"), header("topic")), ("3600", "normal", COLLAPSE));
    assert!(header("authorization").starts_with("vapid t=ey"));
    assert!(request.headers()["authorization"].is_sensitive());
    let text: Value = serde_json::from_slice(&browser.opens(request.body())).unwrap();
    let expected = json!({
        "title": "Ciao \"Anna\"", "body": "A domani", "tag": COLLAPSE,
        "data": {
            "message": "0190163d-8694-739b-aea5-966c26f8ad91", "tenant": "salon-uno",
            "client": "c1", "kind": "booking.confirmed", "collapse": COLLAPSE, "booking": "b1",
        },
    });
    assert_eq!(text, expected);
}

#[test]
fn a_signature_is_for_the_origin_and_the_same_for_a_while() {
    let webpush = gateway(false);
    let header = |endpoint: &str| {
        let token = token(endpoint, &rfc_keys());
        let request = webpush.request(&facts(&token, "x")).unwrap().request;
        request.headers()["authorization"].clone()
    };
    let first = header("https://push.example.net/1");
    assert_eq!(header("https://push.example.net/2"), first);
    assert_ne!(header("https://push.example.net:8443/1"), first);
}

#[test]
fn what_does_not_fit_is_left_out_of_the_text() {
    let browser = Browser::subscribed();
    let token = token("https://push.example.net/1", &browser.json());
    let text = "“Ç'est”\u{1} ".repeat(1000);
    let request = gateway(false).request(&facts(&token, &text)).unwrap().request;
    assert!((3900..=4096).contains(&request.body().len()), "{}", request.body().len());
    let shown: Value = serde_json::from_slice(&browser.opens(request.body())).unwrap();
    let shown = shown["body"].as_str().unwrap();
    assert!(shown.ends_with('…') && text.starts_with(shown.trim_end_matches('…')));
    let client = "x".repeat(5000);
    let long = facts(&token, "x");
    let Content::Push { token, title, text, collapse, booking, link, .. } = long.content else {
        panic!("a notification")
    };
    let client = &client;
    let content = Content::Push { client, token, title, text, collapse, booking, link };
    let refused = gateway(false).request(&Facts { content, ..long }).unwrap_err();
    assert_eq!(refused.why, "the notification is too large");
}

#[test]
fn how_long_it_is_kept_and_how_much_it_hurries_depends_on_the_message() {
    let webpush = gateway(false);
    let token = token("https://push.example.net/1", &rfc_keys());
    let headers = |kind, deadline: Option<&str>| {
        let deadline = deadline.map(|deadline| deadline.parse().unwrap());
        let facts = Facts { kind, deadline, ..facts(&token, "x") };
        let request = webpush.request(&facts).unwrap().request;
        ["ttl", "urgency"].map(|name| request.headers()[name].to_str().unwrap().to_owned())
    };
    assert_eq!(headers("queue.offered", None), ["2419200", "high"]);
    assert_eq!(headers("notice.manual", Some("2027-12-01T09:00:00Z")), ["2419200", "low"]);
    assert_eq!(headers("booking.reminder", Some("2026-12-01T08:00:00Z")), ["0", "normal"]);
    assert_eq!(topic(""), None);
    assert_eq!(topic("a b"), None);
    assert_eq!(topic(&"a".repeat(33)), None);
}

#[test]
fn a_token_is_a_browser_s_or_nobody_s_or_another_s() {
    let webpush = gateway(false);
    let good = token("https://push.example.net/1", &rfc_keys());
    assert_eq!(webpush.reach(&good), Reach::Here);
    assert_eq!(webpush.reach("fcm:token"), Reach::Elsewhere);
    let own = token("https://127.0.0.1/1", &rfc_keys());
    assert_eq!(webpush.reach(&own), Reach::Nowhere("has an endpoint at no public address"));
    assert_eq!(gateway(true).reach(&own), Reach::Here);
    assert_eq!(webpush.target(), None);
    assert_eq!(webpush.network(), Network::Public { or_loopback: false });
}

#[test]
fn a_key_that_is_none_is_told_when_it_is_used() {
    let keys = json!({ "p256dh": "BA".to_owned() + &"A".repeat(85), "auth": AUTH });
    let token = token("https://push.example.net/1", &keys);
    let refused = gateway(false).request(&facts(&token, "x")).unwrap_err();
    assert_eq!(refused.why, "the token has a p256dh that is no point of the curve");
}

#[test]
fn what_push_services_answer_is_understood() {
    let webpush = gateway(false);
    let outcome = |status, after: Option<&'static str>| {
        let mut headers = HeaderMap::new();
        if let Some(after) = after {
            headers.insert("retry-after", HeaderValue::from_static(after));
        }
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers: &headers, body: b"", is_cut: false };
        webpush.read(answer, Timestamp::UNIX_EPOCH).outcome
    };
    let message = Outcome::Permanent(Scope::Message);
    let after = Some(Duration::from_secs(30));
    for (status, expected) in [
        (200, Outcome::Accepted),
        (201, Outcome::Accepted),
        (202, Outcome::Accepted),
        (404, Outcome::Permanent(Scope::Address)),
        (410, Outcome::Permanent(Scope::Address)),
        (307, message.clone()),
        (400, message.clone()),
        (401, message.clone()),
        (403, message.clone()),
        (413, message),
        (429, Outcome::Throttled { after: None }),
        (500, Outcome::Transient),
        (503, Outcome::Transient),
    ] {
        assert_eq!(outcome(status, None), expected, "{status}");
    }
    assert_eq!(outcome(429, Some("30")), Outcome::Throttled { after });
    assert_eq!(outcome(503, Some("30")), Outcome::Throttled { after });
}

#[test]
fn a_table_needs_a_key_and_a_subject() {
    let read = |more: &[(&'static str, &str)]| {
        super::read(&mut Written::new(&[("vapid", P256), ("subject", SUBJECT)], more))
    };
    let network = |more| read(more).unwrap().network();
    assert_eq!(network(&[]), Network::Public { or_loopback: false });
    assert_eq!(network(&[("allow_loopback", "true")]), Network::Public { or_loopback: true });
    for (more, key) in [
        (("vapid", ""), "vapid"),
        (("vapid", "s3cret"), "vapid"),
        (("subject", ""), "subject"),
        (("subject", "me"), "subject"),
    ] {
        let fault = read(&[more]).unwrap_err();
        assert!(fault.key == key && !fault.why.contains("s3cret"), "{fault:?}");
    }
    assert_eq!(VapidKey::stand_in().unwrap().public().len(), 87);
}

#[test]
fn a_subject_is_where_push_services_can_complain() {
    let new = |subject| WebPush::new(VapidKey::parse(P256).unwrap(), subject, false);
    for subject in [SUBJECT, "https://example.com/push"] {
        assert!(new(subject).is_ok(), "{subject}");
    }
    for subject in ["", "push@example.com", "mailto:", "mailto:x", "http://example.com", "https://"]
    {
        assert_eq!(new(subject).unwrap_err().key, "subject", "{subject}");
    }
}
