//! Quoted-printable (RFC 2045 §6.7): text for any path, with no line too long, no bare CR or LF
//! and no line that begins with a dot.

/// The longest encoded line, in bytes, without its CRLF.
const LINE_MAX_BYTES: usize = 76;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text`, encoded; each CRLF, CR or LF becomes CRLF.
pub(super) fn encode(text: &str, out: &mut Vec<u8>) {
    let mut encoder = Encoder { out, column: 0 };
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (run, others) = rest.split_at(literal_run(rest));
        encoder.run(run, others.first());
        rest = match others {
            [] => others,
            [b'\r', b'\n', after @ ..] | [b'\r' | b'\n', after @ ..] => {
                encoder.line_break();
                after
            }
            [byte, after @ ..] => {
                encoder.escape(*byte);
                after
            }
        };
    }
}

/// How many of the first bytes stand for themselves, white space among them.
fn literal_run(bytes: &[u8]) -> usize {
    let mut length = printable_run(bytes);
    while bytes.get(length) == Some(&b'\t') {
        length += 1;
        length += printable_run(&bytes[length..]);
    }
    length
}

/// How many of the first bytes stand for themselves, eight looked at in one step.
fn printable_run(bytes: &[u8]) -> usize {
    let (eights, rest) = bytes.as_chunks();
    for (index, eight) in eights.iter().enumerate() {
        let others = others(*eight);
        if others != 0 {
            return index * 8 + others.trailing_zeros() as usize / 8;
        }
    }
    let printable = |byte: &u8| matches!(byte, b' '..=b'<' | b'>'..=b'~');
    let tail = rest.iter().position(|byte| !printable(byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// The lowest bit set is the high bit of the first byte that is not printable ASCII or is `=`: up
/// to there no byte carries into the next or borrows from it.
fn others(eight: [u8; 8]) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(eight);
    let controls = word.wrapping_sub(EACH * 0x20);
    let equals_signs = (word ^ (EACH * 0x3d)).wrapping_sub(EACH);
    let deletes = word.wrapping_add(EACH);
    (word | controls | equals_signs | deletes) & (EACH * 0x80)
}

struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
}

impl Encoder<'_> {
    /// Writes a run of literals. White space may not stand for itself at the end of a line.
    fn run(&mut self, run: &[u8], next: Option<&u8>) {
        match run {
            [before @ .., blank @ (b' ' | b'\t')] if matches!(next, None | Some(b'\r' | b'\n')) => {
                self.literals(before);
                self.escape(*blank);
            }
            _ => self.literals(run),
        }
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

    fn escape(&mut self, byte: u8) {
        self.soften(3);
        let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
        self.out.extend_from_slice(&[b'=', high, low]);
        self.column += 3;
    }

    /// Breaks the line softly if `needed` more bytes do not fit.
    fn soften(&mut self, needed: usize) {
        if self.column + needed > LINE_MAX_BYTES - 1 {
            self.out.extend_from_slice(b"=\r\n");
            self.column = 0;
        }
    }

    fn line_break(&mut self) {
        self.out.extend_from_slice(b"\r\n");
        self.column = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        encode(text, &mut out);
        String::from_utf8(out).unwrap()
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

    #[test]
    fn eight_bytes_at_once_are_told_apart_as_one_by_one() {
        for around in [b' ', b'<', b'>', b'~'] {
            for (byte, place) in (0..=u8::MAX).flat_map(|byte| (0..8).map(move |at| (byte, at))) {
                let mut bytes = [around; 8];
                bytes[place] = byte;
                let other = !matches!(byte, b' '..=b'~') || byte == b'=';
                let expected = if other { place } else { bytes.len() };
                assert_eq!(printable_run(&bytes), expected, "{bytes:?}");
            }
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
