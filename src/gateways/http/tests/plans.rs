//! What is found wrong before any message is there.

use super::super::{ReceiptsPlan, RepliesPlan, RulePlan, SignaturePlan};
use super::*;

fn fault(change: impl FnOnce(&mut Plan)) -> (String, String) {
    let mut plan = documented();
    change(&mut plan);
    let fault = Templated::compile(&plan, Medium::Sms).unwrap_err();
    (fault.key, fault.why)
}

/// Which key, and how the reason begins.
fn assert_fault(change: impl FnOnce(&mut Plan), key: &str, why: &str) {
    let told = fault(change);
    assert!(told.0 == key && told.1.starts_with(why), "{told:?}\n  want {key} {why}");
}

fn set(field: &mut String, text: &str) {
    text.clone_into(field);
}

#[test]
fn a_url_that_is_none() {
    for (url, why) in [
        ("gateway.example/send", "must begin with https://host or http://host"),
        ("/send", "must begin with https://host or http://host"),
        ("ftp://gateway.example/", "must begin with https://host or http://host"),
        ("https://", "must begin with https://host or http://host"),
        ("https://{{ tenant }}.example/", "may have variables behind its host only"),
        ("https://a.example{{ text }}", "may have variables behind its host only"),
        ("https://u:p@a.example/", "must name no user"),
        ("https://a.example/ b", "is no URL once a message stands in it"),
        ("https://a.example/#{{ to }}", "must not contain a #"),
        ("https://a.example/../{{ to }}", "leads elsewhere"),
        (
            "https://a.example/?t={{ too }}",
            "names too, and there is no such variable, did you mean",
        ),
        (
            "https://a.example/?k={{ secrets.kee }}",
            "names secrets.kee, and there is no such variable",
        ),
        ("https://a.example/?k={{ secrets }}", "names secrets, and there is no such variable"),
        ("https://a.example/?t={{ to", "is no template that can be used: syntax error"),
        (
            "https://a.example/?t={{ to|urlencode }}",
            "is no template that can be used: unknown filter",
        ),
        ("https://a.example/{% autoescape false %}x{% endautoescape %}", "may not say autoescape"),
    ] {
        assert_fault(|plan| set(&mut plan.url, url), "url", why);
    }
    for base in ["a.example", "https://a.example/?x", "https://a.example/{{ to }}"] {
        assert_fault(|plan| plan.base_url = Some(base.to_owned()), "base_url", "must be");
    }
}

#[test]
fn a_header_that_is_none() {
    for (name, value, why) in [
        ("x y", "1", "is no name of a header"),
        ("content-length", "1", "is Bellhop's own to write"),
        ("Host", "a", "is Bellhop's own to write"),
        ("x-a", "a\r\nx-b: c", "must not contain a line break"),
        ("Authorization", "Bearer abc", "must take its secret from `secrets`"),
        ("x-a", "{{ nobody }}", "names nobody, and there is no such variable"),
        ("Content-Type", "text/plain", "is there twice"),
    ] {
        let add = |plan: &mut Plan| {
            plan.headers.insert(name.to_owned(), value.to_owned());
        };
        let told = fault(add);
        assert!(told.1.starts_with(why), "{told:?}");
        assert!(told.0.to_lowercase() == format!("headers.{}", name.to_lowercase()), "{told:?}");
    }
}

#[test]
fn a_secret_with_a_line_break_fits_no_header() {
    let secrets = |plan: &mut Plan| {
        plan.secrets.insert("key".to_owned(), "s3cret\nkey".into());
    };
    let (key, why) = fault(secrets);
    assert_eq!(key, "headers.authorization");
    assert!(why.starts_with("would hold a line break") && !why.contains("s3cret"), "{why}");
}

