//! The subject line of a mail in a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The subject of a message (RFC 5322), with its encoded words (RFC 2047) as they are read.
pub fn subject_of(mail: &str) -> Option<String> {
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
    fn folded_and_encoded_subjects_are_read() {
        let mail = "From: a@b\r\nSubject: Confermato: =?utf-8?b?bWFydGVkw6w=?= alle 10:00, da\r\n \
                    Salon a =?utf-8?b?Q2l0?=\r\n =?utf-8?b?dMOg?= Alta\r\nDate: x\r\n\r\nSubject: no";
        let read = "Confermato: martedì alle 10:00, da Salon a Città Alta";
        assert_eq!(subject_of(mail).as_deref(), Some(read));
        assert_eq!(subject_of("From: a@b\r\n\r\nSubject: no"), None);
    }
}
