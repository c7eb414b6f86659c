//! What a provider tells us of its own accord: receipts, and what clients write back.

use serde_json::Value;

use super::http::Gateway;
use super::reports::Receipts;
use crate::domain::message::MessageId;
use crate::domain::receipt::{Failure, Report};

/// The longest word for a message's fate that is kept, in characters.
const SAID_MAX_CHARS: usize = 64;
/// The longest name of a message, number or text that is looked at, in characters.
const HEARD_MAX_CHARS: usize = 2000;

/// One thing that a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What became of a message.
    Receipt {
        /// Our name of it, if that was found and is one of ours.
        message: Option<MessageId>,
        /// The provider's.
        reference: Option<String>,
        /// What it means; nothing where the operator has not said so of this word.
        report: Option<Report>,
        /// The provider's own word.
        said: String,
    },
    /// What a client wrote.
    Reply {
        /// The provider's name of it, where `receipts.id` finds one.
        id: Option<String>,
        from: String,
        /// To which number.
        to: String,
        text: String,
    },
}

impl Gateway {
    /// What a body tells, if it is a receipt or a reply: the first where a message and a status
    /// stand in it, for what a client writes has a name with its provider too.
    pub fn hears(&self, body: &Value) -> Option<Heard> {
        let receipts = self.receipts.as_ref();
        let receipt = receipts.filter(|receipts| receipts.names_one(body));
        let has_status = receipt.is_some_and(|receipts| receipts.status.scalar(body).is_some());
        if !has_status && let Some(reply) = self.reply(body) {
            return Some(reply);
        }
        receipt.map(|receipts| receipts.read(body))
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
        let finds = |pointer: &Option<super::Pointer>| {
            pointer.as_ref().is_some_and(|pointer| pointer.scalar(body).is_some())
        };
        finds(&self.message) || finds(&self.id)
    }

    fn read(&self, body: &Value) -> Heard {
        let of = |pointer: &Option<super::Pointer>| {
            let found = pointer.as_ref().and_then(|pointer| pointer.scalar(body));
            found.and_then(bounded).filter(|name| !name.is_empty())
        };
        let status = self.status.scalar(body).unwrap_or_default();
        let said = status.chars().filter(|c| !c.is_control()).take(SAID_MAX_CHARS).collect();
        Heard::Receipt {
            message: of(&self.message).and_then(|name| name.parse().ok()).map(MessageId),
            reference: of(&self.id),
            report: self.report(&status),
            said,
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

fn bounded(text: String) -> Option<String> {
    (text.chars().count() <= HEARD_MAX_CHARS).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gateways::{Medium, Plan, ReceiptsPlan, RepliesPlan};

    const OURS: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    fn gateway() -> Gateway {
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
        Gateway::compile(&plan, Medium::Sms).unwrap()
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
            assert_eq!(gateway().hears(&body), expected, "{body}");
        }
    }

    #[test]
    fn what_is_longer_than_anybody_writes_is_not_heard() {
        let long = "x".repeat(HEARD_MAX_CHARS + 1);
        assert_eq!(gateway().hears(&json!({"text": long})), None);
        let named = gateway().hears(&json!({"id": long, "status": long}));
        assert_eq!(named, Some(receipt(None, None, None, &"x".repeat(SAID_MAX_CHARS))));
    }
}
