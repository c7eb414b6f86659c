//! Text in a header: encoded where it must be, folded where it may be (RFC 5322 §2.2.3, §3.2;
//! RFC 2047).
//!
//! What a reader's program shows is the text with each run of white space made one space. Text
//! that looks like an encoded-word is encoded too, or it would be shown as what it pretends to be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The longest line with an encoded-word in it, in bytes, without its CRLF (RFC 2047 §2).
const LINE_MAX_BYTES: usize = 76;
/// What stands around an encoded-word's text.
const ENCODED: (&str, &str) = ("=?utf-8?b?", "?=");
/// The longest word that is not broken up, in bytes: it fits behind the name of any header.
const WORD_MAX_BYTES: usize = 64;
/// An encoded-word begins on a fresh line where fewer bytes of its text than these would fit.
const ENCODED_MIN_BYTES: usize = 12;

/// A subject.
pub(super) fn unstructured(header: &str, text: &str) -> String {
    let mut field = Field::after(header);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    for run in words.chunk_by(|a, b| is_plain(a) == is_plain(b)) {
        if run.first().is_some_and(|word| is_plain(word)) {
            run.iter().for_each(|word| field.token(word));
        } else {
            field.encoded(&run.join(" "));
        }
    }
    field.text
}

/// A name, which may be empty, and an address.
pub(super) fn mailbox(header: &str, name: &str, address: &str) -> String {
    let mut field = Field::after(header);
    let name = name.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        field.token(address);
        return field.text;
    }
    let is_atom = name.chars().all(is_atext);
    match if is_atom { Some(name.clone()) } else { quoted(&name) } {
        Some(phrase) if is_plain(&phrase) => field.token(&phrase),
        _ => field.encoded(&name),
    }
    field.token(&format!("<{address}>"));
    field.text
}

/// Whether a word can stand for itself.
fn is_plain(word: &str) -> bool {
    word.is_ascii() && word.len() <= WORD_MAX_BYTES && !word.contains("=?")
}

/// What an atom is made of (RFC 5322 §3.2.3): no dot, which stands only in obsolete phrases and
/// which programs therefore stumble over.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// A quoted-string (RFC 5322 §3.2.4).
fn quoted(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Some(quoted)
}

/// The value of a header that is being written.
struct Field {
    text: String,
    /// How much of the line is written.
    column: usize,
}

impl Field {
    fn after(header: &str) -> Self {
        Self { text: String::new(), column: header.len() + ": ".len() }
    }

    /// Appends what cannot be broken; on a fresh line if it does not fit on this one.
    fn token(&mut self, token: &str) {
        let space = self.space(token.len());
        self.put(space, token);
    }

    /// Appends encoded-words, as many as it takes. The white space between them is not shown.
    fn encoded(&mut self, text: &str) {
        let around = ENCODED.0.len() + ENCODED.1.len();
        let mut rest = text;
        while !rest.is_empty() {
            let space = self.space(around + ENCODED_MIN_BYTES.div_ceil(3) * 4);
            let used = if space == FOLD { 1 } else { self.column + space.len() };
            let fits = LINE_MAX_BYTES.saturating_sub(used + around) / 4 * 3;
            let (part, others) = rest.split_at(rest.floor_char_boundary(fits));
            let (before, after) = ENCODED;
            self.put(space, &format!("{before}{}{after}", BASE64.encode(part)));
            rest = others;
        }
    }

    /// What stands between what is written and a token of this length.
    fn space(&self, length: usize) -> &'static str {
        match self.text.is_empty() {
            true => "",
            false if self.column + 1 + length > LINE_MAX_BYTES => FOLD,
            false => " ",
        }
    }

    fn put(&mut self, space: &str, token: &str) {
        self.column = if space == FOLD { 1 } else { self.column + space.len() } + token.len();
        self.text.push_str(space);
        self.text.push_str(token);
    }
}

