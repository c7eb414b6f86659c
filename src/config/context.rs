//! What all sections of one configuration share: which keys were asked for, and which were left.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, Place, UnknownKey};

/// Which secrets are read from their files. Whoever uses a few needs only those to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    #[default]
    All,
    /// These keys, such as `store.url`. In place of the others, where they lie in files, stands
    /// something of the same form.
    Only(&'static [&'static str]),
}

/// Shared by reference: sections are read one inside the other.
#[derive(Default)]
pub(super) struct Context {
    credentials: Option<PathBuf>,
    secrets: Secrets,
    unknown: RefCell<Vec<UnknownKey>>,
    known: RefCell<BTreeSet<String>>,
}

impl Context {
    /// `credentials` is where systemd puts the service's credentials.
    pub fn new(credentials: Option<PathBuf>, secrets: Secrets) -> Self {
        Self { credentials, secrets, ..Self::default() }
    }

    /// Whether the file of this secret is to be read.
    pub fn wants(&self, full: &str) -> bool {
        match self.secrets {
            Secrets::All => true,
            Secrets::Only(keys) => keys.contains(&&*without_index(full)),
        }
    }

    /// Every key that was asked for, without list indexes: `email.providers.url`.
    #[cfg(test)]
    pub fn known(&self) -> BTreeSet<String> {
        self.known.borrow().clone()
    }

    /// Where secrets with a relative path lie.
    pub fn credentials(&self) -> Option<&Path> {
        self.credentials.as_deref()
    }

    /// Somebody asked for this key, whether it is there or not.
    pub fn ask(&self, full: &str) {
        self.known.borrow_mut().insert(without_index(full));
    }

    /// Nobody asked for this key of the table `section`.
    pub fn leave(&self, place: Place, section: &str, key: String, suggestion: Option<&str>) {
        let section = without_index(section);
        let leftover =
            UnknownKey { place, section, key, suggestion: suggestion.map(str::to_owned) };
        let mut unknown = self.unknown.borrow_mut();
        // A table that others are laid over is left over once for each of them.
        if !unknown.contains(&leftover) {
            unknown.push(leftover);
        }
    }

    /// Fails if keys were left over.
    pub fn finish(&self) -> Result<(), ConfigError> {
        let mut unknown = self.unknown.take();
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_by(|a, b| a.place.cmp(&b.place));
        let known = self.known.borrow();
        for key in unknown.iter_mut().filter(|key| key.suggestion.is_none()) {
            let elsewhere = format!(".{}", key.key);
            key.suggestion = known.iter().find(|full| full.ends_with(&elsewhere)).cloned();
        }
        Err(ConfigError::Unknown(unknown))
    }
}

/// `email.providers[0].url` becomes `email.providers.url`.
pub(super) fn without_index(name: &str) -> String {
    let digits = |c: char| c.is_ascii_digit() || c == ']';
    name.split('[').map(|part| part.trim_start_matches(digits)).collect()
}
