//! What events mean.

use serde_json::json;

use super::*;
use crate::domain::receipt::{Failure, Report};

const ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";
const SES_ID: &str = "0102018f5e7b8c2a-1b2c3d4e-5f60-4718-9a0b-c1d2e3f40516-000000";
const BAD: Option<Report> = Some(Report::Undelivered(Failure::BadAddress));
const FAILED: Option<Report> = Some(Report::Undelivered(Failure::Failed));

fn mail() -> Value {
    json!({
        "source": "salon@example.com",
        "messageId": SES_ID,
        "destination": ["anna@example.net"],
        "headers": [
            { "name": "Subject", "value": "<not@this>" },
            { "name": "Message-Id", "value": format!("<{ID}@example.com>") },
        ],
    })
}

fn event(kind: &str, what: Value) -> Value {
    json!({ "notificationType": kind, kind.to_lowercase(): what, "mail": mail() })
}

fn bounce(kind: &str, why: &str, status: Option<&str>) -> Value {
    let mut of = json!({ "emailAddress": "Anna@Example.net" });
    if let Some(status) = status {
        of["status"] = status.into();
        of["diagnosticCode"] = format!("smtp; 550 {status} <anna@example.net> no").into();
    }
    let of_another = json!({ "emailAddress": "ada@example.net", "status": "5.1.1" });
    let bounced = json!([of_another, of]);
    event(
        "Bounce",
        json!({ "bounceType": kind, "bounceSubType": why, "bouncedRecipients": bounced }),
    )
}

/// The message, the reference, what it means, and what is said.
fn told(event: &Value) -> (Option<String>, Option<String>, Option<Report>, String) {
    let by_address = |address: &str| (address == "b+1@x").then(|| MessageId(ID.parse().unwrap()));
    match super::super::events::heard(event, by_address) {
        Heard::Receipt { message, reference, report, said } => {
            (message.map(|message| message.to_string()), reference, report, said)
        }
        other => panic!("{other:?}"),
    }
}

fn meant(event: &Value) -> (Option<Report>, String) {
    let (message, reference, report, said) = told(event);
    assert_eq!((message.as_deref(), reference.as_deref()), (Some(ID), Some(SES_ID)));
    (report, said)
}

#[test]
fn a_bounce_blames_the_address_or_not() {
    for (kind, why, status, report, said) in [
        ("Permanent", "General", Some("5.1.1"), BAD, "Permanent General 5.1.1"),
        ("Permanent", "NoEmail", None, BAD, "Permanent NoEmail"),
        ("Permanent", "Suppressed", Some("5.1.1"), BAD, "Permanent Suppressed 5.1.1"),
        (
            "Permanent",
            "OnAccountSuppressionList",
            Some("5.1.1"),
            BAD,
            "Permanent OnAccountSuppressionList 5.1.1",
        ),
        ("Permanent", "General", Some("5.3.0"), BAD, "Permanent General 5.3.0"),
        // Full, a content, a policy, a temporary one: the address may be good.
        ("Permanent", "General", Some("5.2.2"), FAILED, "Permanent General 5.2.2"),
        ("Permanent", "General", Some("5.6.1"), FAILED, "Permanent General 5.6.1"),
        ("Permanent", "General", Some("5.7.1"), FAILED, "Permanent General 5.7.1"),
        ("Permanent", "General", Some("4.4.7"), FAILED, "Permanent General 4.4.7"),
        ("Permanent", "UnsubscribedRecipient", None, FAILED, "Permanent UnsubscribedRecipient"),
        ("Transient", "General", Some("5.1.1"), FAILED, "Transient General 5.1.1"),
        ("Transient", "MailboxFull", Some("5.2.2"), FAILED, "Transient MailboxFull 5.2.2"),
        ("Transient", "MessageTooLarge", None, FAILED, "Transient MessageTooLarge"),
        ("Transient", "ContentRejected", None, FAILED, "Transient ContentRejected"),
        ("Transient", "AttachmentRejected", None, FAILED, "Transient AttachmentRejected"),
        ("Undetermined", "Undetermined", None, FAILED, "Undetermined Undetermined"),
        ("Permanent", "anna@example.net", Some("anna@example.net"), FAILED, "Permanent anna"),
    ] {
        let mut event = bounce(kind, why, status);
        assert_eq!(meant(&event), (report, said.to_owned()), "{kind} {why} {status:?}");
        // The same as a configuration set publishes it.
        let members = event.as_object_mut().unwrap();
        let name = members.remove("notificationType").unwrap();
        members.insert("eventType".to_owned(), name);
        assert_eq!(meant(&event).0, report, "{kind} {why} {status:?}");
    }
}

