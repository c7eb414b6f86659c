//! DKIM: mails signed in the name of the domain that they are from (RFC 6376).
//!
//! ```text
//!  PEM ──Key::parse──▶ Key ──record──▶ the TXT record to publish
//!                       │
//!  mail ──relaxed──▶ bh=, header data ──signs──▶ DKIM-Signature: …, in front of the mail
//! ```
//!
//! Relaxed in headers and body (§3.4), because servers on the way fold lines and drop trailing
//! spaces. RSA with SHA-256 (RFC 8301) and Ed25519 (RFC 8463); a domain may have both, and each key
//! makes a signature of its own. The same mail gets the same bytes on every attempt.
//!
//! Nothing here does I/O or reads a clock.

mod key;
mod relaxed;
mod signer;

pub use key::Key;
pub use signer::{DomainKey, Signers};
