//! What can be wrong with a configuration. All of it is for the operator to correct, so every
//! message names the place.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What stands for the built-in file in error messages.
pub(super) const DEFAULTS_NAME: &str = "(built in) bellhop.toml";

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of a file, counted from 1.
    Line(Arc<str>, usize),
    /// An environment variable.
    Variable(Arc<str>),
}

impl Place {
    /// Whether it is in the file with the defaults.
    pub(super) fn is_built_in(&self) -> bool {
        matches!(self, Place::Line(file, _) if &**file == DEFAULTS_NAME)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(file, line) => write!(f, "{file}:{line}"),
            Place::Variable(name) => f.write_str(name),
        }
    }
}

/// A key that means nothing to Bellhop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// Where it was written.
    pub place: Place,
    /// The table that holds it, such as `amqp`; empty at the top.
    pub section: String,
    pub key: String,
    /// The key that was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: unknown key \"{}\"", self.place, self.key)?;
        if !self.section.is_empty() {
            write!(f, " in [{}]", self.section)?;
        }
        match &self.suggestion {
            Some(meant) => write!(f, ", did you mean \"{meant}\"?"),
            None => Ok(()),
        }
    }
}

/// Why a configuration cannot be used. No message repeats a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Check the path and its permissions.
    #[error("{}: cannot be read: {why}", path.display())]
    Unreadable {
        /// The configuration file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// Correct the TOML.
    #[error("{place}: {why}")]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// What the parser expected.
        why: String,
    },
    /// Remove or rename these keys; in the order in which they are written.
    #[error("{}", lines(.0))]
    Unknown(Vec<UnknownKey>),
    /// Add the key.
    #[error("{place}: {key} is missing")]
    Missing {
        /// The table that should hold it.
        place: Place,
        /// The full key, such as `email.providers[0].url`.
        key: String,
    },
    /// Correct the value.
    #[error("{place}: {key} {why}")]
    Invalid {
        /// Where the value was written.
        place: Place,
        /// The full key, such as `amqp.prefetch`.
        key: String,
        /// What is expected.
        why: String,
    },
}

fn lines(keys: &[UnknownKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
