//! Patterns of the JSON Schema that say exactly what a parser here takes.
//!
//! What generators of types do not need to know stands under `if`, `then` and `not`, which they
//! leave alone; of an `anyOf` they would make a type for each way.
//!
//! They keep to what every engine knows (no look-around, no classes by name, nothing outside the
//! basic multilingual plane), and write characters as themselves: escapes beyond `\x7f` differ.

use std::fmt::Write as _;

use schemars::Schema;
use serde_json::{Value, json};

use crate::domain::text::INVISIBLE;

/// Control characters and line breaks: none may stand in a line.
pub(super) const NOT_IN_A_LINE: &str = "[\\x00-\\x1f\\x7f-\u{9f}\u{2028}\u{2029}]";
/// Control characters but the tab and line breaks: none may stand in any text.
pub(super) const NOT_IN_A_TEXT: &str = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\u{9f}]";
/// White space beyond ASCII (Unicode's White_Space).
const WIDE_SPACES: &str = "\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// The schema, whose pattern does not let a line break pass at its end: `$` stands before that as
/// well in some engines, Python's among them.
pub(super) fn closed(mut schema: Schema) -> Schema {
    let ends = |pattern: &Value| pattern.as_str().is_some_and(|pattern| pattern.ends_with('$'));
    if schema.get("pattern").is_some_and(ends) && schema.get("not").is_none() {
        schema.insert("not".to_owned(), json!({"type": "string", "pattern": "\\n"}));
    }
    schema
}

/// A character that shows something.
pub(super) fn visible() -> String {
    format!("[^\\x00-\\x20\\x7f-\u{9f}{WIDE_SPACES}{}]", invisible(|_| true))
}

/// A character that may not stand in an id: what cannot be seen, but for the space and what joins
/// others.
pub(super) fn unprintable() -> String {
    format!("[\\x00-\\x1f\\x7f-\u{9f}{}]", unseen())
}

/// The inside of a class of what cannot be seen beyond ASCII, but for what joins others.
pub(super) fn unseen() -> String {
    let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    let unseen = invisible(|c| !joins(c));
    format!("{WIDE_SPACES}{unseen}\u{fdd0}-\u{fdef}\u{fffe}\u{ffff}")
}

/// Those characters as the inside of a class, one by one or as ranges.
fn invisible(counts: impl Fn(char) -> bool) -> String {
    let mut class = String::new();
    for (first, last) in INVISIBLE.iter().filter(|(_, last)| *last <= '\u{ffff}') {
        let run: Vec<char> = (*first..=*last).filter(|c| counts(*c)).collect();
        match run[..] {
            [first, .., last] if run.len() == (u32::from(last) - u32::from(first) + 1) as usize => {
                // Writing to a String cannot fail.
                let _ = write!(class, "{first}-{last}");
            }
            _ => class.extend(run),
        }
    }
    class
}

/// The numbers from 0 to `max`, leading zeros allowed.
pub(super) fn at_most(max: u64) -> String {
    let digits = max.to_string();
    let mut ways = vec![digits.clone()];
    for (place, digit) in digits.char_indices() {
        let lowest = if place == 0 { '1' } else { '0' };
        if digit > lowest {
            ways.push(below(&digits[..place], lowest, digit, digits.len() - place - 1));
        }
    }
    ways.push(match digits.len() - 1 {
        0 => "0".to_owned(),
        shorter => format!("[0-9]{{1,{shorter}}}"),
    });
    format!("0*(?:{})", ways.join("|"))
}

/// The numbers from `min` on, leading zeros allowed.
pub(super) fn at_least(min: u64) -> String {
    let digits = min.to_string();
    let mut ways = vec![digits.clone()];
    for (place, digit) in digits.char_indices() {
        if digit < '9' {
            let next = char::from(digit as u8 + 1);
            let rest = digits.len() - place - 1;
            ways.push(format!("{}[{next}-9]{}", &digits[..place], any_digits(rest)));
        }
    }
    ways.push(format!("[1-9][0-9]{{{},}}", digits.len()));
    format!("0*(?:{})", ways.join("|"))
}

fn below(prefix: &str, lowest: char, digit: char, rest: usize) -> String {
    let highest = char::from(digit as u8 - 1);
    format!("{prefix}[{lowest}-{highest}]{}", any_digits(rest))
}

fn any_digits(count: usize) -> String {
    if count == 0 { String::new() } else { format!("[0-9]{{{count}}}") }
}