#[test]
fn of_several_addresses_only_the_message_s_counts() {
    let mut elsewhere = bounce("Permanent", "General", Some("5.1.1"));
    elsewhere["bounce"]["bouncedRecipients"] =
        json!([{ "emailAddress": "forwarded@example.org", "status": "5.1.1" }]);
    assert_eq!(meant(&elsewhere).0, FAILED, "theirs leads there, and is good");
    let delivered =
        |recipients: Value| meant(&event("Delivery", json!({ "recipients": recipients })));
    let both = json!(["ada@example.net", "ANNA@example.net"]);
    assert_eq!(delivered(both), (Some(Report::Delivered), "delivered".to_owned()));
    assert_eq!(delivered(json!(["ada@example.net"])).0, None);
    for kind in ["Bounce", "Delivery"] {
        let mut to_many = bounce("Permanent", "General", Some("5.1.1"));
        to_many["notificationType"] = kind.into();
        to_many["delivery"] = json!({ "recipients": ["anna@example.net"] });
        to_many["mail"]["destination"] = json!(["anna@example.net", "ada@example.net"]);
        assert_eq!(meant(&to_many).0, None, "it is none of ours");
    }
}

#[test]
fn a_complaint() {
    for (what, report, said) in [
        (json!({}), Some(Report::Complained), "complaint"),
        (json!({ "complaintFeedbackType": "abuse" }), Some(Report::Complained), "abuse"),
        (json!({ "complaintFeedbackType": "fraud" }), Some(Report::Complained), "fraud"),
        (json!({ "complaintFeedbackType": "virus" }), Some(Report::Complained), "virus"),
        (json!({ "complaintFeedbackType": "other" }), Some(Report::Complained), "other"),
        (json!({ "complaintFeedbackType": "not-spam" }), None, "not-spam"),
        (json!({ "complaintFeedbackType": "auth-failure" }), None, "auth-failure"),
        (
            json!({ "complaintFeedbackType": null, "complaintSubType": "OnAccountSuppressionList" }),
            Some(Report::Complained),
            "OnAccountSuppressionList",
        ),
    ] {
        assert_eq!(meant(&event("Complaint", what)), (report, said.to_owned()));
    }
}

#[test]
fn what_is_on_its_way_means_nothing_and_what_is_not_sent_fails() {
    let reject = json!({ "reason": "Bad content" });
    assert_eq!(meant(&event("Reject", reject)), (FAILED, "rejected".to_owned()));
    for kind in ["Send", "DeliveryDelay", "Open", "Click", "Subscription", "Rendering Failure"] {
        assert_eq!(meant(&event(kind, json!({}))).0, None, "{kind}");
    }
    for nothing in [Value::Null, json!({}), json!([]), json!("text"), json!({ "mail": 7 })] {
        assert_eq!(told(&nothing), (None, None, None, String::new()), "{nothing}");
    }
}

#[test]
fn a_message_is_known_by_its_id_its_return_path_or_their_name() {
    let delivered = || event("Delivery", json!({ "recipients": ["anna@example.net"] }));
    let mut common = delivered();
    common["mail"]["headers"] = Value::Null;
    common["mail"]["commonHeaders"] = json!({ "messageId": format!("<{ID}@x>") });
    assert_eq!(told(&common).0.as_deref(), Some(ID));
    let mut returned = delivered();
    returned["mail"]["headers"] = json!([{ "name": "Message-ID", "value": "<1@elsewhere>" }]);
    let (message, reference, ..) = told(&returned);
    assert_eq!((message, reference), (None, None), "another's");
    returned["mail"]["source"] = "b+1@x".into();
    assert_eq!(told(&returned).0.as_deref(), Some(ID));
    let mut named = delivered();
    named["mail"]["headers"] = json!([]);
    let (message, reference, report, _) = told(&named);
    assert_eq!((message, reference.as_deref()), (None, Some(SES_ID)));
    assert_eq!(report, Some(Report::Delivered));
}

#[test]
fn what_came_in_an_envelope_is_heard_and_what_came_bare_too() {
    let bounced = heard(NOTIFICATION);
    let expected = Heard::Receipt {
        message: Some(MessageId(ID.parse().unwrap())),
        reference: Some(SES_ID.to_owned()),
        report: BAD,
        said: "Permanent General 5.1.1".to_owned(),
    };
    assert_eq!(bounced, [expected]);
    let envelope: Value = serde_json::from_str(NOTIFICATION).unwrap();
    assert_eq!(heard(envelope["Message"].as_str().unwrap()), bounced);
    // A topic that is tried out is no fault.
    let nothing =
        Heard::Receipt { message: None, reference: None, report: None, said: String::new() };
    assert_eq!(heard(NOTIFICATION_2), [nothing]);
    let broken = calling("no json", 0, |call| ses().hears(call));
    assert!(matches!(broken, Err(Unreadable::Broken(_))), "{broken:?}");
}
