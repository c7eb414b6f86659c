//! Where a message can go: parsed once, valid ever after.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::text::{composed, is_printable};

/// The longest address of RFC 5321 §4.5.3.1 (path of 256 less the brackets), in bytes, its domain
/// in ASCII.
pub const EMAIL_MAX_BYTES: usize = 254;
/// The longest part before the `@` (RFC 5321 §4.5.3.1.1), in bytes of UTF-8.
pub const LOCAL_PART_MAX_BYTES: usize = 64;

/// An email address (`local@domain`, RFC 5321 dot-string with RFC 6531's UTF-8; no quoted local
/// parts, no comments), composed (NFC, RFC 6532 §3.1).
///
/// Two addresses are the same where their local parts are, and their domains without regard to
/// case or to the way they are written (`exämple.de`, `xn--exmple-cua.de`). The local part's case
/// is its owner's affair (RFC 5321 §2.4).
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes the address if it can stand in an SMTP envelope.
    ///
    /// # Errors
    /// Says what is wrong, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = composed(text.trim());
        let (local, domain) =
            text.rsplit_once('@').ok_or_else(|| Invalid::new("is not an email address: no @"))?;
        if local.contains("=?") {
            return Err(Invalid::new("is not an email address: an encoded-word before the @"));
        }
        let domain = ascii_domain(domain)
            .ok_or_else(|| Invalid::new("is not an email address: no domain after the @"))?;
        let is_short = local.len() <= LOCAL_PART_MAX_BYTES
            && local.len() + 1 + domain.len() <= EMAIL_MAX_BYTES;
        if !is_short || !is_dot_string(local) {
            return Err(Invalid::new("is not an email address"));
        }
        Ok(Self(text.into_owned()))
    }

    /// The address as written, composed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }

    /// The part after the `@`, as written.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part after the `@` as DNS and every mail server know it: lower case, in A-labels
    /// (RFC 5890 §2.3.2.1).
    pub fn ascii_domain(&self) -> Cow<'_, str> {
        ascii_domain(self.domain()).unwrap_or(Cow::Borrowed(self.domain()))
    }
}

/// A domain in lower case and A-labels, where it is one: letters, digits and inner hyphens, labels
/// of 1 to 63 bytes, 253 in all (RFC 1035 §2.3.4, RFC 5891 §4.2.2, UTS #46 without its
/// transitional mappings).
pub fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    let (ldh, edges) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    Uts46::new().to_ascii(domain.as_bytes(), ldh, edges, DnsLength::Verify).ok()
}

fn is_dot_string(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5322 `atext`, with RFC 6531's UTF-8, marks included; but nothing that cannot be seen.
fn is_atext(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    }
    is_printable(c)
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
            || (self.local_part() == other.local_part()
                && self.ascii_domain() == other.ascii_domain())
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.local_part().hash(state);
        self.ascii_domain().hash(state);
    }
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

/// From the store: what was taken once is read again, whatever the rules are by then.
impl From<String> for EmailAddress {
    fn from(text: String) -> Self {
        Self(text)
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
        for good in [
            "a@b",
            "anna.rossi+x@example.com",
            "jörg@exämple.de",
            "o'hara@x-y.org",
            "संपर्क@example.com",
            "ผู้ใช้@example.com",
            "x@ตัวอย่าง.ไทย",
            "x@தமிழ்.இந்தியா",
            "用户@例子.广告",
            "نامه\u{200c}ای@example.com",
            "x@xn--exmple-cua.de",
        ] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        let label = format!("x@{}.de", "a".repeat(64));
        let path = format!("{}@{}", "a".repeat(64), ["a".repeat(63).as_str(); 3].join("."));
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b\r\nRCPT", "a..b@c", ".a@b", "<a@b>"]
            .into_iter()
            .chain(["a@-b", "a@b-", "a@b..c", "a@b.", "a@b_c", "a@[127.0.0.1]", "\"a b\"@c"])
            .chain(["=?utf-8?q?a?=@example.com", "a@xn--zzzzzzzz9999.de", &long, &label, &path])
            .chain(["a\u{202e}b@example.com", "a\u{200b}@example.com", "a\u{a0}b@example.com"])
            .chain(["a\u{85}@example.com", "a@exa\u{202e}mple.com", "a@exa mple.com"])
        {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// 40 letters of two bytes each are fewer than 63 bytes in ASCII.
    #[test]
    fn labels_are_measured_in_ascii() {
        let umlauts = format!("x@{}.de", "ä".repeat(40));
        assert!(EmailAddress::parse(&umlauts).unwrap().ascii_domain().len() < 63);
        let ideographs = format!("x@{}.cn", "漢字仮名交文章".repeat(6));
        assert!(EmailAddress::parse(&ideographs).is_err(), "too long in ASCII");
    }

    #[test]
    fn letters_are_composed() {
        let apart = EmailAddress::parse("jose\u{301}@exa\u{308}mple.de").unwrap();
        assert_eq!(apart.as_str(), "josé@exämple.de");
    }

    #[test]
    fn a_domain_is_the_same_in_any_case_and_script() {
        let address = |text| EmailAddress::parse(text).unwrap();
        let hash = |text| {
            let mut hasher = std::hash::DefaultHasher::new();
            address(text).hash(&mut hasher);
            hasher.finish()
        };
        for (one, other) in [
            ("anna@Example.COM", "anna@example.com"),
            ("anna@EXÄMPLE.de", "anna@exämple.de"),
            ("anna@exämple.de", "anna@XN--exmple-cua.de"),
            ("anna@例子。广告", "anna@例子.广告"),
        ] {
            assert_eq!(address(one), address(other));
            assert_eq!(hash(one), hash(other));
        }
        assert_ne!(address("Anna@example.com"), address("anna@example.com"));
        assert_ne!(address("anna@straße.de"), address("anna@strasse.de"));
        assert_eq!(address("anna@EXÄMPLE.de").ascii_domain(), "xn--exmple-cua.de");
        assert_eq!(address("anna@EXÄMPLE.de").as_str(), "anna@EXÄMPLE.de", "as written");
    }

    /// An older version took it.
    #[test]
    fn what_is_stored_is_read_again() {
        let stored: EmailAddress = serde_json::from_str("\"=?x?=@example.com\"").unwrap();
        assert_eq!(stored.as_str(), "=?x?=@example.com");
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
