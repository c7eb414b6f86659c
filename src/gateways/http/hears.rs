//! Receipts and replies by JSON Pointers.
//!
//! Who it is shows a signature over the body as it came, where the provider's `receipts` name one,
//! else the code in the address that it was given for this very message. A body is JSON, or a form,
//! whose fields are then read like members of an object; one that is a list is read like as many
//! bodies.

use serde_json::Value;

use super::reports::Receipts;
use super::{Pointer, Templated};
use crate::domain::message::MessageId;
use crate::domain::receipt::{Failure, Report};
use crate::gateways::bodies;
use crate::gateways::heard::{Call, Heard, Hears, REPORTS_MAX, Trusted, Unreadable, bounded, said};

impl Hears for Templated {
    fn trusts(&self, call: &Call<'_>) -> Trusted {
        let receipts = self.receipts.as_ref();
        let Some(plan) = receipts.and_then(|receipts| receipts.signature.as_ref()) else {
            return Trusted::ByCode;
        };
        let value = call.headers.get(&plan.header).and_then(|value| value.to_str().ok());
        let holds = value.is_some_and(|value| plan.holds(value, call.body));
        if holds { Trusted::Signed } else { Trusted::No }
    }

    fn hears(&self, call: &Call<'_>) -> Result<Vec<Heard>, Unreadable> {
        match bodies::read(call.headers, call.body).map_err(Unreadable::Broken)? {
            Value::Array(bodies) if bodies.len() > REPORTS_MAX => Err(Unreadable::TooMany),
            Value::Array(bodies) => Ok(bodies.iter().map(|body| self.heard(body)).collect()),
            one => Ok(vec![self.heard(&one)]),
        }
    }
}

impl Templated {
    /// A receipt is where a message and a status stand, for what a client writes has a name with
    /// its provider too.
    fn heard(&self, body: &Value) -> Heard {
        let receipts = self.receipts.as_ref();
        let receipt = receipts.filter(|receipts| receipts.names_one(body));
        let has_status = receipt.is_some_and(|receipts| receipts.status.scalar(body).is_some());
        if !has_status && let Some(reply) = self.reply(body) {
            return reply;
        }
        receipt.map_or(Heard::Neither, |receipts| receipts.read(body))
    }

    fn reply(&self, body: &Value) -> Option<Heard> {
        let replies = self.replies.as_ref()?;
        let text = bounded(replies.text.scalar(body)?)?;
        let from = replies.from.scalar(body).and_then(bounded).unwrap_or_default();
        let to = replies.to.scalar(body).and_then(bounded).unwrap_or_default();
        let id = self.receipts.as_ref().and_then(|receipts| receipts.id.as_ref());
        let id = id.and_then(|id| id.scalar(body)).and_then(bounded);
        Some(Heard::Reply { id, from, to, text })
    }
}

impl Receipts {
    fn names_one(&self, body: &Value) -> bool {
        let finds = |pointer: &Option<Pointer>| {
            pointer.as_ref().is_some_and(|pointer| pointer.scalar(body).is_some())
        };
        finds(&self.message) || finds(&self.id)
    }

    fn read(&self, body: &Value) -> Heard {
        let of = |pointer: &Option<Pointer>| {
            let found = pointer.as_ref().and_then(|pointer| pointer.scalar(body));
            found.and_then(bounded).filter(|name| !name.is_empty())
        };
        let status = self.status.scalar(body).unwrap_or_default();
        Heard::Receipt {
            message: of(&self.message).and_then(|name| name.parse().ok()).map(MessageId),
            reference: of(&self.id),
            report: self.report(&status),
            said: said(&status),
        }
    }

    fn report(&self, status: &str) -> Option<Report> {
        let lists = [
            (&self.delivered, Report::Delivered),
            (&self.failed, Report::Undelivered(Failure::Failed)),
            (&self.bad_address, Report::Undelivered(Failure::BadAddress)),
        ];
        let says = |words: &[String]| words.iter().any(|word| word == status);
        lists.into_iter().find_map(|(words, report)| says(words).then_some(report))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gateways::Medium;
    use crate::gateways::heard::HEARD_MAX_CHARS;
    use crate::gateways::http::{Plan, ReceiptsPlan, RepliesPlan};

    const OURS: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    fn gateway() -> Templated {
        let text = |text: &str| text.to_owned();
        let receipts = ReceiptsPlan {
            message: Some(text("/ref")),
            id: Some(text("/id")),
            status: text("/status"),
            delivered: vec![text("delivered"), text("0")],
            failed: vec![text("failed")],
            bad_address: vec![text("unknown")],
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
        Templated::compile(&plan, Medium::Sms).unwrap()
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
                Some(receipt(
                    None,
                    Some("7"),
                    Some(Report::Undelivered(Failure::Failed)),
                    "failed",
                )),
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
}
