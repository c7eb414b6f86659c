//! Free text, language tags, addresses, colours.

use schemars::{Schema, json_schema};

use crate::domain::address::{EMAIL_MAX_BYTES, EmailAddress, PhoneNumber};
use crate::domain::invalid::{Invalid, TEXT_MAX_CHARS, check_line, check_text};
use crate::domain::locale::{LOCALE_MAX_BYTES, Locale};
use crate::domain::settings::Color;
use crate::wire::field::cut;

use super::Scalar;

/// The longest tag, plan or alert name, in characters.
pub const LABEL_MAX_CHARS: usize = 100;
/// The longest headline of a notice or a post, in characters.
pub const TITLE_MAX_CHARS: usize = 200;
/// The longest push token, in bytes.
pub const PUSH_TOKEN_MAX_BYTES: usize = 4096;
/// The longest alphanumeric SMS sender, in characters (3GPP TS 23.040 §9.1.2.5).
pub const SMS_SENDER_MAX_CHARS: usize = 11;

/// One line, not blank, of at most `MAX_CHARS` characters; no more than [`TEXT_MAX_CHARS`] in any
/// case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OneLine<const MAX_CHARS: usize>(pub String);

/// A line that a person reads, such as a name.
pub type Line = OneLine<TEXT_MAX_CHARS>;
/// A headline.
pub type Title = OneLine<TITLE_MAX_CHARS>;
/// A short name that only machines and operators compare.
pub type Label = OneLine<LABEL_MAX_CHARS>;

impl<const MAX_CHARS: usize> Scalar for OneLine<MAX_CHARS> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        if text.chars().count() > MAX_CHARS {
            return Err(Invalid::new(format!("is longer than {MAX_CHARS} characters")));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX_CHARS})
    }
}

/// What somebody wrote for others to read: any number of lines, not blank, at most `MAX_BYTES`
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<const MAX_BYTES: usize>(pub String);

impl<const MAX_BYTES: usize> Scalar for Body<MAX_BYTES> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let text = unix_lines(text);
        if text.trim().is_empty() {
            return Err(Invalid::new("is empty"));
        }
        if text.len() > MAX_BYTES {
            return Err(Invalid::new(format!("is longer than {MAX_BYTES} bytes")));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Invalid::new("contains a control character"));
        }
        Ok(Self(text))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX_BYTES})
    }
}

/// A form sends line ends as CRLF.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Text of any number of lines; may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose(pub String);

impl Prose {
    /// The text, unless it is blank.
    pub fn given(self) -> Option<String> {
        Some(self.0).filter(|text| !text.trim().is_empty())
    }
}

impl Scalar for Prose {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let text = unix_lines(text);
        check_text(&text)?;
        Ok(Self(text))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "maxLength": TEXT_MAX_CHARS})
    }
}

/// What names one installation of an app to its push service.
#[derive(Clone, PartialEq, Eq)]
pub struct PushToken(pub String);

impl Scalar for PushToken {
    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.len() > PUSH_TOKEN_MAX_BYTES {
            return Err(Invalid::new(format!("must have 1 to {PUSH_TOKEN_MAX_BYTES} bytes")));
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Invalid::new("must be printable ASCII without spaces"));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": PUSH_TOKEN_MAX_BYTES})
    }
}

/// Who a text message says it is from: a number or a short name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSender(pub String);

impl Scalar for SmsSender {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let name = (1..=SMS_SENDER_MAX_CHARS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
            && !text.trim().is_empty();
        if name || PhoneNumber::parse(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("is neither an E.164 number nor 1 to 11 ASCII characters"))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "maxLength": 16, "examples": ["SaloneUno", "+39021234567"]})
    }
}

impl Scalar for EmailAddress {
    fn parse(text: &str) -> Result<Self, Invalid> {
        EmailAddress::parse(text)
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "format": "email", "maxLength": EMAIL_MAX_BYTES})
    }
}

impl Scalar for PhoneNumber {
    fn parse(text: &str) -> Result<Self, Invalid> {
        PhoneNumber::parse(text)
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "description": "E.164.", "examples": ["+390212345678"]})
    }
}

impl Scalar for Locale {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Locale::parse(text).map_err(|invalid| Invalid::new(format!("{:?} {invalid}", cut(text))))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "Language tag (BCP 47).",
            "maxLength": LOCALE_MAX_BYTES,
            "examples": ["it", "fr-CH"],
        })
    }
}

impl Scalar for Color {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Color::parse(text).map_err(|invalid| Invalid::new(format!("{:?} {invalid}", cut(text))))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$", "examples": ["#1f9d61"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sms_senders_are_numbers_or_short_names() {
        for good in ["Salone Uno", "+39021234567", "12345"] {
            assert!(SmsSender::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "TwelveChars!", "Salòne", "a\nb"] {
            assert!(SmsSender::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn prose_takes_the_line_ends_of_a_form() {
        assert_eq!(Prose::parse("a\r\nb").unwrap().0, "a\nb");
        assert!(Prose::parse("a\rb").is_err());
        assert_eq!(Prose::parse(" ").unwrap().given(), None);
    }

    #[test]
    fn a_body_has_lines_and_a_limit_in_bytes() {
        assert_eq!(Body::<8>::parse("a\r\n\tb").unwrap().0, "a\n\tb");
        assert!(Body::<8>::parse("èèèè").is_ok());
        for bad in ["", " \n", "èèèèè", "a\u{7}", "a\rb"] {
            assert!(Body::<8>::parse(bad).is_err(), "{bad:?}");
        }
    }
}
