//! An address as it stands on the wire: in commands and in headers.

use crate::domain::address::EmailAddress;

/// An address whose domain is in ASCII (A-labels, RFC 5890 §2.3.2.1), so that only a part before
/// the `@` beyond ASCII asks more of a server than RFC 5321 does (RFC 6531 §3.2).
#[derive(Clone, PartialEq, Eq)]
pub struct WireAddress(String);

impl WireAddress {
    /// Spells the domain in ASCII.
    pub(super) fn of(address: &EmailAddress) -> Self {
        if address.domain().is_ascii() {
            return Self(address.as_str().to_owned());
        }
        Self(format!("{}@{}", address.local_part(), address.ascii_domain()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether it can only be named to a server that offers SMTPUTF8.
    pub fn needs_utf8(&self) -> bool {
        !self.0.is_ascii()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_before_the_at_sign_needs_utf8() {
        for (address, wire, needs_utf8) in [
            ("anna@example.com", "anna@example.com", false),
            ("Anna.R@Example.com", "Anna.R@Example.com", false),
            ("anna@exämple.com", "anna@xn--exmple-cua.com", false),
            ("anna@BÜCHER.example", "anna@xn--bcher-kva.example", false),
            ("jörg@exämple.com", "jörg@xn--exmple-cua.com", true),
            ("jörg@example.com", "jörg@example.com", true),
        ] {
            let spelt = WireAddress::of(&EmailAddress::parse(address).unwrap());
            assert_eq!((spelt.as_str(), spelt.needs_utf8()), (wire, needs_utf8), "{address}");
        }
    }
}
