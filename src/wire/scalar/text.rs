//! Free text, language tags, addresses and links.

use schemars::{Schema, json_schema};

use crate::domain::address::{EMAIL_MAX_BYTES, EmailAddress, PhoneNumber};
use crate::domain::invalid::{Invalid, TEXT_MAX_CHARS, check_line, check_text};
use crate::domain::locale::{LOCALE_MAX_BYTES, Locale};
use crate::wire::field::cut;

use super::Scalar;

/// The longest tag, plan or alert name, in characters.
pub const LABEL_MAX_CHARS: usize = 100;
/// The longest push token, in bytes.
pub const PUSH_TOKEN_MAX_BYTES: usize = 4096;
/// The longest link, in bytes.
pub const URL_MAX_BYTES: usize = 2000;
/// The longest alphanumeric SMS sender, in characters (3GPP TS 23.040 §9.1.2.5).
pub const SMS_SENDER_MAX_CHARS: usize = 11;

/// One line that a person reads, such as a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(pub String);

impl Scalar for Line {
    fn parse(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": TEXT_MAX_CHARS})
    }
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
        // A form sends line ends as CRLF.
        let text = text.replace("\r\n", "\n");
        check_text(&text)?;
        Ok(Self(text))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "maxLength": TEXT_MAX_CHARS})
    }
}

/// A short name that only machines and operators compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(pub String);

impl Scalar for Label {
    fn parse(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        if text.chars().count() > LABEL_MAX_CHARS {
            return Err(Invalid::new(format!("is longer than {LABEL_MAX_CHARS} characters")));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": LABEL_MAX_CHARS})
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

/// A link that a client may be sent (`http` or `https`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(pub String);

impl Scalar for WebUrl {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !matches!(scheme.as_deref(), Some("http" | "https")) {
            return Err(Invalid::new("is not an http or https URL"));
        }
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') || host.contains('@') {
            return Err(Invalid::new("names no host, or a user"));
        }
        if text.len() > URL_MAX_BYTES || !text.bytes().all(is_url_byte) {
            return Err(Invalid::new(format!(
                "must have at most {URL_MAX_BYTES} bytes, anything unusual percent-encoded"
            )));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "uri",
            "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "maxLength": URL_MAX_BYTES,
        })
    }
}

/// Whether RFC 3986 lets the byte stand in a URI as it is.
pub fn is_url_byte(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_of_the_web() {
        for good in ["https://x.example/r?a=1#b", "HTTP://x.example", "http://[::1]:8025/"] {
            assert!(WebUrl::parse(good).is_ok(), "{good}");
        }
        let long = format!("https://x.example/{}", "a".repeat(URL_MAX_BYTES));
        for bad in [
            "",
            "x.example",
            "ftp://x.example",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://a b.example",
            "https://x.example/\r\n",
            "https://a@b.example",
            "data://x",
            &long,
        ] {
            assert!(WebUrl::parse(bad).is_err(), "{bad}");
        }
    }

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
}
