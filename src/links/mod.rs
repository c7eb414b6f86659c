//! Links in messages that act: who holds one may do what it says, without signing in.
//!
//! ```text
//!  Errand ──issue──▶ token ──▶ https://…/r/TOKEN in a message ──▶ read ──▶ Errand
//!            newest key                                      any key
//! ```
//!
//! A token carries all that it means and a code that only a key's holder can make ([`token`]), so
//! that nothing has to be stored for the millions of links that nobody follows. What an
//! [`act`] is about may have changed since: the token names it, the store knows it. In a text
//! message every letter is paid for: its link has a short code, and the message is stored with it
//! ([`short`]).
//!
//! Nothing here does I/O or reads a clock. A token is a secret: no `Debug` and no error shows one.

pub mod act;
mod hooks;
mod short;
pub mod token;

use hmac::digest::InvalidLength;

pub use act::{Act, Object};
pub use hooks::Hooks;
pub use short::{CODE_CHARS, SHORT_PATH, is_code};
pub use token::{Errand, Forged, Key, TOKEN_MAX_BYTES, Unsubscribe};

/// What stands between the public URL and a token.
pub const PATH: &str = "/r/";

/// Makes the links of one installation, and reads them.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    key: Key,
    /// Whose links are read still.
    others: Vec<Key>,
}

impl Links {
    /// Links below `base`, a URL without a final slash, that this secret vouches for.
    ///
    /// # Errors
    /// None: HMAC takes a key of any length (RFC 2104 §3). How long it must be, the
    /// configuration says.
    pub fn new(base: &str, secret: &[u8]) -> Result<Self, InvalidLength> {
        Ok(Self { base: base.to_owned(), key: Key::new(secret)?, others: Vec::new() })
    }

    /// Reads also what this other secret vouches for.
    ///
    /// # Errors
    /// As [`Links::new`].
    pub fn reading(mut self, secret: &[u8]) -> Result<Self, InvalidLength> {
        self.others.push(Key::new(secret)?);
        Ok(self)
    }

    /// The link by which a client can stop such messages.
    pub fn unsubscribe(&self, what: &Unsubscribe) -> String {
        self.below(&self.key.issue(what))
    }

    /// The link by which a client can act.
    pub fn act(&self, what: &Act) -> String {
        self.below(&self.key.issue_act(what))
    }

    fn below(&self, token: &str) -> String {
        format!("{}{PATH}{token}", self.base)
    }

    /// What a token from outside stands for.
    ///
    /// # Errors
    /// [`Forged`] for whatever no key of this installation issued.
    pub fn read(&self, token: &str) -> Result<Errand, Forged> {
        let mut keys = std::iter::once(&self.key).chain(&self.others);
        keys.find_map(|key| key.read(token).ok()).ok_or(Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ClientId, EntryId, TenantId};

    #[test]
    fn the_newest_key_signs_and_all_are_read() {
        let act = Act {
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("anna").unwrap(),
            known_since: None,
            until: None,
            on: Object::Offer(EntryId::parse("w1").unwrap()),
        };
        let links = |secret: &str| Links::new("https://a.example", secret.as_bytes()).unwrap();
        let (old, new) = (links("old"), links("new").reading(b"old").unwrap());
        let token = |links: &Links| links.act(&act).replace("https://a.example/r/", "");
        assert_eq!(token(&new), token(&links("new")));
        for issued in [token(&old), token(&new)] {
            assert_eq!(new.read(&issued), Ok(Errand::Act(act.clone())));
        }
        assert_eq!(old.read(&token(&new)), Err(Forged));
        assert_eq!(links("other").reading(b"old").unwrap().read(&token(&new)), Err(Forged));
    }
}
