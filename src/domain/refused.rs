//! Addresses of a client that were refused, though they have another or none by now.
//!
//! An address that comes back is as dead as it was. What is kept of it is a digest: nobody is to
//! read there how somebody was reached once. It is in the client's row, and goes with them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::id::ClientId;
use super::named;

/// The most that are remembered of one client; the oldest is dropped.
pub const REFUSED_MAX: usize = 10;

const DIGEST_BYTES: usize = 16;

/// The digests of a client's refused addresses, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refused(Vec<String>);

impl Refused {
    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address of this digest was.
    pub fn includes(&self, digest: &String) -> bool {
        self.0.contains(digest)
    }

    /// The address was refused.
    pub fn remember(&mut self, digest: String) {
        if self.0.contains(&digest) {
            return;
        }
        self.0.push(digest);
        let surplus = self.0.len().saturating_sub(REFUSED_MAX);
        self.0.drain(..surplus);
    }

    /// The address is known to be the client's.
    pub fn forget(&mut self, digest: &String) {
        self.0.retain(|known| known != digest);
    }

    /// The same of all whose digests begin so.
    pub fn forget_all(&mut self, beginning: &str) {
        self.0.retain(|known| !known.starts_with(beginning));
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
            refused.remember(of(number));
            refused.remember(of(number));
        }
        let known = (0..=REFUSED_MAX).filter(|number| refused.includes(&of(*number)));
        assert_eq!(known.collect::<Vec<_>>(), (1..=REFUSED_MAX).collect::<Vec<_>>());
    }

    #[test]
    fn a_digest_is_for_ever() {
        let client = ClientId::parse("anna").unwrap();
        let digest = digest(&client, Channel::Email, &["anna", "example.com"]);
        assert_eq!(digest, "8452c4296b8b799d5e2debf0a977b30a");
    }
}
