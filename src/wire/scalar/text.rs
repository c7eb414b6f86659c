//! Free text, under the one rule of [`crate::domain::text`].

use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::text::{self, LINE_MAX_CHARS, NAME_MAX_CHARS, TEXT_MAX_CHARS};

use super::Scalar;
use super::pattern::{NOT_IN_A_LINE, NOT_IN_A_TEXT, visible};

/// The longest tag, plan or alert name, in characters.
pub const LABEL_MAX_CHARS: usize = 100;
/// The longest headline of a notice or a post, in characters.
pub const TITLE_MAX_CHARS: usize = 200;

/// One line, not blank, of at most `MAX_CHARS` characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OneLine<const MAX_CHARS: usize>(pub String);

/// What a person, a tenant, a service or an activity is called.
pub type Name = OneLine<NAME_MAX_CHARS>;
/// Another line that a person reads.
pub type Line = OneLine<LINE_MAX_CHARS>;
/// A headline.
pub type Title = OneLine<TITLE_MAX_CHARS>;
/// A short name that only machines and operators compare.
pub type Label = OneLine<LABEL_MAX_CHARS>;

impl<const MAX_CHARS: usize> Scalar for OneLine<MAX_CHARS> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        text::line(text, MAX_CHARS).map(Self)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_CHARS,
            "pattern": visible(),
            "not": {"type": "string", "pattern": NOT_IN_A_LINE},
        })
    }
}

/// What somebody wrote for others to read: any number of lines, not blank, at most `MAX_BYTES`
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<const MAX_BYTES: usize>(pub String);

impl<const MAX_BYTES: usize> Scalar for Body<MAX_BYTES> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        text::body(text, MAX_BYTES).map(Self)
    }
    /// JSON Schema counts characters, so that only text beyond ASCII can be too long unnoticed.
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_BYTES,
            "pattern": visible(),
            "not": {"type": "string", "pattern": NOT_IN_A_TEXT},
        })
    }
}

/// Text of any number of lines; may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose(pub String);

impl Prose {
    /// The text, unless it is blank.
    pub fn given(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

impl Scalar for Prose {
    fn parse(text: &str) -> Result<Self, Invalid> {
        text::lines(text, TEXT_MAX_CHARS).map(Self)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": TEXT_MAX_CHARS,
            "not": {"type": "string", "pattern": NOT_IN_A_TEXT},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_takes_the_line_ends_of_a_form() {
        assert_eq!(Prose::parse("a\r\nb").unwrap().0, "a\nb");
        assert_eq!(Prose::parse(" \u{200b}").unwrap().given(), None);
        assert!(Prose::parse("a\u{0}b").is_err());
    }
}
