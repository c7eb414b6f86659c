//! Links in messages that act: who holds one may do what it says, without signing in.
//!
//! ```text
//!  Unsubscribe ──issue──▶ token ──▶ https://…/r/TOKEN in a mail ──▶ read ──▶ Unsubscribe
//!                 key                                               key
//! ```
//!
//! A token carries all that it means and a code that only the key's holder can make
//! ([`token`]), so that nothing has to be stored for the millions of links that nobody follows.
//!
//! Nothing here does I/O or reads a clock. A token is a secret: no `Debug` and no error shows one.

mod hooks;
pub mod token;

use hmac::digest::InvalidLength;

pub use hooks::Hooks;
pub use token::{Forged, Key, TOKEN_MAX_BYTES, Unsubscribe};

/// What stands between the public URL and a token.
pub const PATH: &str = "/r/";

/// Makes the links of one installation, and reads them.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    key: Key,
}

impl Links {
    /// Links below `base`, a URL without a final slash, that this secret vouches for.
    ///
    /// # Errors
    /// None: HMAC takes a key of any length (RFC 2104 §3). How long it must be, the
    /// configuration says.
    pub fn new(base: &str, secret: &[u8]) -> Result<Self, InvalidLength> {
        Ok(Self { base: base.to_owned(), key: Key::new(secret)? })
    }

    /// The link by which a client can stop such messages.
    pub fn unsubscribe(&self, what: &Unsubscribe) -> String {
        format!("{}{PATH}{}", self.base, self.key.issue(what))
    }

    /// What a token from outside stands for.
    ///
    /// # Errors
    /// [`Forged`] for whatever this installation's key did not issue.
    pub fn read(&self, token: &str) -> Result<Unsubscribe, Forged> {
        self.key.read(token)
    }
}
