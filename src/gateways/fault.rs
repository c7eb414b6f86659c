//! What is wrong with a gateway's configuration.

/// A key that cannot be as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key within the provider's table: `url`, `headers.authorization`, `outcomes[0].pointer`.
    pub key: String,
    /// Completes "<key> …". Repeats no secret.
    pub why: String,
}

impl Fault {
    pub(super) fn new(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self { key: key.into(), why: why.into() }
    }
}
