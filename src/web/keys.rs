//! Tokens, and whose they are.

use sha2::{Digest as _, Sha256};

use super::access::Caller;

/// The tokens of a configuration, of which only digests are kept.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    digest: [u8; 32],
    caller: Caller,
}

impl Keys {
    /// These tokens, and who has each.
    pub fn of<'t>(tokens: impl IntoIterator<Item = (&'t str, Caller)>) -> Self {
        let key = |(token, caller)| Key { digest: digest(token), caller };
        Self(tokens.into_iter().map(key).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token it is. Digests are compared, and always all of them, so that the time taken
    /// tells nothing about a token, nor whose it is.
    pub fn caller(&self, given: &str) -> Option<Caller> {
        let given = digest(given);
        let found = self
            .0
            .iter()
            .fold(None, |found, key| if key.digest == given { Some(&key.caller) } else { found });
        found.cloned()
    }
}

/// What stands for a secret where it is not to be kept.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::access::Role;

    #[test]
    fn a_token_is_known_whole_or_not_at_all() {
        let caller = |name: &str| Caller { name: name.into(), role: Role::Read };
        let keys = Keys::of([("one-token", caller("one")), ("other-token", caller("other"))]);
        assert_eq!(keys.caller("other-token"), Some(caller("other")));
        for wrong in ["", "one", "one-token ", "One-token"] {
            assert_eq!(keys.caller(wrong), None, "{wrong:?}");
        }
        assert!(!keys.is_empty() && Keys::default().is_empty());
    }
}
