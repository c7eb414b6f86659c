//! What bodies are heard as, of a gateway's messages and of mails.

use ::http::HeaderMap;
use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::domain::receipt::Failure;
use crate::gateways::heard::HEARD_MAX_CHARS;
use crate::gateways::http::{Plan, ReceiptsPlan, RepliesPlan, SignaturePlan, Templated};
use crate::gateways::{Gateway as _, Medium};

const OURS: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

fn gateway() -> Reports {
    let text = |text: &str| text.to_owned();
    let receipts = ReceiptsPlan {
        message: Some(text("/ref")),
        id: Some(text("/id")),
        status: text("/status"),
        delivered: vec![text("delivered"), text("0")],
        failed: vec![text("failed")],
        bad_address: vec![text("unknown")],
        complained: vec![text("spam")],
        ..ReceiptsPlan::default()
    };
    let replies = RepliesPlan { from: text("/from"), to: text("/to"), text: text("/text") };
    let plan = Plan {
        method: text("POST"),
        url: text("https://gateway.example/send"),
        receipts: Some(receipts),
        replies: Some(replies),
        ..Plan::default()
    };
    let gateway = Templated::compile(&plan, Medium::Sms).unwrap();
    assert!(gateway.hears().is_some());
    gateway.reports
}

fn receipt(message: Option<&str>, id: Option<&str>, of: Option<Report>, said: &str) -> Heard {
    Heard::Receipt {
        message: message.map(|message| MessageId(message.parse().unwrap())),
        reference: id.map(str::to_owned),
        report: of,
        said: said.to_owned(),
    }
}

#[test]
fn a_body_is_a_receipt_a_reply_or_nothing() {
    let reply = |id: Option<&str>| Heard::Reply {
        id: id.map(str::to_owned),
        from: "+393331234567".to_owned(),
        to: "+3933300".to_owned(),
        text: "STOP".to_owned(),
    };
    let table = [
        (
            json!({"ref": OURS, "id": "gw-1", "status": "delivered"}),
            Some(receipt(Some(OURS), Some("gw-1"), Some(Report::Delivered), "delivered")),
        ),
        (
            json!({"ref": OURS, "status": 0}),
            Some(receipt(Some(OURS), None, Some(Report::Delivered), "0")),
        ),
        (
            json!({"id": 7, "status": "failed"}),
            Some(receipt(None, Some("7"), Some(Report::Undelivered(Failure::Failed)), "failed")),
        ),
        (
            json!({"id": "gw-1", "status": "unknown"}),
            Some(receipt(
                None,
                Some("gw-1"),
                Some(Report::Undelivered(Failure::BadAddress)),
                "unknown",
            )),
        ),
        (
            json!({"id": "gw-1", "status": "spam"}),
            Some(receipt(None, Some("gw-1"), Some(Report::Complained), "spam")),
        ),
        (
            json!({"id": "gw-1", "status": "bu\u{7}ffered"}),
            Some(receipt(None, Some("gw-1"), None, "buffered")),
        ),
        (
            json!({"ref": "of another house", "status": "failed"}),
            Some(receipt(None, None, Some(Report::Undelivered(Failure::Failed)), "failed")),
        ),
        (json!({"id": "gw-1"}), Some(receipt(None, Some("gw-1"), None, ""))),
        (
            json!({"id": "in-1", "from": "+393331234567", "to": "+3933300", "text": "STOP"}),
            Some(reply(Some("in-1"))),
        ),
        (json!({"from": "+393331234567", "to": "+3933300", "text": "STOP"}), Some(reply(None))),
        (json!({"status": "delivered"}), None),
        (json!({"ref": null, "text": {"a": 1}}), None),
        (json!([]), None),
        (json!("delivered"), None),
    ];
    for (body, expected) in table {
        let heard = gateway().heard(&body);
        assert_eq!(heard, expected.unwrap_or(Heard::Neither), "{body}");
    }
}

#[test]
fn what_is_longer_than_anybody_writes_is_not_heard() {
    let long = "x".repeat(HEARD_MAX_CHARS + 1);
    assert_eq!(gateway().heard(&json!({"text": long})), Heard::Neither);
    let named = gateway().heard(&json!({"id": long, "status": long}));
    assert_eq!(named, receipt(None, None, None, &said(&long)));
}

