//! Makes a provider's words fit to be kept: short, on one line, and without addresses.

use std::io;

use crate::domain::outcome::REPLY_MAX_CHARS;

/// What stands in place of an address.
const MASK: &str = "***";

/// Masks every email address, replaces control characters by spaces, and cuts to
/// [`REPLY_MAX_CHARS`]; in this order, so that no half of an address is left at the end.
pub(super) fn redact(words: &str) -> String {
    let mut out = String::with_capacity(words.len().min(REPLY_MAX_CHARS));
    let mut rest = words;
    while !rest.is_empty() {
        let end = rest.find(is_delimiter).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        out.push_str(if word.contains('@') { MASK } else { word });
        let mut chars = tail.chars();
        if let Some(delimiter) = chars.next() {
            out.push(if delimiter.is_control() { ' ' } else { delimiter });
        }
        rest = chars.as_str();
    }
    match out.char_indices().nth(REPLY_MAX_CHARS) {
        Some((cut, _)) => out.truncate(cut),
        None => out.truncate(out.trim_end().len()),
    }
    out
}

/// What cannot be part of an address as providers echo it. `=` and `:` would be legal in one, or
/// stand before it (`rcpt=anna@…`): they count as part, so that too much is masked and not too
/// little.
fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "<>()[]{},;\"`|".contains(c)
}

/// A few words without addresses or file names, the same on every system.
pub(super) fn io_words(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused",
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "unreachable",
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "connection closed",
        kind => return kind.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_the_rest_stays() {
        for (words, expected) in [
            ("550 5.1.1 <anna@example.com>: unknown", "550 5.1.1 <***>: unknown"),
            ("no anna+x@example.com here", "no *** here"),
            ("rcpt=anna@example.com;x", "***;x"),
            ("\"jörg@exämple.de\" (b@c,d@e)", "\"***\" (***,***)"),
            ("two\r\nlines\u{7}", "two  lines"),
            ("250 ok", "250 ok"),
        ] {
            assert_eq!(redact(words), expected, "{words:?}");
        }
    }

    #[test]
    fn long_words_are_cut_by_characters_after_masking() {
        assert_eq!(redact(&"é".repeat(400)).chars().count(), REPLY_MAX_CHARS);
        let at_the_cut = format!("{} anna@example.com", "x".repeat(REPLY_MAX_CHARS - 3));
        let cut = redact(&at_the_cut);
        assert!(cut.ends_with(" **") && !cut.contains("anna"), "{cut}");
    }
}
