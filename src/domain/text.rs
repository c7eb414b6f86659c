//! One rule for every text that enters: what is written otherwise, what is taken out, what refuses
//! it, and how long it may be.
//!
//! | what | in a line | in text of many lines |
//! |---|---|---|
//! | letters with marks of their own (`e` + U+0301) | composed (NFC, UAX #15) | the same |
//! | what reorders its surroundings (UAX #9 §2.1–2.5: U+202A–202E, U+2066–2069) | taken out | the
//! same |
//! | U+FEFF, U+FFF9–FFFB, U+2060–2064, U+206A–206F, noncharacters | taken out | the same |
//! | line breaks (CR LF, CR, LF, U+2028, U+2029) | refused | one LF |
//! | a tab | refused | as it is |
//! | any other control character (C0, DEL, C1) | refused | the same |
//! | nothing that can be seen | refused | refused, or none, as the field says |
//!
//! Taken out is what word processors and telephones put around a pasted name, and nobody typed;
//! refused is what must be a mistake or worse. Joiners (U+200C, U+200D), variation selectors and
//! the marks U+200E, U+200F, U+061C stay: scripts and emoji need them.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::invalid::Invalid;

/// The longest name (of a person, a tenant, a service, an activity, a place), in characters.
pub const NAME_MAX_CHARS: usize = 200;
/// The longest other line (what a payment is for, what was sold), in characters.
pub const LINE_MAX_CHARS: usize = 500;
/// The longest text of many lines (reasons, notes), in characters.
pub const TEXT_MAX_CHARS: usize = 2000;
/// How many bytes a character of a text may have on average, once composed: as many as one of
/// UTF-8 can. Composing makes a few characters (UAX #15 §5, "composition exclusions") longer.
pub const CHAR_MAX_BYTES: usize = 4;

/// What shows nothing where it stands: whitespace aside, Unicode's Default_Ignorable_Code_Point
/// (DerivedCoreProperties.txt) and the empty cell of Braille. In order.
pub const INVISIBLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// One line that a person reads: not blank, of at most `max_chars` characters as it came, and no
/// more than [`CHAR_MAX_BYTES`] bytes for each of them.
///
/// # Errors
/// Says what is wrong with the text, without repeating it.
pub fn line(text: &str, max_chars: usize) -> Result<String, Invalid> {
    check_length(text, max_chars)?;
    if text.contains(['\n', '\r', '\t']) || text.contains(is_separator) {
        return Err(Invalid::new("contains a line break or tab"));
    }
    let line = clean(text)?;
    if is_blank(&line) {
        return Err(Invalid::new("is empty"));
    }
    check_bytes(&line, max_chars)?;
    Ok(line.into_owned())
}

/// Text of any number of lines, of at most `max_chars` characters as it came. Empty where there is
/// nothing to be seen.
///
/// # Errors
/// Says what is wrong with the text, without repeating it.
pub fn lines(text: &str, max_chars: usize) -> Result<String, Invalid> {
    check_length(text, max_chars)?;
    let text = many_lines(text)?;
    check_bytes(&text, max_chars)?;
    Ok(text)
}

/// Text of any number of lines, not blank, of at most `max_bytes` bytes.
///
/// # Errors
/// Says what is wrong with the text, without repeating it.
pub fn body(text: &str, max_bytes: usize) -> Result<String, Invalid> {
    let too_long = || Invalid::new(format!("is longer than {max_bytes} bytes"));
    if text.len() > max_bytes {
        return Err(too_long());
    }
    let text = many_lines(text)?;
    match text.len() {
        0 => Err(Invalid::new("is empty")),
        length if length > max_bytes => Err(too_long()),
        _ => Ok(text),
    }
}

/// Whether a reader sees nothing of it.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Whether the character turns the order of others around it: embeddings, overrides, isolates.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether it shows nothing where it stands, whitespace aside.
pub fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Whether it may stand in an address or an id: it shows something, or joins what does.
pub fn is_printable(c: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    !c.is_control()
        && !c.is_whitespace()
        && !is_separator(c)
        && (joins || !is_invisible(c))
        && !is_noncharacter(c)
}

/// The text without what shows nothing at its ends: telephones put U+202A and U+202C around the
/// numbers that are copied from them.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// The same text with composed letters (NFC): two ways to write a name are one.
pub fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

fn many_lines(text: &str) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n").replace(|c| c == '\r' || is_separator(c), "\n");
    let text = clean(&text)?;
    Ok(if is_blank(&text) { String::new() } else { text.into_owned() })
}

/// Composed, without what nobody typed.
fn clean(text: &str) -> Result<Cow<'_, str>, Invalid> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Invalid::new("contains a control character"));
    }
    if !text.contains(is_dropped) {
        return Ok(composed(text));
    }
    Ok(Cow::Owned(text.chars().filter(|c| !is_dropped(*c)).nfc().collect()))
}

