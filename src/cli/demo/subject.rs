//! What a message in a file says first: a mail's subject, a push's title, a text message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The headline of what an outbox wrote.
pub fn headline_of(text: &str) -> Option<String> {
    match serde_json::from_str::<Note>(text) {
        Ok(note) => note.title.or(note.text),
        Err(_) => subject_of(text),
    }
}

/// A message other than a mail.
#[derive(Deserialize)]
struct Note {
    title: Option<String>,
    text: Option<String>,
}

/// The subject of a message (RFC 5322), with its encoded words (RFC 2047) as they are read.
fn subject_of(mail: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next()?;
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let value = unfolded.split("\r\n").find_map(|line| line.strip_prefix("Subject: "))?;
    Some(decoded(value))
}

/// White space between two encoded words is not part of the text (RFC 2047 §6.2).
fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split(' ').filter(|word| !word.is_empty()) {
        let plain = encoded_word(word);
        let joined = after_encoded && plain.is_some();
        if !text.is_empty() && !joined {
            text.push(' ');
        }
        after_encoded = plain.is_some();
        text.push_str(plain.as_deref().unwrap_or(word));
    }
    text
}

/// `=?utf-8?b?…?=`: the only form that is written here.
fn encoded_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?utf-8?b?")?.strip_suffix("?=")?;
    String::from_utf8(STANDARD.decode(inner).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_has_a_title_and_a_text_message_only_a_text() {
        let said = |json: &str| headline_of(json).unwrap();
        assert_eq!(said(r#"{"channel":"push","title":"Moved","text":"To noon"}"#), "Moved");
        assert_eq!(said(r#"{"channel":"sms","text":"Moved to noon"}"#), "Moved to noon");
        assert_eq!(said("Subject: Moved\r\n\r\nTo noon"), "Moved");
    }

    #[test]
    fn folded_and_encoded_subjects_are_read() {
        let mail = "From: a@b\r\nSubject: Confermato: =?utf-8?b?bWFydGVkw6w=?= alle 10:00, da\r\n \
                    Salon a =?utf-8?b?Q2l0?=\r\n =?utf-8?b?dMOg?= Alta\r\nDate: x\r\n\r\nSubject: no";
        let read = "Confermato: martedì alle 10:00, da Salon a Città Alta";
        assert_eq!(subject_of(mail).as_deref(), Some(read));
        assert_eq!(subject_of("From: a@b\r\n\r\nSubject: no"), None);
    }
}
