//! The relaxed forms of header fields and bodies (RFC 6376 §3.4.2, §3.4.4).

/// A header field, without the line break at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a [u8],
    /// With the line breaks inside of it.
    pub value: &'a [u8],
}

/// The fields above a body, in their order, and the body. What is no field is left out.
pub fn split(mail: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let end = find(mail, b"\r\n\r\n");
    let (head, body) = match end {
        Some(at) => (&mail[..at + 2], &mail[at + 4..]),
        None => (mail, &[][..]),
    };
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let length = field_length(rest);
        let (field, more) = rest.split_at(length);
        let field = field.strip_suffix(b"\r\n").unwrap_or(field);
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            fields.push(Field { name: &field[..colon], value: &field[colon + 1..] });
        }
        rest = more;
    }
    (fields, body)
}

/// Up to the line break behind which no white space continues it.
fn field_length(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) = find(&text[from..], b"\r\n") {
        from += at + 2;
        if !text.get(from).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            return from;
        }
    }
    text.len()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// `name:value`, the name in lower case, the value unfolded and with single spaces.
pub fn header(field: Field<'_>) -> Vec<u8> {
    let mut relaxed: Vec<u8> = field.name.trim_ascii_end().to_ascii_lowercase();
    relaxed.push(b':');
    let unfolded: Vec<u8> =
        field.value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    relaxed.extend(single_spaces(&unfolded).trim_ascii_start());
    relaxed
}

/// Single spaces, none at the end of a line, no empty lines at the end, and one line break there
/// unless it is empty.
pub fn body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len() + 2);
    let mut empty = 0;
    for line in lines(body) {
        let line = single_spaces(line);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            relaxed.extend_from_slice(b"\r\n");
        }
        relaxed.extend_from_slice(&line);
        relaxed.extend_from_slice(b"\r\n");
    }
    relaxed
}

fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        Some(match find(text, b"\r\n") {
            Some(at) => {
                rest = Some(&text[at + 2..]);
                &text[..at]
            }
            None => text,
        })
    })
}

/// Each run of spaces and tabs as one space; none at the end.
fn single_spaces(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut space = false;
    for byte in text {
        match byte {
            b' ' | b'\t' => space = true,
            byte => {
                if std::mem::take(&mut space) {
                    out.push(b' ');
                }
                out.push(*byte);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6376 §3.4.5, examples 1 and 2.
    #[test]
    fn the_rfc_s_own_example() {
        let mail = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (fields, rest) = split(mail);
        let headers: Vec<_> = fields.into_iter().map(header).collect();
        assert_eq!(headers, [b"a:X".to_vec(), b"b:Y Z".to_vec()]);
        assert_eq!(body(rest), b" C\r\nD E\r\n");
    }

    #[test]
    fn bodies() {
        for (raw, expected) in [
            (&b""[..], &b""[..]),
            (b"\r\n", b""),
            (b"\r\n\r\n \t\r\n", b""),
            (b"a", b"a\r\n"),
            (b"a\r\n", b"a\r\n"),
            (b"a \r\n\r\nb\t \r\n \r\n", b"a\r\n\r\nb\r\n"),
            (b"\r\na", b"\r\na\r\n"),
        ] {
            assert_eq!(body(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn what_is_no_field_is_left_out() {
        let (fields, rest) = split(b"From: a\r\nnonsense\r\nTo: b\r\n c\r\n");
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        assert_eq!((names, rest), (vec![&b"From"[..], b"To"], &b""[..]));
        assert_eq!(fields[1].value, b" b\r\n c");
    }

    proptest! {
        /// What is relaxed stays as it is, and no spaces at the ends of lines make a difference.
        #[test]
        fn relaxing_is_done_once(text in "[ab \\t\\r\\n]{0,60}") {
            let text = text.replace('\r', "").replace('\n', "\r\n");
            let once = body(text.as_bytes());
            prop_assert_eq!(&body(&once), &once);
            let wider = text.replace("\r\n", " \t\r\n");
            prop_assert_eq!(body(wider.as_bytes()), once);
        }
    }
}
