//! How a kind of gateway reads the keys that it has of its own.

use std::sync::Arc;

use secrecy::SecretString;

use super::fault::Fault;
use super::gateway::Gateway;

/// A provider's table, as the operator wrote it. What nobody asks for is an unknown key.
pub trait Keys {
    /// A text, if it is given.
    ///
    /// # Errors
    /// If something else is.
    fn text(&mut self, key: &'static str) -> Result<Option<String>, Fault>;

    /// A secret, if it is given: not empty, and shown to nobody.
    ///
    /// # Errors
    /// If something else is, or its file cannot be read.
    fn secret(&mut self, key: &'static str) -> Result<Option<Secret>, Fault>;

    /// True or false, if it is given.
    ///
    /// # Errors
    /// If something else is.
    fn flag(&mut self, key: &'static str) -> Result<Option<bool>, Fault>;
}

/// What makes a gateway of its keys.
pub type Reader = fn(&mut dyn Keys) -> Result<Arc<dyn Gateway>, Fault>;

/// A secret of the operator's.
#[derive(Debug, Clone)]
pub enum Secret {
    /// It is this.
    Is(SecretString),
    /// It lies in a file that is not read here: by whoever only asks a daemon something, and sends
    /// nothing.
    Unread,
}

impl Secret {
    /// The secret, or something in its place with which nothing is to be sent.
    pub(super) fn or_stand_in(self) -> SecretString {
        match self {
            Secret::Is(secret) => secret,
            Secret::Unread => SecretString::from("a-secret-that-was-not-read-from-its-file"),
        }
    }
}

/// What must be there.
pub(super) fn needed<T>(value: Option<T>, key: &'static str) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::new(key, "is missing: this kind needs it"))
}

/// Tables for the tests of kinds.
#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A table with these keys.
    pub struct Written(BTreeMap<&'static str, String>);

    impl Written {
        /// `keys` with `more` in their place; what is empty there is left out.
        pub fn new(keys: &[(&'static str, &str)], more: &[(&'static str, &str)]) -> Self {
            let all = keys.iter().chain(more).map(|(key, value)| (*key, (*value).to_owned()));
            let mut all: BTreeMap<_, _> = all.collect();
            all.retain(|_, value| !value.is_empty());
            Self(all)
        }
    }

    impl Keys for Written {
        fn text(&mut self, key: &'static str) -> Result<Option<String>, Fault> {
            Ok(self.0.get(key).cloned())
        }

        fn secret(&mut self, key: &'static str) -> Result<Option<Secret>, Fault> {
            Ok(self.0.get(key).map(|secret| Secret::Is(secret.clone().into())))
        }

        fn flag(&mut self, key: &'static str) -> Result<Option<bool>, Fault> {
            Ok(self.0.get(key).map(|flag| flag == "true"))
        }
    }
}
