//! Quoted-printable (RFC 2045 §6.7): text for any path, with no line too long, no bare CR or LF
//! and no line that begins with a dot.

/// The longest encoded line, in bytes, without its CRLF.
const LINE_MAX_BYTES: usize = 76;
/// How much is looked at in one step.
const CHUNK_BYTES: usize = 16;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes `text`; each CRLF, CR or LF becomes CRLF.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut encoder = Encoder { out: Vec::with_capacity(rest.len() + rest.len() / 8), column: 0 };
    while let Some(first) = rest.first() {
        let run = literal_run(rest);
        let taken = match (first, rest.get(1)) {
            _ if run > 0 => encoder.run(&rest[..run], rest.get(run)),
            (b'\r', Some(b'\n')) => encoder.line_break(2),
            (b'\r' | b'\n', _) => encoder.line_break(1),
            _ => encoder.escape(*first),
        };
        rest = &rest[taken..];
    }
    encoder.out
}

/// How many of the first bytes stand for themselves, white space among them.
fn literal_run(bytes: &[u8]) -> usize {
    let literal = |byte: &u8| matches!(byte, b' '..=b'<' | b'>'..=b'~' | b'\t');
    // Whole chunks without an early exit become vector instructions.
    let chunks = bytes.chunks_exact(CHUNK_BYTES);
    let whole =
        chunks.take_while(|chunk| chunk.iter().fold(true, |all, b| all & literal(b))).count();
    let sure = whole * CHUNK_BYTES;
    let rest = &bytes[sure..];
    sure + rest.iter().position(|byte| !literal(byte)).unwrap_or(rest.len())
}

struct Encoder {
    out: Vec<u8>,
    column: usize,
}

impl Encoder {
    /// Writes a run of literals. White space may not stand for itself at the end of a line.
    fn run(&mut self, run: &[u8], next: Option<&u8>) -> usize {
        match run {
            [before @ .., blank @ (b' ' | b'\t')] if matches!(next, None | Some(b'\r' | b'\n')) => {
                self.literals(before);
                self.escape(*blank);
            }
            _ => self.literals(run),
        }
        run.len()
    }

    fn literals(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.soften(1);
            if self.column == 0 && bytes[0] == b'.' {
                self.escape(b'.');
                bytes = &bytes[1..];
                continue;
            }
            // The last column is for the `=` of a soft line break.
            let (fit, rest) = bytes.split_at(bytes.len().min(LINE_MAX_BYTES - 1 - self.column));
            self.out.extend_from_slice(fit);
            self.column += fit.len();
            bytes = rest;
        }
    }

    fn escape(&mut self, byte: u8) -> usize {
        self.soften(3);
        let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
        self.out.extend_from_slice(&[b'=', high, low]);
        self.column += 3;
        1
    }

    /// Breaks the line softly if `needed` more bytes do not fit.
    fn soften(&mut self, needed: usize) {
        if self.column + needed > LINE_MAX_BYTES - 1 {
            self.out.extend_from_slice(b"=\r\n");
            self.column = 0;
        }
    }

    fn line_break(&mut self, read: usize) -> usize {
        self.out.extend_from_slice(b"\r\n");
        self.column = 0;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        String::from_utf8(encode(text)).unwrap()
    }

    fn decoded(encoded: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = encoded.as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            rest = match (first, tail) {
                (b'=', [b'\r', b'\n', tail @ ..]) => tail,
                (b'=', [high, low, tail @ ..]) => {
                    let hex = [*high, *low];
                    let hex = std::str::from_utf8(&hex).unwrap();
                    bytes.push(u8::from_str_radix(hex, 16).unwrap());
                    tail
                }
                _ => {
                    bytes.push(*first);
                    tail
                }
            };
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_stands_for_itself_and_what_does_not() {
        for (text, expected) in [
            ("plain text", "plain text"),
            ("a=b", "a=3Db"),
            ("è", "=C3=A8"),
            ("end \nnext\t", "end=20\r\nnext=09"),
            ("a\r\nb\nc\rd", "a\r\nb\r\nc\r\nd"),
            (".\n..x\na.b", "=2E\r\n=2E.x\r\na.b"),
            ("\u{0}\u{7f}", "=00=7F"),
        ] {
            assert_eq!(encoded(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_sound_lines(text in "[ -~é€.=\t\r\n]{0,400}") {
            let encoded = encoded(&text);
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= LINE_MAX_BYTES && line.is_ascii());
                prop_assert!(!line.contains(['\r', '\n']) && !line.starts_with('.'));
                prop_assert!(!line.ends_with([' ', '\t']));
            }
            let unified = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            prop_assert_eq!(decoded(&encoded), unified);
        }
    }
}
