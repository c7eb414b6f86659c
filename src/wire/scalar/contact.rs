//! Where messages go and come from.

use schemars::{Schema, json_schema};

use crate::domain::address::{EMAIL_MAX_BYTES, EmailAddress, LOCAL_PART_MAX_BYTES, PhoneNumber};
use crate::domain::invalid::Invalid;

use super::Scalar;
use super::pattern::unseen;

/// The longest push token, in bytes.
pub const PUSH_TOKEN_MAX_BYTES: usize = 4096;
/// The longest alphanumeric SMS sender, in characters (3GPP TS 23.040 §9.1.2.5).
pub const SMS_SENDER_MAX_CHARS: usize = 11;
/// A number in E.164.
const E164: &str = "^[+][1-9][0-9]{6,14}$";

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
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": PUSH_TOKEN_MAX_BYTES,
            "pattern": "^[!-~]+$",
        })
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
        json_schema!({
            "type": "string",
            "maxLength": 16,
            "if": {"pattern": "^[+][0-9]{11}"},
            "then": {"pattern": E164},
            "else": {"pattern": "^ *[!-~][ -~]*$", "maxLength": SMS_SENDER_MAX_CHARS},
            "not": {"type": "string", "pattern": "\\n"},
            "examples": ["SaloneUno", "+39021234567"],
        })
    }
}

impl Scalar for EmailAddress {
    fn parse(text: &str) -> Result<Self, Invalid> {
        EmailAddress::parse(text)
    }
    /// As far as a pattern can tell: whether a label of other scripts is one, IDNA says.
    fn schema() -> Schema {
        let local_part = format!("^[^@]{{1,{LOCAL_PART_MAX_BYTES}}}@");
        json_schema!({
            "type": "string",
            "format": "idn-email",
            "pattern": address_pattern(),
            "maxLength": EMAIL_MAX_BYTES,
            "if": {"type": "string"},
            "then": {"pattern": local_part},
            "not": {"type": "string", "pattern": "=[?]|\\n"},
            "examples": ["ciao@salone.example"],
        })
    }
}

/// Dot-separated atoms, an `@`, dot-separated labels; beyond ASCII whatever shows something.
fn address_pattern() -> String {
    let unseen = unseen();
    let atom = format!("[^\\x00-\\x20\"(),.:-<>@\\[-\\]\\x7f-\u{9f}{unseen}]+");
    let letter = format!("[^\\x00-/:-@\\[-`{{-\u{9f}{unseen}]");
    let inner = format!("[^\\x00-,./:-@\\[-`{{-\u{9f}{unseen}]");
    let label = format!("{letter}({inner}{{0,61}}{letter})?");
    format!("^{atom}([.]{atom})*@{label}([.]{label})*$")
}

impl Scalar for PhoneNumber {
    fn parse(text: &str) -> Result<Self, Invalid> {
        PhoneNumber::parse(text)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "E.164.",
            "pattern": E164,
            "examples": ["+390212345678"],
        })
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
}
