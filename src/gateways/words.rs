//! What of an answer may be kept and shown.

use secrecy::{ExposeSecret, SecretString};

use super::answer::Answer;

/// As much of an answer's text as is looked at, in characters.
const WORDS_MAX_CHARS: usize = 1000;
/// So long a piece of the message's text in an answer is taken for a quotation, in characters.
const QUOTATION_CHARS: usize = 16;
/// A shorter secret is a word of every language, in characters.
const SECRET_MIN_CHARS: usize = 4;
const MASK: &str = "***";

/// The status, and the answer's own words behind it, unless they quote the message. What else may
/// be personal in them is for whoever keeps them to mask.
pub(super) fn words<'s>(
    answer: Answer<'_>,
    text: &str,
    secrets: impl IntoIterator<Item = &'s SecretString>,
) -> String {
    let Answer { status, body, .. } = answer;
    let head = match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    };
    let said = said(body);
    if said.is_empty() || quotes(&said, text) {
        return head;
    }
    let masked = secrets.into_iter().map(ExposeSecret::expose_secret);
    let masked = masked.filter(|secret| secret.chars().count() >= SECRET_MIN_CHARS);
    let said = masked.fold(said, |said, secret| said.replace(secret, MASK));
    format!("{head}: {said}")
}

/// The answer as text on one line. A page for people says nothing that a status does not.
fn said(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<serde_json::Value>(body) {
        // Without escapes, behind which a quotation could hide.
        Ok(json) => json.to_string(),
        Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
    };
    if text.starts_with('<') {
        return String::new();
    }
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(WORDS_MAX_CHARS).collect()
}

/// Whether a piece of `text` stands in what is `said`: with other spaces, or with escapes of JSON.
fn quotes(said: &str, text: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<Vec<_>>();
    let (said, text) = (letters(&said.replace("\\n", " ")), letters(text));
    let piece = QUOTATION_CHARS.min(text.len());
    piece > 0 && said.windows(piece).any(|window| text.windows(piece).any(|part| part == window))
}
