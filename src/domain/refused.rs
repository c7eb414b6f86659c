//! Addresses of a client that were refused, though they have another or none by now.
//!
//! An address that comes back is as dead as it was. What is kept of it is a digest: nobody is to
//! read there how somebody was reached once. It is in the client's row, and goes with them.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::id::ClientId;
use super::named;
use super::receipt::Suppression;

/// The most that are remembered of one client; the oldest is dropped.
pub const REFUSED_MAX: usize = 10;

const DIGEST_BYTES: usize = 16;

/// Since when nothing goes to an address, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub at: Timestamp,
    pub why: Suppression,
}

/// A client's refused addresses, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refused(Vec<Address>);

/// What is kept of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
struct Address {
    digest: String,
    /// Absent of what an older version stored.
    mark: Option<Mark>,
}

/// As it is stored: without a mark, the digest alone.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Bare(String),
    Marked { digest: String, at: Timestamp, why: Suppression },
}

impl From<Stored> for Address {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Bare(digest) => Self { digest, mark: None },
            Stored::Marked { digest, at, why } => Self { digest, mark: Some(Mark { at, why }) },
        }
    }
}

impl From<Address> for Stored {
    fn from(Address { digest, mark }: Address) -> Self {
        match mark {
            None => Stored::Bare(digest),
            Some(Mark { at, why }) => Stored::Marked { digest, at, why },
        }
    }
}

impl Refused {
    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address of this digest was.
    pub fn includes(&self, digest: &str) -> bool {
        self.0.iter().any(|known| known.digest == digest)
    }

    /// When and why the address of this digest was, as far as that is known.
    pub fn mark(&self, digest: &str) -> Option<Mark> {
        self.0.iter().find(|known| known.digest == digest).and_then(|known| known.mark)
    }

    /// The address was refused.
    pub fn remember(&mut self, digest: String, mark: Option<Mark>) {
        if self.includes(&digest) {
            return;
        }
        self.0.push(Address { digest, mark });
        let surplus = self.0.len().saturating_sub(REFUSED_MAX);
        self.0.drain(..surplus);
    }

    /// The address is known to be the client's.
    pub fn forget(&mut self, digest: &str) {
        self.0.retain(|known| known.digest != digest);
    }

    /// The same of all whose digests begin so.
    pub fn forget_all(&mut self, beginning: &str) {
        self.0.retain(|known| !known.digest.starts_with(beginning));
    }
}

/// What stands for a client's address, given in parts.
pub fn digest(client: &ClientId, channel: Channel, address: &[&str]) -> String {
    let name = [&["refused", client.as_str(), channel.as_str()], address].concat();
    let bytes = named::first::<DIGEST_BYTES>(&name);
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_remembered() {
        let client = ClientId::parse("anna").unwrap();
        let of = |number: usize| digest(&client, Channel::Sms, &[&number.to_string()]);
        let mut refused = Refused::default();
        for number in 0..=REFUSED_MAX {
            refused.remember(of(number), None);
            refused.remember(of(number), None);
        }
        let known = (0..=REFUSED_MAX).filter(|number| refused.includes(&of(*number)));
        assert_eq!(known.collect::<Vec<_>>(), (1..=REFUSED_MAX).collect::<Vec<_>>());
    }

    #[test]
    fn what_an_older_version_stored_is_read_and_marks_stay() {
        let at = "2026-12-01T12:00:00Z".parse().unwrap();
        let mark = Mark { at, why: Suppression::Complained };
        let mut refused: Refused = serde_json::from_str(r#"["aa"]"#).unwrap();
        refused.remember("bb".to_owned(), Some(mark));
        let stored = serde_json::to_string(&refused).unwrap();
        let expected = r#"["aa",{"digest":"bb","at":"2026-12-01T12:00:00Z","why":"complained"}]"#;
        assert_eq!(stored, expected);
        assert_eq!(serde_json::from_str::<Refused>(&stored).unwrap(), refused);
        assert_eq!((refused.mark("aa"), refused.mark("bb")), (None, Some(mark)));
    }

    #[test]
    fn a_digest_is_for_ever() {
        let client = ClientId::parse("anna").unwrap();
        let digest = digest(&client, Channel::Email, &["anna", "example.com"]);
        assert_eq!(digest, "8452c4296b8b799d5e2debf0a977b30a");
    }
}
