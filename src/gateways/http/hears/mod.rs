//! Receipts and replies by JSON Pointers: of a gateway's messages, and of mails.
//!
//! Who it is shows a signature over the body as it came, where the provider's `receipts` name one,
//! else the code in the address that it was given for this very message. A body is JSON, or a form,
//! whose fields are then read like members of an object; one that is a list is read like as many
//! bodies.

use serde_json::Value;

use super::Pointer;
use super::reports::{Receipts, Reports};
use crate::domain::message::MessageId;
use crate::domain::receipt::Report;
use crate::gateways::bodies;
use crate::gateways::heard::{Call, Heard, Hears, REPORTS_MAX, Trusted, Unreadable, bounded, said};

impl Hears for Reports {
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

impl Reports {
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
        let told = of(&self.message);
        let message = told.as_deref().and_then(MessageId::of_mail);
        // A Message-ID that we did not give is another's: nobody need wait until it is known.
        let is_another_s = message.is_none() && told.is_some_and(|name| name.contains('@'));
        Heard::Receipt {
            message,
            reference: of(&self.id).filter(|_| !is_another_s),
            report: self.report(&status),
            said: said(&status),
        }
    }

    fn report(&self, status: &str) -> Option<Report> {
        self.words.iter().find(|(word, _)| word == status).map(|(_, report)| *report)
    }
}

#[cfg(test)]
mod tests;
