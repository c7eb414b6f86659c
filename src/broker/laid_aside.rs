//! The properties under which a command lies in the dead queue.
//!
//! All of a message's properties travel in one frame, which publishers may fill to the brim. A
//! copy that adds to them must not outgrow it: the broker would close the connection, at every
//! attempt anew. So what is copied and what is added fit together into the smallest frame that
//! AMQP 0-9-1 allows, 4096 bytes.
//!
//! Whoever empties the dead queue trusts what the headers say. So whatever a publisher wrote under
//! one of Bellhop's names, or under those by which the broker tells what it laid there itself
//! (<https://www.rabbitmq.com/docs/dlx#effects>), is left out.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use super::PERSISTENT;
use super::delivered::{Delivered, FIRST_USER};

const REASON: &str = "x-bellhop-reason";
const DETAIL: &str = "x-bellhop-detail";
const ROUTING_KEY: &str = "x-bellhop-routing-key";
/// Not the publisher's to say.
const NOT_KEPT: [&str; 4] = ["x-bellhop-", "x-death", "x-first-death-", "x-last-death-"];

/// Headers of the publisher's are kept if all of them together are no larger.
const KEPT_MAX_BYTES: usize = 2048;
/// What is wrong is told up to here.
const DETAIL_MAX_BYTES: usize = 1024;
/// More than any value takes beside its text: a type, a length, or a number.
const VALUE_BYTES: usize = 10;

/// The publisher's content type, message id and headers, and the reason. Who is believed to have
/// published it becomes a header: the broker would check the user id against ours.
pub fn properties(delivered: &Delivered, reason: &str, detail: &str) -> BasicProperties {
    let mut headers = delivered.headers().map(kept).unwrap_or_default();
    let text = |value: &str| AMQPValue::LongString(value.into());
    headers.insert(REASON.into(), text(reason));
    let detail = &detail[..detail.floor_char_boundary(DETAIL_MAX_BYTES)];
    headers.insert(DETAIL.into(), text(detail));
    headers.insert(ROUTING_KEY.into(), text(&delivered.routing_key));
    if let Some(user) = &delivered.user {
        headers.insert(FIRST_USER.into(), text(user));
    }
    let original = delivered.properties();
    let mut properties =
        BasicProperties::default().with_delivery_mode(PERSISTENT).with_headers(headers);
    if let Some(content_type) = original.content_type() {
        properties = properties.with_content_type(content_type.clone());
    }
    if let Some(message_id) = original.message_id() {
        properties = properties.with_message_id(message_id.clone());
    }
    properties
}

/// Without carbon copies: the message must not travel on to where the original also went. And
/// without what only Bellhop or the broker may say.
fn kept(headers: &FieldTable) -> FieldTable {
    let mut kept = FieldTable::default();
    if table_bytes(headers) > KEPT_MAX_BYTES {
        return kept;
    }
    for (name, value) in headers.inner() {
        let name = name.as_str();
        // A reader may not mind the case.
        let lower = name.to_ascii_lowercase();
        let is_ours = NOT_KEPT.iter().any(|start| lower.starts_with(start));
        if !is_ours && !["cc", "bcc"].contains(&lower.as_str()) {
            kept.insert(name.into(), value.clone());
        }
    }
    kept
}

fn table_bytes(table: &FieldTable) -> usize {
    table.inner().iter().map(|(name, value)| 1 + name.as_str().len() + value_bytes(value)).sum()
}

/// No less than it takes on the wire.
fn value_bytes(value: &AMQPValue) -> usize {
    VALUE_BYTES
        + match value {
            AMQPValue::ShortString(text) => text.as_str().len(),
            AMQPValue::LongString(text) => text.as_bytes().len(),
            AMQPValue::ByteArray(bytes) => bytes.len(),
            AMQPValue::FieldArray(values) => values.as_slice().iter().map(value_bytes).sum(),
            AMQPValue::FieldTable(table) => table_bytes(table),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use lapin::types::FieldArray;

    use super::*;

    fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, value) in entries {
            table.insert((*name).into(), value.clone());
        }
        table
    }

    #[test]
    fn headers_are_kept_up_to_the_limit_and_never_carbon_copies() {
        let text = |bytes: usize| AMQPValue::LongString("x".repeat(bytes).into());
        let both = table(&[("CC", text(3)), ("traceparent", text(55))]);
        assert_eq!(kept(&both), table(&[("traceparent", text(55))]));
        let fits = table(&[("h", text(KEPT_MAX_BYTES - VALUE_BYTES - 2))]);
        assert_eq!(kept(&fits), fits);
        let exceeds = table(&[("h", text(KEPT_MAX_BYTES - VALUE_BYTES - 1))]);
        assert_eq!(kept(&exceeds), FieldTable::default());
    }

    #[test]
    fn what_only_bellhop_or_the_broker_may_say_is_not_kept() {
        let text = AMQPValue::LongString("forged".into());
        for name in [
            REASON,
            DETAIL,
            ROUTING_KEY,
            FIRST_USER,
            "x-bellhop-",
            "x-death",
            "x-first-death-queue",
            "X-Bellhop-Reason",
            "X-BELLHOP-USER",
            "X-Death",
            "Bcc",
        ] {
            let both = table(&[(name, text.clone()), ("traceparent", text.clone())]);
            assert_eq!(kept(&both), table(&[("traceparent", text.clone())]), "{name}");
        }
    }

    #[test]
    fn nested_values_count() {
        let text = AMQPValue::LongString("x".repeat(KEPT_MAX_BYTES / 2).into());
        let array = AMQPValue::FieldArray(FieldArray::from(vec![text.clone(), text]));
        assert!(value_bytes(&array) > KEPT_MAX_BYTES);
        let nested = AMQPValue::FieldTable(table(&[("a", array)]));
        assert_eq!(kept(&table(&[("h", nested)])), FieldTable::default());
    }
}
