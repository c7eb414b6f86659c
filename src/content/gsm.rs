//! The GSM 7-bit default alphabet and how a text falls into SMS segments (3GPP TS 23.038,
//! TS 23.040 §9.2.3.24.1).

/// What one unconcatenated message holds, in septets.
const SINGLE_SEPTETS: u32 = 160;
/// What each part of a concatenated one holds, beside its header.
const PART_SEPTETS: u32 = 153;
/// What one unconcatenated message holds, in UTF-16 code units.
const SINGLE_UNITS: u32 = 70;
/// What each part of a concatenated one holds, beside its header.
const PART_UNITS: u32 = 67;

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmsEncoding {
    /// The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038 §6.2.1).
    Gsm7,
    /// 16 bits a character; above U+FFFF, a surrogate pair (§6.2.3).
    Ucs2,
}

/// How a text travels, and in how many segments, from 1.
pub(super) fn measure(text: &str) -> (SmsEncoding, u32) {
    let total: Option<u32> = text.chars().map(septets).sum();
    match total {
        Some(total) if total <= SINGLE_SEPTETS => (SmsEncoding::Gsm7, 1),
        Some(_) => (SmsEncoding::Gsm7, parts(text.chars().filter_map(septets), PART_SEPTETS)),
        None => {
            let widths = || text.chars().map(|c| if c.len_utf16() == 2 { 2 } else { 1 });
            let total: u32 = widths().sum();
            let single = total <= SINGLE_UNITS;
            (SmsEncoding::Ucs2, if single { 1 } else { parts(widths(), PART_UNITS) })
        }
    }
}

/// Neither an escape sequence nor a surrogate pair is torn: what does not fit opens the next part.
fn parts(widths: impl Iterator<Item = u32>, part: u32) -> u32 {
    let (mut count, mut used) = (1_u32, 0);
    for width in widths {
        if used + width > part {
            count = count.saturating_add(1);
            used = 0;
        }
        used += width;
    }
    count
}

/// How many septets a character takes; none where the alphabet lacks it.
pub(super) fn septets(c: char) -> Option<u32> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => 1,
        ' ' | '!' | '"' | '#' | '%' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | '-' | '.'
        | '/' | ':' | ';' | '<' | '=' | '>' | '?' | '@' | '$' | '_' | '\n' | '\r' => 1,
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Æ' | 'æ' | 'ß'
        | 'É' | '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => {
            1
        }
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => 1,
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_alphabet_is_complete() {
        let count = |width| {
            (0..=0x2fff_u32)
                .filter_map(char::from_u32)
                .filter(move |c| septets(*c) == Some(width))
                .count()
        };
        // 128 positions without the escape; the extension table of TS 23.038 §6.2.1.1.
        assert_eq!((count(1), count(2)), (127, 10));
        for missing in ['ç', 'ê', 'á', 'í', 'ó', 'ú', '’', '–', '«', '`', '\t', '\u{a0}', '😀']
        {
            assert_eq!(septets(missing), None, "{missing}");
        }
    }

    #[test]
    fn segments_by_the_book() {
        use SmsEncoding::{Gsm7, Ucs2};
        for (text, expected) in [
            (String::new(), (Gsm7, 1)),
            ("a".repeat(160), (Gsm7, 1)),
            ("a".repeat(161), (Gsm7, 2)),
            ("a".repeat(306), (Gsm7, 2)),
            ("a".repeat(307), (Gsm7, 3)),
            ("€".repeat(80), (Gsm7, 1)),
            ("€".repeat(81), (Gsm7, 2)),
            // 76 pairs fill 152 of 153 septets: the last is wasted, never half a character.
            ("€".repeat(152), (Gsm7, 2)),
            ("€".repeat(153), (Gsm7, 3)),
            ("ç".repeat(70), (Ucs2, 1)),
            ("ç".repeat(71), (Ucs2, 2)),
            ("ç".repeat(134), (Ucs2, 2)),
            ("ç".repeat(135), (Ucs2, 3)),
            ("😀".repeat(35), (Ucs2, 1)),
            ("😀".repeat(36), (Ucs2, 2)),
            ("😀".repeat(66), (Ucs2, 2)),
            ("😀".repeat(67), (Ucs2, 3)),
        ] {
            assert_eq!(measure(&text), expected, "{} characters", text.chars().count());
        }
    }

    proptest! {
        #[test]
        fn more_text_never_takes_fewer_segments(text in "(?s).{0,400}", more in "(?s).{1,20}") {
            let (_, before) = measure(&text);
            let (_, after) = measure(&format!("{text}{more}"));
            prop_assert!(before >= 1 && after >= before);
        }

        #[test]
        fn segments_hold_what_they_are_charged_for(text in "[a-z€\\[\\]é ]{0,800}") {
            let (encoding, segments) = measure(&text);
            prop_assert_eq!(encoding, SmsEncoding::Gsm7);
            let total: u32 = text.chars().filter_map(septets).sum();
            prop_assert!(total <= SINGLE_SEPTETS.max(segments * PART_SEPTETS));
            // At most one septet of each part is wasted.
            prop_assert!(segments == 1 || total > (segments - 1) * (PART_SEPTETS - 1));
        }
    }
}
