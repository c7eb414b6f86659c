//! Where a message can go: parsed once, valid ever after.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// The longest address of RFC 5321 §4.5.3.1 (path of 256 less the brackets), in bytes.
pub const EMAIL_MAX_BYTES: usize = 254;

/// An email address (`local@domain`, RFC 5321 dot-string; no quoted local parts, no comments).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes the address if it can stand in an SMTP envelope as it is.
    ///
    /// # Errors
    /// Says what is wrong, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (local, domain) =
            text.rsplit_once('@').ok_or_else(|| Invalid::new("is not an email address: no @"))?;
        let well_formed =
            text.len() <= EMAIL_MAX_BYTES && is_dot_string(local) && is_domain(domain);
        if !well_formed || local.len() > 64 {
            return Err(Invalid::new("is not an email address"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`, as written.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_dot_string(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5322 `atext`, with RFC 6532's UTF-8.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric())
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    })
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Debug output hides the address: it is personal data and must not reach a log.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

/// A phone number in E.164: `+` and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes the number if it is E.164.
    ///
    /// # Errors
    /// Says what is expected, without repeating the number.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('+').unwrap_or("");
        let well_formed = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if !well_formed {
            return Err(Invalid::new("is not a phone number in E.164, such as +390212345678"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as text, with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> String {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_can_stand_in_an_envelope() {
        for good in ["a@b", "anna.rossi+x@example.com", "jörg@exämple.de", "o'hara@x-y.org"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in
            ["", "a", "@b", "a@", "a b@c", "a@b\r\nRCPT", "a..b@c", ".a@b", "a@-b", "<a@b>", &long]
        {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_never_shows_an_address() {
        let address = EmailAddress::parse("anna@example.com").unwrap();
        assert!(!format!("{address:?}").contains("anna"));
        let number = PhoneNumber::parse("+393331234567").unwrap();
        assert!(!format!("{number:?}").contains("333"));
    }

    #[test]
    fn phones_are_e164() {
        assert!(PhoneNumber::parse("+393331234567").is_ok());
        for bad in ["393331234567", "+0123456789", "+12", "+39 333 123", "+1234567890123456"] {
            assert!(PhoneNumber::parse(bad).is_err(), "{bad}");
        }
    }
}
