//! The envelope around every event: CloudEvents 1.0 in structured JSON mode.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::domain::id::{CommandId, TenantId};
use crate::domain::trace::TraceContext;
use crate::wire::scalar::Parsed;

/// The `source` of every event.
pub const SOURCE: &str = "/bellhop";

/// One event as it is published; serialise it with serde_json. `D` is the data, as
/// [`super::encode`] writes it.
#[derive(Debug, Clone)]
pub struct EventEnvelope<'a, D> {
    /// The event's place in the order of its partition.
    pub seq: i64,
    /// Its partition, where there are several.
    pub partition: Option<u16>,
    /// The event's identity: a consumer that sees it twice drops the second.
    pub id: &'a str,
    /// The CloudEvents `type`.
    pub type_name: &'a str,
    /// When it was decided.
    pub time: Timestamp,
    /// Whose business it is.
    pub tenant: &'a str,
    /// The command that caused it, if one did.
    pub causation: Option<&'a str>,
    /// The trace that it belongs to, if it belongs to one.
    pub trace: Option<TraceContext>,
    /// What happened.
    pub data: D,
}

/// The attributes in the order in which they are written.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventEnvelope")]
#[schemars(description = "The CloudEvents 1.0 envelope around every event.")]
pub(in crate::wire) struct Attributes<'a, D> {
    /// The version of CloudEvents.
    #[schemars(extend("const" = "1.0"))]
    specversion: &'static str,
    /// The trace of the command that caused it (W3C Trace Context), where that had one.
    #[serde(rename = "traceparent", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    trace: Option<TraceContext>,
    /// Drop a second event of the same id: events are published at least once.
    id: &'a str,
    /// Always `/bellhop`.
    source: &'static str,
    /// What kind of thing happened.
    #[serde(rename = "type")]
    type_name: &'a str,
    /// When it was decided (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    time: Timestamp,
    /// Whose business it is.
    #[schemars(with = "Parsed<TenantId>")]
    tenant: &'a str,
    /// The id of the command that caused it.
    #[serde(rename = "causationid", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<CommandId>")]
    causation: Option<&'a str>,
    /// The place in the order of events, as 20 digits, so that text order is event order. With
    /// several partitions each has an order of its own.
    sequence: String,
    /// Where there are several partitions, which one's order `sequence` is of. A tenant's events
    /// are all in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<u16>,
    /// Always `application/json`.
    datacontenttype: &'static str,
    /// What happened.
    #[schemars(with = "serde_json::Map<String, Value>")]
    data: &'a D,
}

impl<D: Serialize> Serialize for EventEnvelope<'_, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Attributes {
            specversion: "1.0",
            trace: self.trace,
            id: self.id,
            source: SOURCE,
            type_name: self.type_name,
            time: self.time,
            tenant: self.tenant,
            causation: self.causation,
            sequence: format!("{:020}", self.seq),
            partition: self.partition,
            datacontenttype: "application/json",
            data: &self.data,
        }
        .serialize(serializer)
    }
}

/// What each event begins with that belongs to a trace, up to its `traceparent`.
const BEFORE_TRACE: &[u8] = br#"{"specversion":"1.0","traceparent":""#;

/// The `traceparent` of an event as it is written, if it has one: it stands where it can be found
/// without reading what the event says.
pub fn traceparent(event: &[u8]) -> Option<&str> {
    let rest = event.strip_prefix(BEFORE_TRACE)?;
    std::str::from_utf8(rest.split(|byte| *byte == b'"').next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_json_snapshot;
    use serde_json::json;

    fn envelope<D>(data: D) -> EventEnvelope<'static, D> {
        EventEnvelope {
            seq: 42,
            partition: None,
            id: "salon-uno/k1/0",
            type_name: "command.accepted",
            time: "2026-12-03T09:00:00Z".parse().unwrap(),
            tenant: "salon-uno",
            causation: Some("k1"),
            trace: None,
            data,
        }
    }

    #[test]
    fn attributes_as_written() {
        let fresh = envelope(json!({}));
        assert_json_snapshot!(fresh, @r#"
        {
          "specversion": "1.0",
          "id": "salon-uno/k1/0",
          "source": "/bellhop",
          "type": "command.accepted",
          "time": "2026-12-03T09:00:00Z",
          "tenant": "salon-uno",
          "causationid": "k1",
          "sequence": "00000000000000000042",
          "datacontenttype": "application/json",
          "data": {}
        }
        "#);
        let uncaused = EventEnvelope { causation: None, ..fresh };
        assert!(json!(uncaused).get("causationid").is_none());
        let one_of_several = EventEnvelope { partition: Some(3), ..uncaused };
        assert_eq!(json!(one_of_several)["partition"], 3);
    }

    #[test]
    fn its_trace_is_found_without_reading_it() {
        const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let said = json!({ "traceparent": "said" });
        let written = |trace: Option<&str>| {
            let trace = trace.and_then(TraceContext::parse);
            serde_json::to_vec(&EventEnvelope { trace, ..envelope(&said) }).unwrap()
        };
        let traced = written(Some(TRACE));
        assert_eq!(traceparent(&traced), Some(TRACE));
        let read: serde_json::Value = serde_json::from_slice(&traced).unwrap();
        assert_eq!(read["traceparent"], TRACE);
        let untraced = written(None);
        assert_eq!(traceparent(&untraced), None, "what it says is no trace");
    }
}