const FOLD: &str = "\r\n ";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What RFC 2047 §6 shows of an unfolded value: encoded-words decoded, the space between two
    /// of them dropped.
    fn shown(value: &str) -> String {
        let unfolded = value.replace("\r\n", "");
        let mut out = String::new();
        let mut after_encoded = false;
        for (index, word) in unfolded.split(' ').enumerate() {
            let inside = word.strip_prefix(ENCODED.0).and_then(|word| word.strip_suffix(ENCODED.1));
            if index > 0 && !(after_encoded && inside.is_some()) {
                out.push(' ');
            }
            match inside {
                Some(text) => {
                    let bytes = BASE64.decode(text).unwrap();
                    out.push_str(std::str::from_utf8(&bytes).unwrap());
                }
                None => out.push_str(word),
            }
            after_encoded = inside.is_some();
        }
        out
    }

    /// The name and the address of a mailbox.
    fn taken_apart(value: &str) -> (String, String) {
        let whole = shown(value);
        let (name, address) = whole.rsplit_once(" <").unwrap_or(("", &whole));
        let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
        let name = match unquoted.filter(|_| value.starts_with('"')) {
            Some(quoted) => {
                let mut escaped = false;
                let keep = |c: &char| {
                    escaped = *c == '\\' && !escaped;
                    !escaped
                };
                quoted.chars().filter(keep).collect()
            }
            None => name.to_owned(),
        };
        (name, address.trim_end_matches('>').to_owned())
    }

    fn collapsed(text: &str) -> String {
        text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn subjects_show_what_was_written() {
        for (text, value) in [
            ("", ""),
            ("Confirmed: Monday", "Confirmed: Monday"),
            ("a  b\t c ", "a b c"),
            ("però  però", "=?utf-8?b?cGVyw7IgcGVyw7I=?="),
            ("Da Però a Roma", "Da =?utf-8?b?UGVyw7I=?= a Roma"),
            ("=?utf-8?b?DQpCY2M6?= x", "=?utf-8?b?PT91dGYtOD9iP0RRcENZMk02Pz0=?= x"),
            ("a=?b", "=?utf-8?b?YT0/Yg==?="),
            ("12,50\u{a0}€", "=?utf-8?b?MTIsNTDCoOKCrA==?="),
        ] {
            assert_eq!(unstructured("Subject", text), value, "{text}");
        }
    }

    #[test]
    fn names_are_atoms_or_quoted_or_encoded() {
        for (name, value) in [
            ("", "a@b.example"),
            ("Anna", "Anna <a@b.example>"),
            ("Salon Uno", "\"Salon Uno\" <a@b.example>"),
            ("Bellezza S.p.A.", "\"Bellezza S.p.A.\" <a@b.example>"),
            ("..", "\"..\" <a@b.example>"),
            ("Uno, due", "\"Uno, due\" <a@b.example>"),
            ("The \"One\" \\", "\"The \\\"One\\\" \\\\\" <a@b.example>"),
            ("Però S.p.A.", "=?utf-8?b?UGVyw7IgUy5wLkEu?= <a@b.example>"),
            ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@b.example>"),
        ] {
            assert_eq!(mailbox("From", name, "a@b.example"), value, "{name}");
        }
    }

    #[test]
    fn an_address_behind_a_long_name_stands_on_a_line_of_its_own() {
        let address = format!("{}@example.com", "a".repeat(64));
        let value = mailbox("Reply-To", "Però", &address);
        assert_eq!(value, format!("=?utf-8?b?UGVyw7I=?=\r\n <{address}>"));
    }

    proptest! {
        #[test]
        fn any_subject_comes_back_from_sound_lines(text in "(\\PC{0,9}[ \t]{0,3}){0,40}|[a=?.é ]{0,200}") {
            let value = unstructured("Subject", &text);
            prop_assert_eq!(shown(&value), collapsed(&text));
            for line in format!("Subject: {value}").split("\r\n") {
                prop_assert!(line.len() <= LINE_MAX_BYTES && line.is_ascii());
                prop_assert!(!line.trim().is_empty());
            }
        }

        #[test]
        fn any_name_comes_back_from_sound_lines(name in "\\PC{0,80}|[a=?.\"\\\\é ]{0,200}") {
            let value = mailbox("Reply-To", &name, "anna@example.com");
            let (shown, address) = taken_apart(&value);
            prop_assert_eq!((shown, address.as_str()), (collapsed(&name), "anna@example.com"));
            for line in format!("Reply-To: {value}").split("\r\n") {
                prop_assert!(line.len() <= LINE_MAX_BYTES && line.is_ascii());
                prop_assert!(!line.trim().is_empty());
            }
        }
    }
}
