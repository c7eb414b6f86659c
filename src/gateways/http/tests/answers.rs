//! What answers mean.

use std::time::Duration;

use ::http::{HeaderMap, StatusCode};

use super::super::RulePlan;
use super::*;
use crate::domain::outcome::{Outcome, Scope};

const THROTTLED: Outcome = Outcome::Throttled { after: None };
const CONFIGURATION: Outcome = Outcome::Permanent(Scope::Configuration);
const MESSAGE_ONLY: Outcome = Outcome::Permanent(Scope::Message);
const ADDRESS: Outcome = Outcome::Permanent(Scope::Address);

fn answer(status: u16, body: &str, read: impl FnOnce(Answer<'_>) -> Verdict) -> Verdict {
    let (status, headers) = (StatusCode::from_u16(status).unwrap(), HeaderMap::new());
    read(Answer { status, headers: &headers, body: body.as_bytes(), is_cut: false })
}

fn outcome(gateway: &Templated, status: u16, body: &str) -> Outcome {
    answer(status, body, |answer| gateway.read(answer, now())).outcome
}

fn rule(fields: [Option<&str>; 4], outcome: &str) -> RulePlan {
    let [status, pointer, equals, contains] = fields.map(|field| field.map(str::to_owned));
    RulePlan { status, pointer, equals, contains, outcome: outcome.to_owned() }
}

#[test]
fn where_no_rule_fits_the_status_decides() {
    let gateway = compiled(&documented());
    for (statuses, expected) in [
        (&[200, 201, 202, 204, 299][..], Outcome::Accepted),
        (&[408, 425, 429], THROTTLED),
        (&[401, 403, 404], CONFIGURATION),
        (&[300, 301, 302, 303, 304, 307, 308], CONFIGURATION),
        (&[400, 402, 405, 406, 409, 410, 413, 415, 418, 422, 426, 451, 499], MESSAGE_ONLY),
        (&[500, 501, 502, 503, 504, 599, 100, 101, 999], Outcome::Transient),
    ] {
        for status in statuses {
            assert_eq!(outcome(&gateway, *status, ""), expected, "{status}");
        }
    }
}

#[test]
fn the_first_rule_that_fits_decides() {
    let plan = Plan {
        outcomes: vec![
            rule([Some("200"), Some("/messages/0/status"), Some("6"), None], "bad_address"),
            rule([Some("200"), Some("/messages/0/status"), Some("9"), None], "opted_out"),
            rule([None, Some("/error"), None, None], "permanent"),
            rule([Some("2xx"), None, None, Some("ERR: 105")], "configuration"),
            rule([Some("404"), None, None, None], "bad_address"),
            rule([Some("4xx"), Some("/busy"), Some("true"), None], "throttled"),
            rule([Some("503"), None, None, None], "permanent"),
            rule([Some("409"), None, None, None], "accepted"),
            rule([Some("418"), None, None, None], "transient"),
        ],
        ..documented()
    };
    let gateway = compiled(&plan);
    for (status, body, expected) in [
        (200, r#"{"messages":[{"status":"6"}]}"#, ADDRESS),
        (200, r#"{"messages":[{"status":6}]}"#, ADDRESS),
        (200, r#"{"messages":[{"status":9}]}"#, ADDRESS),
        (200, r#"{"messages":[{"status":"60"}]}"#, Outcome::Accepted),
        (202, r#"{"messages":[{"status":"6"}]}"#, Outcome::Accepted),
        (200, r#"{"messages":[{"status":"6"}],"error":"x"}"#, ADDRESS),
        (200, r#"{"error":{"code":1}}"#, MESSAGE_ONLY),
        (500, r#"{"error":"x"}"#, MESSAGE_ONLY),
        (200, r#"{"error":null}"#, Outcome::Accepted),
        (200, "ERR: 105 no such account", CONFIGURATION),
        (201, "OK", Outcome::Accepted),
        (500, "ERR: 105", Outcome::Transient),
        (404, "", ADDRESS),
        (403, r#"{"busy":true}"#, THROTTLED),
        (403, r#"{"busy":false}"#, CONFIGURATION),
        (503, "", MESSAGE_ONLY),
        (409, "", Outcome::Accepted),
        (418, "", Outcome::Transient),
    ] {
        assert_eq!(outcome(&gateway, status, body), expected, "{status} {body}");
    }
}

#[test]
fn what_a_gateway_asks_for_that_wants_less_is_heard() {
    let plan =
        Plan { outcomes: vec![rule([Some("420"), None, None, None], "throttled")], ..documented() };
    let gateway = compiled(&plan);
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "7".parse().unwrap());
    let after = Some(Duration::from_secs(7));
    for (status, expected) in [
        (StatusCode::TOO_MANY_REQUESTS, Outcome::Throttled { after }),
        (StatusCode::from_u16(420).unwrap(), Outcome::Throttled { after }),
        (StatusCode::SERVICE_UNAVAILABLE, Outcome::Transient),
    ] {
        let answer = Answer { status, headers: &headers, body: b"", is_cut: false };
        assert_eq!(gateway.read(answer, now()).outcome, expected);
    }
}

#[test]
fn the_provider_s_own_id_is_found() {
    let gateway = compiled(&documented());
    let long = format!(r#"{{"messages":[{{"id":"{}"}}]}}"#, "x".repeat(129));
    for (body, expected) in [
        (r#"{"messages":[{"id":"gw-1"}]}"#, Some("gw-1")),
        (r#"{"messages":[{"id":42}]}"#, Some("42")),
        (r#"{"messages":[{"id":null}]}"#, None),
        (r#"{"messages":[{"id":""}]}"#, None),
        (r#"{"messages":[{"id":["gw-1"]}]}"#, None),
        ("{\"messages\":[{\"id\":\"a\\nb\"}]}", None),
        (r#"{"messages":[]}"#, None),
        ("gw-1", None),
        (&long, None),
    ] {
        let verdict = answer(200, body, |answer| gateway.read(answer, now()));
        assert_eq!((verdict.outcome, verdict.id.as_deref()), (Outcome::Accepted, expected));
    }
}

/// A gateway that says yes and no with the same status says nothing if what it says is cut off.
#[test]
fn half_an_answer_counts_as_far_as_it_decides() {
    let by_body = rule([Some("200"), Some("/status"), Some("6"), None], "bad_address");
    let plain = compiled(&documented());
    let told = compiled(&Plan { outcomes: vec![by_body], ..documented() });
    for (gateway, status, expected) in [
        (&plain, 200, Outcome::Accepted),
        (&plain, 500, Outcome::Transient),
        (&told, 200, Outcome::InDoubt),
        (&told, 400, MESSAGE_ONLY),
    ] {
        let verdict = answer(status, "{\"sta", |answer| {
            gateway.read(Answer { is_cut: true, ..answer }, now())
        });
        assert_eq!(verdict.outcome, expected, "{status}");
    }
}

#[test]
fn an_answer_s_words_are_kept_unless_they_quote_the_message() {
    let gateway = compiled(&documented());
    let text = "Anna, your link: https://a.example/r/Tok3n\nSee you";
    for (status, body, expected) in [
        (
            400,
            "{\"error\":\"no such\\u0020route\"}",
            r#"400 Bad Request: {"error":"no such route"}"#,
        ),
        (400, "  no\r\nroute\n", "400 Bad Request: no route"),
        (400, "<html>no route</html>", "400 Bad Request"),
        (400, "", "400 Bad Request"),
        (599, "x", "599: x"),
        (401, "key s3cret-key is unknown", "401 Unauthorized: key *** is unknown"),
        (
            400,
            "{\"text\":\"Anna, your link: https:\\/\\/a.example\\/r\\/Tok3n\"}",
            "400 Bad Request",
        ),
        (400, "bad text: link: https://a.example/r/Tok3n\\nSee", "400 Bad Request"),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let headers = HeaderMap::new();
        let answer = Answer { status, headers: &headers, body: body.as_bytes(), is_cut: false };
        assert_eq!(gateway.words(answer, text), expected);
    }
}
