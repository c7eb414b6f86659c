//! What is said of an attempt, and by whom.

use std::fmt;

/// Words about an attempt: first ours, then the other side's as they came. Only in the latter may
/// anything be somebody's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub ours: String,
    /// The other side's.
    pub theirs: String,
}

impl Said {
    /// What we say ourselves.
    pub fn by_us(ours: impl Into<String>) -> Self {
        Self { ours: ours.into(), theirs: String::new() }
    }

    /// What the other side said.
    pub fn by_them(theirs: impl Into<String>) -> Self {
        Self { ours: String::new(), theirs: theirs.into() }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.ours, self.theirs)
    }
}
