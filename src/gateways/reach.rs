//! Which devices a gateway can bring a notification to, and where it may lead.

use std::net::IpAddr;

use super::public::is_public;

/// Whether a gateway can reach a device, by its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As far as can be seen.
    Here,
    /// It is another kind of gateway's.
    Elsewhere,
    /// Nobody can, ever: why, as the rest of a sentence that begins with the token.
    Nowhere(&'static str),
}

/// Which machines a gateway's requests may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Any: the operator has written down where they go.
    Any,
    /// Where a stranger says, but not into a network of ours.
    Public {
        /// Nor this machine, unless somebody tries things out.
        or_loopback: bool,
    },
}

impl Network {
    /// Whether a machine with this address may be spoken to.
    pub fn has(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Public { or_loopback } => {
                is_public(address) || (or_loopback && address.is_loopback())
            }
        }
    }
}
