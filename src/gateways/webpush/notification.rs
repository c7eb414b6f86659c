//! What a browser's service worker is given: the arguments of `showNotification` (Notifications
//! API §3).

use serde_json::{Map, Value, json};

use super::seal::TEXT_MAX_BYTES;
use crate::gateways::facts::{Content, Facts};
use crate::gateways::fit::fit;

/// `{"title":…,"body":…,"tag":…,"data":{…}}`: what has the same tag takes each other's place on the
/// screen. Nothing if it is no notification, or too large without a word of text.
pub(super) fn notification(facts: &Facts<'_>) -> Option<Vec<u8>> {
    let Content::Push { title, text, collapse, .. } = facts.content else { return None };
    let data: Map<String, Value> =
        facts.data().into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
    let written = |title: &str, text: &str| {
        json!({ "title": title, "body": text, "tag": collapse, "data": data }).to_string()
    };
    let size = |title: &str, text: &str| written(title, text).len();
    let (title, text) = fit(title, text, TEXT_MAX_BYTES, size)?;
    Some(written(&title, &text).into_bytes())
}
