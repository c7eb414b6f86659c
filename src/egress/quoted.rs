//! Finds what a server quotes of a message, however it spells it: percent-encoded, escaped as in
//! JSON or HTML, in other letters' case, or broken over lines.

use std::ops::Range;

use super::personal::{Personal, Sought};

/// What stands in place of it.
pub(super) const MASK: &str = "***";
/// How much of a reply is looked through, in bytes. Far more than is kept.
const LOOKED_THROUGH_MAX_BYTES: usize = 16 * 1024;
/// How much of it is given back, so that nothing that ends beyond what was looked through begins
/// in it.
const GIVEN_BACK_MAX_BYTES: usize = 8 * 1024;
/// A phone number without its country has as many digits.
const NUMBER_MIN_DIGITS: usize = 7;
/// What is encoded twice is decoded twice.
const DECODED_TIMES: usize = 2;
/// The most signs between two digits of a number.
const NUMBER_GAP_MAX: usize = 3;

/// A letter as it is meant, and where it stands in the text.
#[derive(Debug, Clone)]
struct Sign {
    c: char,
    at: Range<usize>,
}

/// The text with what is personal masked; of a very long one the beginning.
pub(super) fn mask_quoted(text: &str, personal: &Personal) -> String {
    let text = head(text, LOOKED_THROUGH_MAX_BYTES);
    let mut masked = vec![false; text.len()];
    let found = signs(text);
    let (line, owners) = joined(&found);
    for sought in personal.sought() {
        for range in places(&line, &owners, &found, sought) {
            masked[range].fill(true);
        }
    }
    for number in personal.numbers() {
        for range in numbers(text, number) {
            masked[range].fill(true);
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut before = false;
    for (at, c) in head(text, GIVEN_BACK_MAX_BYTES).char_indices() {
        match masked[at] {
            true if !before => out.push_str(MASK),
            true => {}
            false => out.push(c),
        }
        before = masked[at];
    }
    out
}

fn head(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// The text's letters as they are meant, in lower case and without white space and escapes.
fn signs(text: &str) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(text.len());
    let mut skipped_to = 0;
    for (at, c) in text.char_indices() {
        if at < skipped_to || c.is_whitespace() || c.is_control() || c == '\\' || is_unseen(c) {
            continue;
        }
        let length = if text[at..].starts_with("&amp;") { "&amp;".len() } else { c.len_utf8() };
        skipped_to = at + length;
        let c = c.to_lowercase().next().unwrap_or(c);
        signs.push(Sign { c, at: at..skipped_to });
    }
    for _ in 0..DECODED_TIMES {
        if !signs.iter().any(|sign| sign.c == '%') {
            break;
        }
        signs = decoded(&signs);
    }
    signs
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Percent-encoding undone.
fn decoded(signs: &[Sign]) -> Vec<Sign> {
    let mut out = Vec::with_capacity(signs.len());
    let mut rest = signs;
    while let Some((first, others)) = rest.split_first() {
        let (mut bytes, mut at, mut left) = (Vec::new(), first.at.clone(), rest);
        while let [percent, high, low, behind @ ..] = left
            && percent.c == '%'
            && let (Some(high), Some(digit)) = (high.c.to_digit(16), low.c.to_digit(16))
        {
            bytes.push(u8::try_from(16 * high + digit).unwrap_or_default());
            (at.end, left) = (low.at.end, behind);
        }
        if bytes.is_empty() {
            out.push(first.clone());
            rest = others;
            continue;
        }
        for c in String::from_utf8_lossy(&bytes).chars().filter(|c| !c.is_whitespace()) {
            out.push(Sign { c: c.to_lowercase().next().unwrap_or(c), at: at.clone() });
        }
        rest = left;
    }
    out
}

/// The signs as a text, and of each of its bytes which sign it belongs to.
fn joined(signs: &[Sign]) -> (String, Vec<usize>) {
    let mut line = String::with_capacity(signs.len());
    let mut owners = Vec::with_capacity(signs.len());
    for (index, sign) in signs.iter().enumerate() {
        line.push(sign.c);
        owners.resize(line.len(), index);
    }
    (line, owners)
}

/// Where `sought` stands in the text.
fn places(line: &str, owners: &[usize], signs: &[Sign], sought: &Sought) -> Vec<Range<usize>> {
    let (needle, _) = joined(&self::signs(&sought.text));
    if needle.is_empty() {
        return Vec::new();
    }
    let place = |(at, found): (usize, &str)| {
        let (first, last) = (*owners.get(at)?, *owners.get(at + found.len() - 1)?);
        let range = signs.get(first)?.at.start..signs.get(last)?.at.end;
        (!sought.whole || stands_alone(signs, first, last)).then_some(range)
    };
    line.match_indices(needle.as_str()).filter_map(place).collect()
}

/// Whether nothing of a word touches it.
fn stands_alone(signs: &[Sign], first: usize, last: usize) -> bool {
    let touch = |one: &Sign, next: &Sign| one.at.end >= next.at.start;
    let before = first.checked_sub(1).map(|before| (&signs[before], &signs[first]));
    let behind = signs.get(last + 1).map(|behind| (&signs[last], behind));
    !before.is_some_and(|(sign, own)| sign.c.is_alphanumeric() && touch(sign, own))
        && !behind.is_some_and(|(own, sign)| sign.c.is_alphanumeric() && touch(own, sign))
}

/// Where a phone number stands, with or without its country, and however its digits are grouped.
fn numbers(text: &str, number: &str) -> Vec<Range<usize>> {
    let digits: Vec<(usize, u8)> =
        text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).collect();
    let number = number.as_bytes();
    let mut found = Vec::new();
    for (index, (end, _)) in digits.iter().enumerate() {
        if text.as_bytes().get(end + 1).is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let ends = digits[..=index].iter().rev().zip(number.iter().rev());
        let mut next = *end;
        let same = ends.take_while(|((at, digit), own)| {
            let between = text.get(at + 1..next.max(at + 1)).unwrap_or_default();
            next = *at;
            digit == *own && is_gap(between)
        });
        let same: Vec<usize> = same.map(|((at, _), _)| *at).collect();
        if let (NUMBER_MIN_DIGITS.., Some(start)) = (same.len(), same.last()) {
            let before = text[..*start].trim_end_matches(|c: char| c.is_ascii_digit());
            let before = before.strip_suffix('+').unwrap_or(before);
            found.push(before.len()..end + 1);
        }
    }
    found
}

/// Whether such signs stand within a number.
fn is_gap(between: &str) -> bool {
    between.chars().count() <= NUMBER_GAP_MAX && between.chars().all(|c| " -./()\u{a0}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://app.example/reset/S3cretT0ken?code=a%2Fb-c_9";

    fn masked(text: &str) -> String {
        let personal = Personal::default().with_link(LINK).with_phone("+39 333 1234567");
        mask_quoted(text, &personal.with_name("Anna Rossi").with_name("anna.r@example.com"))
    }

    #[test]
    fn a_link_is_found_however_it_is_quoted() {
        for (text, expected) in [
            (LINK, "https://app.example/***"),
            ("path /reset/S3cretT0ken?code=a%2fb-c_9 bad", "path /*** bad"),
            ("token=S3cretT0ken", "token=***"),
            ("xS3CRETt0kenx", "x***x"),
            ("code a/b-c_9!", "code ***!"),
            (
                "https%3A%2F%2Fapp.example%2Freset%2FS3cretT0ken",
                "https%3A%2F%2Fapp.example%2F***%2F***",
            ),
            (
                "https%253A%252F%252Fapp.example%252Freset%252FS3cretT0ken%253Fcode%253Da%252Fb-c_9",
                "https%253A%252F%252Fapp.example%252F***",
            ),
            (
                "https:\\/\\/app.example\\/reset\\/S3cretT0ken",
                "https:\\/\\/app.example\\/***\\/***",
            ),
            (
                "https://app.example/reset/S3cr\netT0k\u{200b}en is bad",
                "https://app.example/***/*** is bad",
            ),
            ("%53%33cretT0ken", "***"),
            ("presets and code", "presets and code"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn whom_it_is_for_is_found_as_words() {
        for (text, expected) in [
            ("dear Anna Rossi!", "dear ***!"),
            ("dear ANNA\nROSSI", "dear ***"),
            ("Rossi, Anna: no", "***, ***: no"),
            ("user=anna.r: anna%2Er AT example.com", "user=***: *** AT example.com"),
            ("<Anna.R@example.com>", "<***>"),
            ("annals of rossini", "annals of rossini"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn a_phone_number_is_found_however_it_is_grouped() {
        for (text, expected) in [
            ("+393331234567.", "***."),
            ("0039 333-123-4567", "*** "),
            ("550 333 123 45 67", "550 ***"),
            ("no. 1234567", "no. ***"),
            ("(333) 1234567 is off", "(*** is off"),
            ("234567 and 12345678", "234567 and 12345678"),
        ] {
            assert!(masked(text).starts_with(expected.trim_end()), "{text}: {}", masked(text));
            assert!(!masked(text).contains("4567") || text.starts_with("234567"), "{text}");
        }
    }

    #[test]
    fn of_a_very_long_reply_nothing_is_left_half() {
        let text =
            format!("{}{}", "x ".repeat(GIVEN_BACK_MAX_BYTES / 2 - 3), "S3cretT0ken".repeat(9));
        let kept = masked(&text);
        assert!(kept.ends_with("x ***") && kept.len() < text.len(), "{}", kept.len());
        assert!(!masked(&"S3cretT0ken ".repeat(9000)).contains("S3c"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "\\PC{0,80}", link in "\\PC{0,40}", name in "\\PC{0,20}") {
            let personal = Personal::default().with_link(&link).with_name(&name).with_phone(&text);
            mask_quoted(&format!("{text}{link}{name}\n{text}"), &personal);
        }
    }
}
