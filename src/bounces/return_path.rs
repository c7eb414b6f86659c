//! Where a mail goes that comes back: an address for each message (variable envelope return path),
//! by which the message is known again whatever the answer holds.
//!
//! ```text
//!  bounces+{message}@example.com ──▶ bounces+0190163d8694739baea5966c26f8ad91@example.com
//!                                        │ MAIL FROM, and what comes back to it
//!  0190163d-8694-739b-aea5-966c26f8ad91 ◀┘
//! ```

use std::fmt;

use crate::domain::address::{EmailAddress, LOCAL_PART_MAX_BYTES};
use crate::domain::invalid::Invalid;
use crate::domain::message::MessageId;

/// What stands for the message in the pattern.
const PLACEHOLDER: &str = "{message}";
/// The length of what takes its place, in characters: a UUID without its hyphens.
const ID_CHARS: usize = 32;

/// The pattern of the addresses, in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath {
    /// What stands before the message's id.
    before: String,
    /// What stands behind it, up to the `@`.
    behind: String,
    domain: String,
}

impl ReturnPath {
    /// Reads a pattern such as `bounces+{message}@example.com`.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(pattern: &str) -> Result<Self, Invalid> {
        let sample = pattern.replacen(PLACEHOLDER, &"0".repeat(ID_CHARS), 1);
        let address = EmailAddress::parse(&sample)?;
        let (local, domain) = pattern.rsplit_once('@').unwrap_or((pattern, ""));
        let Some((before, behind)) = local.split_once(PLACEHOLDER) else {
            return Err(Invalid::new(format!("must have {PLACEHOLDER} before its @")));
        };
        if !sample.is_ascii() {
            return Err(Invalid::new("must be ASCII: every server on the way must take it"));
        }
        if address.local_part().len() > LOCAL_PART_MAX_BYTES {
            let why = format!("must have at most {LOCAL_PART_MAX_BYTES} bytes before its @");
            return Err(Invalid::new(why));
        }
        let [before, behind, domain] = [before, behind, domain].map(str::to_owned);
        Ok(Self { before, behind, domain })
    }

    /// Where what comes back of a message goes; the same on every attempt.
    ///
    /// # Errors
    /// None: the pattern was found to be one of addresses.
    pub fn address(&self, message: MessageId) -> Result<EmailAddress, Invalid> {
        EmailAddress::parse(&self.of(&message.0.simple().to_string()))
    }

    fn of(&self, id: &str) -> String {
        let Self { before, behind, domain } = self;
        format!("{before}{id}{behind}@{domain}")
    }

    /// The message whose address stands in this text, perhaps with others; servers may have changed
    /// its letters to small or capital ones.
    pub fn message(&self, text: &str) -> Option<MessageId> {
        let parts = text.split(|c: char| c.is_whitespace() || "<>,;\"()".contains(c));
        parts.filter(|part| part.contains('@')).find_map(|address| self.message_of(address))
    }

    fn message_of(&self, address: &str) -> Option<MessageId> {
        let id = address.get(self.before.len()..self.before.len() + ID_CHARS)?;
        let is_ours = self.of(id).eq_ignore_ascii_case(address);
        let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_ours && is_hex { id.parse().ok().map(MessageId) } else { None }
    }
}

/// The pattern.
impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of(PLACEHOLDER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    #[test]
    fn a_message_is_known_again_by_its_address() {
        let message = MessageId(ID.parse().unwrap());
        for (pattern, address) in [
            (
                "bounces+{message}@example.com",
                "bounces+0190163d8694739baea5966c26f8ad91@example.com",
            ),
            ("{message}@b.example.com", "0190163d8694739baea5966c26f8ad91@b.example.com"),
            ("b-{message}-x@example.com", "b-0190163d8694739baea5966c26f8ad91-x@example.com"),
        ] {
            let path = ReturnPath::parse(pattern).unwrap();
            assert_eq!(path.to_string(), pattern);
            assert_eq!(path.address(message).unwrap().as_str(), address);
            for text in [
                address.to_owned(),
                format!("<{address}>"),
                format!("MAILER-DAEMON@x.example, \"B\" <{}>", address.to_uppercase()),
            ] {
                assert_eq!(path.message(&text), Some(message), "{text}");
            }
            for text in ["", "anna@example.com", "é@é", &address[1..], &format!("x{address}")] {
                assert_eq!(path.message(text), None, "{text}");
            }
            assert_eq!(path.message(&address.replace("example", "evil")), None);
        }
    }

    #[test]
    fn what_no_mail_can_come_back_to_is_no_pattern() {
        let long = format!("{}+{{message}}@example.com", "b".repeat(40));
        for bad in [
            "bounces@example.com",
            "b@{message}.example.com",
            "{message}",
            "ü+{message}@x.example",
            &long,
        ] {
            assert!(ReturnPath::parse(bad).is_err(), "{bad}");
        }
    }
}
