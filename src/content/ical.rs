//! Content lines of RFC 5545 §3.1: folded, escaped, ended by CRLF.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The longest physical line without its line break, in octets (RFC 5545 §3.1).
const LINE_MAX_OCTETS: usize = 75;

/// How much is set aside for an object, in bytes; an ordinary one fits.
const ORDINARY_BYTES: usize = 1024;

/// An iCalendar object in the making.
#[derive(Debug)]
pub(super) struct Lines {
    body: String,
}

impl Lines {
    /// None yet.
    pub fn new() -> Self {
        Self { body: String::with_capacity(ORDINARY_BYTES) }
    }

    /// Adds a property whose value is safe as it stands.
    pub fn push(&mut self, name: &str, value: &str) {
        self.fold([name, ":", value]);
    }

    /// Adds a property of value type TEXT (§3.3.11).
    pub fn push_text(&mut self, name: &str, value: &str) {
        self.fold([name, ":", &escape(value)]);
    }

    /// The object.
    pub fn into_body(self) -> String {
        self.body
    }

    /// Breaks between characters, never within one; the space that marks a continuation counts.
    fn fold<const N: usize>(&mut self, pieces: [&str; N]) {
        let mut room = LINE_MAX_OCTETS;
        for mut piece in pieces {
            while piece.len() > room {
                let (fit, rest) = piece.split_at(piece.floor_char_boundary(room));
                self.body.extend([fit, "\r\n "]);
                room = LINE_MAX_OCTETS - 1;
                piece = rest;
            }
            self.body.push_str(piece);
            room -= piece.len();
        }
        self.body.push_str("\r\n");
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A quoted parameter value (§3.2). It can hold neither quotes nor line breaks, which are written
/// with a `^` before them, and so is the `^` itself (RFC 6868); nor other control characters.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '^' => quoted.push_str("^^"),
            '"' => quoted.push_str("^'"),
            '\n' => quoted.push_str("^n"),
            c if c.is_control() => {}
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A DATE-TIME in UTC, form 2 (§3.3.5).
pub(super) fn utc(at: Timestamp) -> String {
    let t = TimeZone::UTC.to_datetime(at);
    let year = t.year().unsigned_abs();
    let mut text = String::with_capacity("20261203T090000Z".len());
    push_two(&mut text, year / 100);
    push_two(&mut text, year % 100);
    push_two(&mut text, t.month().unsigned_abs().into());
    push_two(&mut text, t.day().unsigned_abs().into());
    text.push('T');
    for number in [t.hour(), t.minute(), t.second()] {
        push_two(&mut text, number.unsigned_abs().into());
    }
    text.push('Z');
    text
}

/// Two digits of a number below a hundred.
fn push_two(text: &mut String, number: u16) {
    for digit in [number / 10 % 10, number % 10] {
        text.extend(char::from_digit(digit.into(), 10));
    }
}

/// A CAL-ADDRESS (§3.3.3): a `mailto:` URI (RFC 6068 §2).
pub(super) fn mailto(address: &str) -> String {
    format!("mailto:{}", percent(address, b"@.-_+~"))
}

/// Percent-encodes every octet but ASCII letters, digits and those of `plain`. Distinct texts
/// stay distinct.
pub(super) fn percent(text: &str, plain: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(name: &str, value: &str) -> String {
        let mut lines = Lines::new();
        lines.push_text(name, value);
        lines.into_body()
    }

    #[test]
    fn a_line_of_75_octets_stays_whole_and_of_76_does_not() {
        let fits = "x".repeat(LINE_MAX_OCTETS - "SUMMARY:".len());
        assert_eq!(body("SUMMARY", &fits), format!("SUMMARY:{fits}\r\n"));
        assert_eq!(body("SUMMARY", &format!("{fits}y")), format!("SUMMARY:{fits}\r\n y\r\n"));
    }

    #[test]
    fn a_character_at_the_edge_is_not_torn() {
        for width in 60..70 {
            for wide in ["é", "€", "💇"] {
                let value = format!("{}{}", "x".repeat(width), wide.repeat(60));
                let body = body("SUMMARY", &value);
                for line in body.split_terminator("\r\n") {
                    assert!(line.len() <= LINE_MAX_OCTETS, "{} octets", line.len());
                    assert!(
                        line.len() >= LINE_MAX_OCTETS - 3 || body.ends_with(&format!("{line}\r\n"))
                    );
                }
                assert_eq!(body.replace("\r\n ", ""), format!("SUMMARY:{value}\r\n"));
            }
        }
    }

    #[test]
    fn text_is_escaped_and_controls_are_dropped() {
        assert_eq!(
            body("A", "a;b,c\\d\ne\r\u{7}f:\"g\""),
            "A:a\\;b\\,c\\\\d\\ne f:\"g\"\r\n".replace("e f", "ef")
        );
    }

    #[test]
    fn parameters_cannot_be_left() {
        assert_eq!(quoted("Anna \"A\";X=1:\r\ny\u{7}"), "\"Anna ^'A^';X=1:^ny\"");
        assert_eq!(quoted("a^nb ^' ^"), "\"a^^nb ^^' ^^\"");
    }

    #[test]
    fn addresses_become_uris() {
        assert_eq!(mailto("o'hara+x@x-y.org"), "mailto:o%27hara+x@x-y.org");
        assert_eq!(mailto("jörg@b.de"), "mailto:j%C3%B6rg@b.de");
    }

    #[test]
    fn instants_are_utc() {
        assert_eq!(utc("2026-12-03T10:00:00+01:00".parse().unwrap()), "20261203T090000Z");
    }
}
