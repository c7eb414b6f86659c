//! Addresses, left out for whoever only reads: what providers said and what texts say may name
//! them.

use serde_json::Value;

/// Members that are ids, which stand in addresses of pages and are not changed.
const IDS: [&str; 14] = [
    "tenant",
    "client",
    "booking",
    "message",
    "cause",
    "id",
    "fallback_of",
    "next",
    "name",
    "address",
    "address_hash",
    "device",
    "trace_id",
    "version",
];
/// Fewer digits than this are no telephone number, and more no longer one (E.164 has 15).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
const HIDDEN: &str = "•••";

/// The same without addresses in any text of it.
pub fn masked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let is_id = IDS.contains(&name.as_str()) && value.is_string();
                let value = if is_id { value } else { masked(value) };
                (name, value)
            };
            members.into_iter().map(member).collect()
        }
        other => other,
    }
}

/// A text without addresses: of each the beginning is left, and of a number the end.
fn mask(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_whitespace() || "<>\"'(),;:[]{}|=".contains(c) {
            shown.push_str(&masked_word(&word));
            shown.push(c);
            word.clear();
        } else {
            word.push(c);
        }
    }
    shown.pop();
    masked_numbers(&shown)
}

fn masked_word(word: &str) -> String {
    // What ends a sentence is no part of an address.
    let address = word.trim_end_matches(['.', '!', '?']);
    let Some((local, domain)) = address.rsplit_once('@') else { return word.to_owned() };
    let Some(first) = local.chars().next().filter(|_| !domain.is_empty()) else {
        return word.to_owned();
    };
    let last = domain.rsplit_once('.').map(|(_, last)| format!(".{last}")).unwrap_or_default();
    format!("{first}{HIDDEN}@{HIDDEN}{last}{}", &word[address.len()..])
}

/// Digits in a row, with what may stand between them where a `+` begins them.
fn masked_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
    while at < chars.len() {
        let begins = at == 0 || !chars[at - 1].is_alphanumeric() && !"-_.".contains(chars[at - 1]);
        let end = if begins { number_from(&chars, at) } else { at };
        let digits: Vec<char> =
            chars[at..end].iter().filter(|c| c.is_ascii_digit()).copied().collect();
        let ends = chars.get(end).is_none_or(|c| !c.is_alphanumeric() && !"-_".contains(*c));
        if ends && DIGITS.contains(&digits.len()) {
            let plus = if chars[at] == '+' { "+" } else { "" };
            let (head, tail) = (&digits[..2], &digits[digits.len() - 2..]);
            shown.extend(plus.chars().chain(head.iter().copied()));
            shown.push_str(HIDDEN);
            shown.extend(tail);
            at = end;
        } else {
            shown.push(chars[at]);
            at += 1;
        }
    }
    shown
}

/// Where a number that begins here ends.
fn number_from(chars: &[char], at: usize) -> usize {
    let is_international = chars[at] == '+';
    let from = at + usize::from(is_international);
    let mut end = from;
    for (place, c) in chars.iter().enumerate().skip(from) {
        match c {
            c if c.is_ascii_digit() => end = place + 1,
            ' ' | '-' | '(' | ')' if is_international && place == end => {}
            _ => break,
        }
    }
    if end == from { at } else { end }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_in_texts_are_left_out() {
        for (text, shown) in [
            ("550 no such user <ada.b@mail.example.com>", "550 no such user <a•••@•••.com>"),
            ("to: ada@x.dk, bob@y.dk.", "to: a•••@•••.dk, b•••@•••.dk."),
            ("ada@localhost", "a•••@•••"),
            ("at 09:00 @ home, @ada, ada@", "at 09:00 @ home, @ada, ada@"),
            ("+393331234567 is no number", "+39•••67 is no number"),
            ("number 393331234567 unknown", "number 39•••67 unknown"),
            ("call +45 12 34 56 78 now", "call +45•••78 now"),
            ("421 4.7.0 later", "421 4.7.0 later"),
            ("0192f3a4-1111-7222-8333-123456789012", "0192f3a4-1111-7222-8333-123456789012"),
            ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn ids_stay_as_they_are_at_every_depth() {
        let of =
            |reply: &str| json!({ "items": [{ "client": "ada@x.dk", "reply": reply, "n": 3 }] });
        assert_eq!(masked(of("no ada@x.dk here")), of("no a•••@•••.dk here"));
    }
}
