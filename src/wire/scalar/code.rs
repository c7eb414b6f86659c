//! Short codes: languages, colours and keywords.

use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::locale::{LOCALE_MAX_BYTES, Locale};
use crate::domain::reply::{KEYWORD_CHARS, Keyword};
use crate::domain::settings::Color;
use crate::wire::quote::quoted;

use super::Scalar;

impl Scalar for Locale {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Locale::parse(text).map_err(|invalid| Invalid::new(format!("{} {invalid}", quoted(text))))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "Language tag (BCP 47).",
            "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$",
            "maxLength": LOCALE_MAX_BYTES,
            "examples": ["it", "fr-CH"],
        })
    }
}

impl Scalar for Color {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Color::parse(text).map_err(|invalid| Invalid::new(format!("{} {invalid}", quoted(text))))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$", "maxLength": 7, "examples": ["#1f9d61"]})
    }
}

impl Scalar for Keyword {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Keyword::parse(text)
    }
    /// As far as a pattern can tell: words that mean something by themselves are refused as well.
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9A-Za-z]*$",
            "minLength": KEYWORD_CHARS.start(),
            "maxLength": KEYWORD_CHARS.end(),
            "examples": ["SALONUNO"],
        })
    }
}
