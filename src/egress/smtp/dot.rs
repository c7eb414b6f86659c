//! The message as DATA wants it (RFC 5321 §4.5.2).

/// Appends `raw` to `out` with a second dot before each line that begins with one, and then the
/// final dot. `raw` has its lines ended by CRLF.
pub(super) fn write_data(raw: &[u8], out: &mut Vec<u8>) {
    out.reserve(raw.len() + 8);
    if has_dotted_line(raw) {
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            if line.first() == Some(&b'.') {
                out.push(b'.');
            }
            out.extend_from_slice(line);
        }
    } else {
        out.extend_from_slice(raw);
    }
    if !raw.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

/// No early exit: so it is compiled to vector instructions, and nearly every message is read to
/// its end anyway.
fn has_dotted_line(raw: &[u8]) -> bool {
    let pairs = raw.iter().zip(raw.iter().skip(1));
    let later = pairs.fold(false, |found, (a, b)| found | ((*a == b'\n') & (*b == b'.')));
    later || raw.first() == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_at_the_beginning_of_a_line_are_doubled() {
        for (raw, expected) in [
            ("", "\r\n.\r\n"),
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            (".a\r\n..\r\nb.c\r\n", "..a\r\n...\r\nb.c\r\n.\r\n"),
            ("x\r\n.\r\nMAIL FROM:<y>\r\n", "x\r\n..\r\nMAIL FROM:<y>\r\n.\r\n"),
            ("a\n.\r\n", "a\n..\r\n.\r\n"),
        ] {
            let mut out = Vec::new();
            write_data(raw.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{raw:?}");
        }
    }
}
