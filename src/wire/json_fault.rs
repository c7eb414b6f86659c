//! What is wrong with a text that is no JSON, in words of our own.

use serde_json::error::{Category, Error};

/// Completes "the text …". A text of one line is told the column only.
pub fn json_fault(error: &Error) -> String {
    let said = error.to_string();
    if error.column() == 0 {
        return "is empty".to_owned();
    }
    let what = match error.classify() {
        Category::Eof => "breaks off at",
        _ if said.starts_with("trailing characters") => "goes on after its end at",
        _ if said.starts_with("recursion limit") => "is nested too deep at",
        _ => "is no JSON from",
    };
    match error.line() {
        0 | 1 => format!("{what} column {}", error.column()),
        line => format!("{what} line {line}, column {}", error.column()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_place_is_told_and_no_word_of_the_library() {
        for (text, expected) in [
            ("", "is empty"),
            ("hello", "is no JSON from column 1"),
            ("{\"a\":", "breaks off at column 5"),
            ("{} {}", "goes on after its end at column 4"),
            ("[1,\n 2,\n x]", "is no JSON from line 3, column 2"),
            (&"[".repeat(1000), "is nested too deep at column 128"),
        ] {
            let error = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!(json_fault(&error), expected, "{text}");
        }
    }
}
