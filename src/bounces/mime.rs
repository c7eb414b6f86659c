//! As much of MIME (RFC 2045, RFC 2046) as a report needs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The largest mail that is looked at, in bytes.
pub const MAIL_MAX_BYTES: usize = 1024 * 1024;
/// Parts within parts.
const DEPTH_MAX: usize = 5;
/// The most parts of a mail, in all.
const PARTS_MAX: usize = 64;
/// The most header lines of a part that are looked at.
const HEADERS_MAX: usize = 1000;

/// Whoever pads by other rules is understood too.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A leaf: what kind it is, in lower case, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Such as `message/delivery-status`.
    pub kind: String,
    pub text: String,
}

/// Header fields: names in lower case, values unfolded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first of that name, in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads them up to the first empty line; returns what stands behind that.
    pub fn read(text: &str) -> (Self, &str) {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut rest = text;
        for _ in 0..HEADERS_MAX {
            let (line, more) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.strip_suffix('\r').unwrap_or(line);
            let at_end = rest.is_empty();
            rest = more;
            if line.is_empty() || at_end {
                break;
            }
            match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, _, Some((name, value))) => {
                    fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => {}
            }
        }
        (Self(fields), rest)
    }
}

/// The leaves of a mail, in order.
pub fn parts(mail: &str) -> Vec<Part> {
    let mut found = Vec::new();
    gather(mail, 0, &mut found);
    found
}

fn gather(entity: &str, depth: usize, found: &mut Vec<Part>) {
    if depth > DEPTH_MAX || found.len() >= PARTS_MAX {
        return;
    }
    let (fields, body) = Fields::read(entity);
    let content_type = fields.get("content-type").unwrap_or("text/plain");
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match boundary(content_type).filter(|_| kind.starts_with("multipart/")) {
        Some(boundary) => {
            for part in split(body, &boundary).take(PARTS_MAX) {
                gather(part, depth + 1, found);
            }
        }
        None => {
            let encoding = fields.get("content-transfer-encoding").unwrap_or_default();
            let text = decoded(body, &encoding.to_ascii_lowercase()).into_owned();
            found.push(Part { kind, text });
        }
    }
}

/// The parameter `boundary` (RFC 2046 §5.1.1).
fn boundary(content_type: &str) -> Option<String> {
    let at = content_type.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let rest = content_type.get(at..)?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split([';', ' ', '\t']).next()?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// What stands between the boundaries.
fn split<'a>(body: &'a str, boundary: &str) -> impl Iterator<Item = &'a str> {
    let delimiter = format!("--{boundary}");
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let bare = line.trim_end();
        let rest = bare.strip_prefix(delimiter.as_str());
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || *rest == "--") {
            starts.push((at, at + line.len(), rest == "--"));
            if starts.len() > PARTS_MAX {
                break;
            }
        }
        at += line.len();
    }
    let end = body.len();
    (0..starts.len()).filter_map(move |index| {
        let (_, from, is_last) = starts[index];
        let to = starts.get(index + 1).map_or(end, |(before, _, _)| *before);
        (!is_last).then(|| body.get(from..to)).flatten()
    })
}

fn decoded<'a>(body: &'a str, encoding: &str) -> Cow<'a, str> {
    match encoding.trim() {
        "base64" => {
            let letters: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let bytes = BASE64.decode(letters).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned().into()
        }
        "quoted-printable" => String::from_utf8_lossy(&unquoted(body)).into_owned().into(),
        _ => body.into(),
    }
}

/// RFC 2045 §6.7; what is no escape stays as it is.
fn unquoted(body: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(body.len()), body.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match (first, rest) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    rest = after;
                }
                _ => out.push(b'='),
            },
            (byte, _) => out.push(*byte),
        }
    }
    out
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(kind: &str, text: &str) -> Part {
        Part { kind: kind.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn leaves_are_found_at_any_depth_in_any_encoding() {
        let mail = "Content-Type: Multipart/Mixed;\r\n boundary=\"a b\"\r\n\r\nfor old programs\r\n\
            --a b\r\nContent-Type: multipart/report; boundary=c; report-type=x\r\n\r\n\
            --c\r\n\r\nplain\r\n\
            --c\r\nContent-Type: Message/Delivery-Status\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nQWN0aW9uOiBmYWlsZWQ=\r\n\
            --c\r\nContent-Type: text/rfc822-headers\r\n\
            Content-Transfer-Encoding: Quoted-Printable\r\n\r\nA=3Db=\r\nc=\r\n--c--\r\nbehind\r\n\
            --a b--\r\n";
        let expected = [
            part("text/plain", "plain\r\n"),
            part("message/delivery-status", "Action: failed"),
            part("text/rfc822-headers", "A=bc"),
        ];
        assert_eq!(parts(mail), expected);
    }

    #[test]
    fn fields_are_unfolded_and_have_no_case() {
        let (fields, rest) = Fields::read("Subject: a\r\n b\r\nnonsense\r\nX-Y:z\n\nbody\n");
        assert_eq!(
            (fields.get("subject"), fields.get("x-y"), rest),
            (Some("a b"), Some("z"), "body\n")
        );
        let (fields, rest) = Fields::read("Subject: last");
        assert_eq!((fields.get("subject"), rest), (Some("last"), ""));
    }

    #[test]
    fn parts_have_a_bound() {
        let many = "--b\r\n\r\nx\r\n".repeat(10 * PARTS_MAX);
        let mail = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{many}--b--\r\n");
        assert!(parts(&mail).len() <= PARTS_MAX + 1);
        let deep = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(100);
        assert_eq!(parts(&deep), []);
    }

    proptest! {
        #[test]
        fn nothing_that_comes_breaks_it(
            text in "(Content-Type: multipart/mixed; boundary=b\r?\n|--b-?-?\r?\n|\r?\n|=[0-9A-F]?|[ a-z:é]){0,40}",
        ) {
            parts(&text);
        }
    }
}
