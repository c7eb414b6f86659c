//! Gateways for notifications, and for an app's mailbox.

use serde_json::{Value, json};

use super::super::ReceiptsPlan;
use super::super::RepliesPlan;
use super::*;

fn push(link: Option<&'static str>) -> Facts<'static> {
    let content = Content::Push {
        client: "c1",
        token: "d3v1ce:\"1\"",
        title: "Domani",
        text: "Alle 10 & \"puntuale\"",
        collapse: "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f",
        booking: Some("b1"),
        link,
    };
    Facts { content, ..facts("") }
}

fn inbox() -> Facts<'static> {
    let content = Content::Inbox { client: "c1", title: "Domani", body: "Alle 10,\n\"puntuale\"" };
    Facts { content, ..facts("") }
}

/// A gateway with this body.
fn plan(url: &str, body: &str) -> Plan {
    Plan { url: url.to_owned(), body: Some(body.to_owned()), ..documented() }
}

fn asked(plan: &Plan, medium: Medium, facts: &Facts<'_>) -> (String, Value) {
    let gateway = Templated::compile(plan, medium).unwrap();
    let request = gateway.request(facts).unwrap().request;
    (request.uri().to_string(), serde_json::from_slice(request.body()).unwrap())
}

#[test]
fn a_notification_has_its_own_variables() {
    let body = r#"{"to":{{ token|tojson }},"n":{"title":{{ title|tojson }},"body":{{ text }}},
        "data":{{ data|tojson }},"ref":{{ message }},"ttl":{{ ttl }},"kind":{{ kind }},
        "who":[{{ tenant }},{{ client }}],"key":{{ collapse }},"link":{{ link }},
        "until":{{ deadline }},"callback":{{ callback }}}"#;
    let plan = plan("https://gateway.example/v1/{{ token }}", body);
    let data = json!({
        "message": MESSAGE, "tenant": "salon-uno", "client": "c1", "kind": "booking.confirmed",
        "collapse": "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f", "booking": "b1", "link": "app://b/b1",
    });
    let expected = json!({
        "to": "d3v1ce:\"1\"", "n": { "title": "Domani", "body": "Alle 10 & \"puntuale\"" },
        "data": data, "ref": MESSAGE, "ttl": 3600, "kind": "booking.confirmed",
        "who": ["salon-uno", "c1"], "key": "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f",
        "link": "app://b/b1", "until": "2026-12-01T10:00:00.9Z",
        "callback": "https://bellhop.example/hooks/gateway?m=1.x",
    });
    let (uri, asked_for) = asked(&plan, Medium::Push, &push(Some("app://b/b1")));
    assert_eq!((uri.as_str(), asked_for), ("/v1/d3v1ce%3A%221%22", expected));

    // What is absent is not there at all: many take texts only.
    let (_, bare) = asked(&plan, Medium::Push, &push(None));
    assert_eq!((&bare["link"], bare["data"].get("link")), (&Value::Null, None));
}

#[test]
fn an_item_of_a_mailbox_has_its_own_variables() {
    let body = r#"[{{ client|tojson }},{{ title|tojson }},{{ body|tojson }},{{ message }}]"#;
    let plan = plan("https://gateway.example/inbox?c={{ client }}", body);
    let expected = json!(["c1", "Domani", "Alle 10,\n\"puntuale\"", MESSAGE]);
    let (uri, asked_for) = asked(&plan, Medium::Inbox, &inbox());
    assert_eq!((uri.as_str(), asked_for), ("/inbox?c=c1", expected));
}

#[test]
fn what_another_medium_has_is_no_variable() {
    for (medium, variable) in [
        (Medium::Push, "to"),
        (Medium::Push, "segments"),
        (Medium::Inbox, "token"),
        (Medium::Inbox, "text"),
        (Medium::Sms, "title"),
        (Medium::Sms, "data"),
    ] {
        let plan = plan("https://gateway.example/", &format!("[{{{{ {variable} }}}}]"));
        let fault = Templated::compile(&plan, medium).unwrap_err();
        let names = format!("names {variable}, and there is no such variable");
        assert!(fault.key == "body" && fault.why.starts_with(&names), "{medium:?} {fault:?}");
    }
}

#[test]
fn what_nobody_reports_of_a_medium_is_not_asked_for() {
    let receipts = |bad_address: &[&str]| ReceiptsPlan {
        message: Some("/ref".to_owned()),
        status: "/status".to_owned(),
        delivered: vec!["delivered".to_owned()],
        bad_address: bad_address.iter().map(|word| (*word).to_owned()).collect(),
        ..ReceiptsPlan::default()
    };
    let plan = |receipts| Plan { receipts: Some(receipts), ..plan("https://a.example/", "[]") };
    for medium in [Medium::Push, Medium::Inbox] {
        assert!(Templated::compile(&plan(receipts(&[])), medium).is_ok(), "{medium:?}");
        let replies = RepliesPlan {
            from: "/from".to_owned(),
            to: "/to".to_owned(),
            text: "/text".to_owned(),
        };
        let plan = Plan { replies: Some(replies), ..plan(receipts(&[])) };
        assert_eq!(Templated::compile(&plan, medium).unwrap_err().key, "replies");
    }
    let fault = Templated::compile(&plan(receipts(&["gone"])), Medium::Push).unwrap_err();
    assert_eq!(fault.key, "receipts.bad_address");
    let complained = ReceiptsPlan { complained: vec!["spam".to_owned()], ..receipts(&[]) };
    let fault = Templated::compile(&plan(complained), Medium::Push).unwrap_err();
    assert_eq!(fault.key, "receipts.complained");
}
