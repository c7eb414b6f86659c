//! Bodies of reports: JSON, or a form.

use ::http::{HeaderMap, header};
use serde_json::{Map, Value};

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a body is said to be a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case(FORM)
    })
}

/// The body as JSON: a form becomes an object of texts, the first of each name. The error says why
/// it is neither.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(_) if is_form(headers) => {
            let mut members = Map::new();
            for (name, value) in url::form_urlencoded::parse(body) {
                members.entry(name).or_insert_with(|| Value::String(value.into_owned()));
            }
            Ok(Value::Object(members))
        }
        Err(error) => Err(format!("neither JSON nor a form: {error}")),
    }
}
