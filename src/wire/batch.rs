//! Several commands in one body: the CloudEvents JSON batch format.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format>

use serde_json::value::RawValue;

use super::json_fault::json_fault;
use super::unreadable::{Unreadable, UnreadableReason as Reason};

/// Splits an `application/cloudevents-batch+json` body into at most `max` commands, each to be
/// read by [`super::read_command`]. An empty batch is a batch.
///
/// # Errors
/// The body is not a JSON array, or holds more.
pub fn split_batch(body: &[u8], max: usize) -> Result<Vec<&RawValue>, Unreadable> {
    let text =
        std::str::from_utf8(body).map_err(|_| Unreadable::new(Reason::NotJson, "is not UTF-8"))?;
    let commands: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            Unreadable::new(Reason::InvalidEnvelope, "must be a JSON array of commands")
        } else {
            Unreadable::new(Reason::NotJson, json_fault(&error))
        }
    })?;
    if commands.len() > max {
        let detail = format!("holds {} commands, more than {max}", commands.len());
        return Err(Unreadable::new(Reason::TooLarge, detail));
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_an_array_of_bounded_length() {
        let parts = split_batch(br#" [ {"id": 1} , "x" ] "#, 2).unwrap();
        assert_eq!(
            parts.iter().map(|part| part.get()).collect::<Vec<_>>(),
            [r#"{"id": 1}"#, "\"x\""]
        );
        assert!(split_batch(b"[]", 2).unwrap().is_empty());
        for (body, reason) in [
            (&b"[1,2,3]"[..], Reason::TooLarge),
            (b"{}", Reason::InvalidEnvelope),
            (b"[1,", Reason::NotJson),
            (b"[1] 2", Reason::NotJson),
            (b"\xff", Reason::NotJson),
            (b"", Reason::NotJson),
        ] {
            assert_eq!(split_batch(body, 2).unwrap_err().reason, reason, "{body:?}");
        }
    }
}