fn is_dropped(c: char) -> bool {
    let stray = matches!(
        c,
        '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    );
    stray || is_bidi_control(c) || is_noncharacter(c)
}

/// Never a character of anybody's (Unicode §23.7).
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// LINE SEPARATOR and PARAGRAPH SEPARATOR.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

fn check_length(text: &str, max_chars: usize) -> Result<(), Invalid> {
    if text.chars().nth(max_chars).is_some() {
        return Err(Invalid::new(format!("is longer than {max_chars} characters")));
    }
    Ok(())
}

fn check_bytes(text: &str, max_chars: usize) -> Result<(), Invalid> {
    let max_bytes = max_chars * CHAR_MAX_BYTES;
    if text.len() > max_bytes {
        return Err(Invalid::new(format!("is longer than {max_bytes} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_composed_and_freed_of_what_nobody_typed() {
        for (given, kept) in [
            ("Anna Rossi", "Anna Rossi"),
            ("Jose\u{301}", "José"),
            ("\u{2068}Anna\u{2069} Rossi", "Anna Rossi"),
            ("\u{202e}annA\u{202c}", "annA"),
            ("\u{feff}Anna", "Anna"),
            ("Anna\u{fffe}", "Anna"),
            ("क\u{93c}्ष\u{200d}", "क\u{93c}्ष\u{200d}"),
            ("עברית \u{200f}1", "עברית \u{200f}1"),
            ("👩\u{200d}🔧 ❤\u{fe0f}", "👩\u{200d}🔧 ❤\u{fe0f}"),
        ] {
            assert_eq!(line(given, 20).unwrap(), kept, "{given:?}");
        }
    }

    #[test]
    fn a_line_that_is_none() {
        for (bad, why) in [
            ("", "is empty"),
            (" \u{a0}\u{3000}", "is empty"),
            ("\u{200b}\u{200d}\u{ad}", "is empty"),
            ("\u{202e}\u{2066}", "is empty"),
            ("\u{3164}\u{2800}", "is empty"),
            ("Anna\nRossi", "line break"),
            ("Anna\u{2028}Rossi", "line break"),
            ("Anna\u{2029}", "line break"),
            ("Anna\tRossi", "line break or tab"),
            ("Anna\r\nBcc: x", "line break"),
            ("Anna\u{0}", "control character"),
            ("Anna\u{85}", "control character"),
            ("Anna\u{1b}[2J", "control character"),
            ("twenty-one characters", "longer than 20 characters"),
        ] {
            let refusal = line(bad, 20).unwrap_err();
            assert!(refusal.0.contains(why), "{bad:?}: {refusal}");
        }
    }

    /// A musical note of one character is three once composed.
    #[test]
    fn a_line_is_bounded_in_bytes() {
        assert_eq!(line(&"𝒳".repeat(20), 20).unwrap().len(), 80);
        let refusal = line(&"\u{1d160}".repeat(20), 20).unwrap_err();
        assert!(refusal.0.contains("longer than 80 bytes"), "{refusal}");
    }

    #[test]
    fn many_lines_end_in_one_way() {
        let given = "a\r\nb\rc\u{2028}d\u{2029}\te\u{202e}";
        assert_eq!(lines(given, 20).unwrap(), "a\nb\nc\nd\n\te");
        assert_eq!(lines(" \u{200b}\n", 20).unwrap(), "");
        for bad in ["a\u{0}", "a\u{7}", "a\u{9b}b"] {
            assert!(lines(bad, 20).unwrap_err().0.contains("control character"), "{bad:?}");
        }
        assert!(lines("twenty-one characters", 20).is_err());
    }

    #[test]
    fn a_body_is_not_blank_and_has_a_limit_in_bytes() {
        assert_eq!(body("a\r\n\tb", 8).unwrap(), "a\n\tb");
        assert!(body("èèèè", 8).is_ok());
        for bad in ["", " \n", "\u{200b}", "èèèèè", "a\u{7}"] {
            assert!(body(bad, 8).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_shows_nothing_is_listed_in_order() {
        let ends = INVISIBLE.iter().flat_map(|(first, last)| [*first, *last]);
        assert!(ends.is_sorted());
    }

    proptest! {
        /// What is taken holds nothing of what is taken out, and is taken again as it is.
        #[test]
        fn what_is_taken_is_taken_again(text in "\\PC{0,20}[\u{202a}-\u{202e}\u{2066}e\u{301}]{0,4}") {
            if let Ok(kept) = line(&text, 40) {
                prop_assert!(!kept.contains(is_dropped));
                prop_assert_eq!(line(&kept, 160).unwrap(), kept);
            }
            if let Ok(kept) = lines(&text, 40) {
                prop_assert!(!kept.contains(is_dropped));
                prop_assert_eq!(lines(&kept, 160).unwrap(), kept);
            }
        }
    }
}