fn of_mails() -> Reports {
    let text = |text: &str| text.to_owned();
    let signature = SignaturePlan {
        header: text("x-signature"),
        algorithm: text("hmac-sha256"),
        encoding: text("hex"),
        secret: text("secret-of-the-hook").into(),
    };
    let plan = ReceiptsPlan {
        signature: Some(signature),
        message: Some(text("/smtp-id")),
        id: Some(text("/id")),
        status: text("/event"),
        delivered: vec![text("delivered")],
        failed: vec![text("deferred")],
        bad_address: vec![text("hard_bounce")],
        complained: vec![text("spamreport")],
    };
    let unsigned = ReceiptsPlan { signature: None, ..plan.clone() };
    assert_eq!(Reports::of_mails(&unsigned).unwrap_err().key, "receipts.signature");
    Reports::of_mails(&plan).unwrap()
}

#[test]
fn a_mail_is_known_by_our_id_by_its_message_id_or_by_what_its_provider_calls_it() {
    let ours = format!("<{OURS}@bellhop.example>");
    let bare = format!("{OURS}@bellhop.example");
    let (bad_address, failed) = (Failure::BadAddress, Failure::Failed);
    let table = [
        (
            json!({"smtp-id": ours, "id": "m-1", "event": "delivered"}),
            receipt(Some(OURS), Some("m-1"), Some(Report::Delivered), "delivered"),
        ),
        (
            json!({"smtp-id": bare, "event": "hard_bounce"}),
            receipt(Some(OURS), None, Some(Report::Undelivered(bad_address)), "hard_bounce"),
        ),
        (
            json!({"smtp-id": OURS, "event": "spamreport"}),
            receipt(Some(OURS), None, Some(Report::Complained), "spamreport"),
        ),
        (
            json!({"id": "m-1", "event": "deferred"}),
            receipt(None, Some("m-1"), Some(Report::Undelivered(failed)), "deferred"),
        ),
        // Another's: nobody waits for what its provider calls it.
        (
            json!({"smtp-id": "<1@elsewhere.example>", "id": "m-1", "event": "delivered"}),
            receipt(None, None, Some(Report::Delivered), "delivered"),
        ),
        (
            json!({"smtp-id": ours, "id": "m-1", "event": "opened"}),
            receipt(Some(OURS), Some("m-1"), None, "opened"),
        ),
        (json!({"event": "delivered", "text": "STOP", "from": "+39333"}), Heard::Neither),
    ];
    for (body, expected) in table {
        assert_eq!(of_mails().heard(&body), expected, "{body}");
    }
}

#[test]
fn mails_are_reported_of_one_by_one_or_many_at_once_and_signed_by_nobody_else() {
    let event = |name: usize| json!({"id": format!("m-{name}"), "event": "delivered"});
    let many = |count: usize| Value::from((0..count).map(event).collect::<Vec<_>>());
    let hears = of_mails();
    let signature = hears.receipts.as_ref().unwrap().signature.as_ref().unwrap();
    let calling = |body: &str, signature: Option<String>| {
        let mut headers = HeaderMap::new();
        if let Some(signature) = signature {
            headers.insert("x-signature", signature.parse().unwrap());
        }
        let (now, body) = (Timestamp::UNIX_EPOCH, body.as_bytes());
        let call = Call { url: None, query: "m=1.2", headers: &headers, body, now };
        (hears.trusts(&call), hears.hears(&call))
    };
    for (body, reports) in [(event(0), 1), (many(0), 0), (many(3), 3), (many(REPORTS_MAX), 500)] {
        let body = body.to_string();
        let (trusted, heard) = calling(&body, Some(signature.sign(body.as_bytes())));
        assert_eq!((trusted, heard.unwrap().len()), (Trusted::Signed, reports));
    }
    let body = many(REPORTS_MAX + 1).to_string();
    assert_eq!(calling(&body, None), (Trusted::No, Err(Unreadable::TooMany)));
    assert_eq!(calling(&body, Some(signature.sign(b"another"))).0, Trusted::No);
    let mixed = json!([event(0), {"event": "delivered"}, event(1)]).to_string();
    let (_, heard) = calling(&mixed, None);
    let neithers = heard.unwrap().iter().map(|of| *of == Heard::Neither).collect::<Vec<_>>();
    assert_eq!(neithers, [false, true, false], "one that is neither keeps back no other");
}
