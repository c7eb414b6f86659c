//! A log line as one JSON object, each name once.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Number, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock;

/// The names of the line itself. A field of such a name gets a `field_` before it: readers do not
/// agree on what an object with a name twice says (RFC 8259 §4).
const OWN: &[&str] = &["timestamp", "level", "target", "message"];

/// Writes lines of JSON. Numbers are numbers; spans are left out, since we open none.
pub struct JsonLine;

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    target: &'a str,
    #[serde(flatten)]
    fields: Fields,
}

#[derive(Default, Serialize)]
struct Fields {
    message: String,
    #[serde(flatten)]
    named: Map<String, Value>,
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let about = event.metadata();
        let line = Line {
            timestamp: format!("{:.6}", clock::now()),
            level: about.level().as_str(),
            target: about.target(),
            fields,
        };
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        // A word of the language's own, written raw.
        let name = name.strip_prefix("r#").unwrap_or(name);
        let name = if OWN.contains(&name) { format!("field_{name}") } else { name.to_owned() };
        self.named.insert(name, value);
    }

    /// One beyond 64 bits is a text: few readers keep its digits.
    fn put_number<N: Copy + ToString>(&mut self, field: &Field, number: N, exact: Option<Number>) {
        let value = exact.map_or_else(|| Value::String(number.to_string()), Value::Number);
        self.put(field, value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put_number(field, value, Number::from_f64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put_number(field, value, i64::try_from(value).ok().map(Number::from));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put_number(field, value, u64::try_from(value).ok().map(Number::from));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        // The words of the event come this way. So does a field that somebody called like them.
        if field.name() == "message" && self.message.is_empty() {
            self.message = value;
        } else {
            self.put(field, value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::json;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Paper {
        type Writer = Self;
        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// What is written of one event.
    fn written(log: impl FnOnce()) -> String {
        let paper = Paper::default();
        let lines = tracing_subscriber::fmt().event_format(JsonLine).with_writer(paper.clone());
        tracing::subscriber::with_default(lines.finish(), log);
        let text = paper.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn numbers_are_numbers_and_words_are_words() {
        let line = written(|| {
            let error = "no \"room\"\nleft";
            tracing::warn!(
                count = 3,
                took_ms = 12_u128,
                beyond = u128::MAX,
                share = 0.5,
                absent = f64::NAN,
                clean = true,
                tenant = "t",
                r#type = "x",
                %error,
                "what {}",
                "happened"
            );
        });
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let mut read: Value = serde_json::from_str(&line).unwrap();
        let timestamp = read.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(timestamp.as_str().unwrap().ends_with('Z'), "{timestamp}");
        let expected = json!({
            "level": "WARN", "target": "bellhop::telemetry::json_line::tests",
            "message": "what happened", "count": 3, "took_ms": 12,
            "beyond": u128::MAX.to_string(), "share": 0.5, "absent": "NaN", "clean": true,
            "tenant": "t", "type": "x", "error": "no \"room\"\nleft",
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn no_name_is_there_twice_whatever_a_field_is_called() {
        let line = written(|| {
            let message = "id";
            tracing::info!(%message, level = 7, target = "here", timestamp = 1, "words");
        });
        for name in OWN {
            assert_eq!(line.matches(&format!("\"{name}\":")).count(), 1, "{name} in {line}");
            assert_eq!(line.matches(&format!("\"field_{name}\":")).count(), 1, "{name} in {line}");
        }
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["message"], &read["field_message"]), (&json!("words"), &json!("id")));
    }
}
