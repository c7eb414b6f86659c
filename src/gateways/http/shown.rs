//! Secrets out of sight.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Serializer;

/// What stands in place of a secret.
const REDACTED: &str = "***";

/// Shows which secrets are set, and nothing of them.
pub(super) fn redacted<S: Serializer>(
    secrets: &BTreeMap<String, SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(secrets.keys().map(|name| (name, REDACTED)))
}

/// Shows that a secret is set, and nothing of it.
pub(super) fn redacted_one<S: Serializer>(
    _secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(REDACTED)
}