#[test]
fn a_body_that_is_none() {
    let body = |text: &str| {
        let text = text.to_owned();
        move |plan: &mut Plan| plan.body = Some(text)
    };
    assert_fault(body(r#"{"to":"{{ to }}"}"#), "body", "is no JSON once a message stands in it");
    assert_fault(body(r#"{"to":{{ to|tojson }}"#), "body", "is no JSON once a message");
    assert_fault(body(r#"{"to":{{ txt }}}"#), "body", "names txt, and there is no such variable");
    assert_fault(
        body("{\n\"to\":{{ to|nope }}}"),
        "body",
        "is no template that can be used in its line 2",
    );
    assert_fault(|plan| set(&mut plan.method, "GET"), "body", "has no meaning in a GET");
    assert_fault(|plan| set(&mut plan.method, "SEND"), "method", "must be GET, POST, PUT or PATCH");
    let plain = |plan: &mut Plan| {
        plan.headers.remove("content-type");
        plan.body = Some("to={{ to }}".to_owned());
    };
    assert_fault(plain, "headers", "must say the body's content-type");
}

#[test]
fn a_pointer_or_a_rule_that_is_none() {
    assert_fault(|plan| plan.id = Some("id".to_owned()), "id", "must be a JSON Pointer");
    assert_fault(|plan| plan.id = Some("/a~2".to_owned()), "id", "has a ~ that is neither");
    let rule = |fields: [&str; 4], outcome: &str| {
        let [status, pointer, equals, contains] =
            fields.map(|field| (field != "-").then(|| field.to_owned()));
        RulePlan { status, pointer, equals, contains, outcome: outcome.to_owned() }
    };
    for (wrong, key, why) in [
        (rule(["-", "-", "-", "-"], "accepted"), "outcomes[1]", "must say a status, a pointer"),
        (rule(["6xx", "-", "-", "-"], "accepted"), "outcomes[1].status", "must be 100 to 599"),
        (rule(["99", "-", "-", "-"], "accepted"), "outcomes[1].status", "must be 100 to 599"),
        (rule(["200", "a", "-", "-"], "accepted"), "outcomes[1].pointer", "must be a JSON"),
        (rule(["200", "-", "6", "-"], "accepted"), "outcomes[1].equals", "has no meaning"),
        (rule(["200", "-", "-", ""], "accepted"), "outcomes[1].contains", "must not be empty"),
        (rule(["200", "-", "-", "-"], "fine"), "outcomes[1].outcome", "must be one of accepted, "),
    ] {
        let good = rule(["200", "/a", "6", "-"], "bad_address");
        assert_fault(|plan| plan.outcomes = vec![good, wrong], key, why);
    }
}

#[test]
fn receipts_and_replies_that_are_none() {
    let receipts = || ReceiptsPlan {
        signature: Some(SignaturePlan {
            header: "x-signature".to_owned(),
            algorithm: "hmac-sha256".to_owned(),
            encoding: "hex".to_owned(),
            secret: "h00k-secret".into(),
        }),
        message: Some("/ref".to_owned()),
        id: Some("/id".to_owned()),
        status: "/status".to_owned(),
        delivered: vec!["delivered".to_owned()],
        failed: vec!["failed".to_owned(), "expired".to_owned()],
        bad_address: vec!["unknown".to_owned()],
        complained: vec!["spam".to_owned()],
    };
    let replies =
        || RepliesPlan { from: "/from".to_owned(), to: "/to".to_owned(), text: "/text".to_owned() };
    let plan = Plan { receipts: Some(receipts()), replies: Some(replies()), ..documented() };
    assert!(compiled(&plan).reports.receipts.is_some());

    type Change = fn(&mut ReceiptsPlan);
    let wrong: [(Change, &str, &str); 9] = [
        (|of| (of.message, of.id) = (None, None), "receipts", "must say where message or id"),
        (|of| of.id = Some("id".to_owned()), "receipts.id", "must be a JSON Pointer"),
        (|of| set(&mut of.status, "status"), "receipts.status", "must be a JSON Pointer"),
        (|of| of.delivered.clear(), "receipts.delivered", "must not be empty"),
        (|of| of.failed = of.delivered.clone(), "receipts.failed", "says what another list says"),
        (|of| of.complained = of.failed.clone(), "receipts.complained", "says what another list"),
        (
            |of| set(&mut of.signature.as_mut().unwrap().algorithm, "md5"),
            "receipts.signature.algorithm",
            "must be \"hmac-sha256\"",
        ),
        (
            |of| set(&mut of.signature.as_mut().unwrap().encoding, "b"),
            "receipts.signature.encoding",
            "must be \"hex\"",
        ),
        (
            |of| of.signature.as_mut().unwrap().secret = "short".into(),
            "receipts.signature.secret",
            "must have at least 8 bytes",
        ),
    ];
    for (change, key, why) in wrong {
        let mut receipts = receipts();
        change(&mut receipts);
        assert_fault(|plan| plan.receipts = Some(receipts), key, why);
    }
    let replies = RepliesPlan { to: "to".to_owned(), ..replies() };
    assert_fault(|plan| plan.replies = Some(replies), "replies.to", "must be a JSON Pointer");
}
