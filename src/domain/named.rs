//! Identities by name: what something is decides its id, so that deciding it again, on whatever
//! machine and by whatever version, names the same.
//!
//! These ids are persisted and leave the house. What they are made of never changes: a test pins
//! them.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// SHA-256 of a name's parts, each behind its length in bytes: no two names run together.
fn digest(parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// SHA-256 of a text as it stands, in hexadecimal.
pub fn plain(text: &str) -> String {
    let bytes: [u8; 32] = Sha256::digest(text).into();
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A UUID by name (RFC 9562 §5.8, version 8).
pub fn uuid(parts: &[&str]) -> Uuid {
    Builder::from_custom_bytes(first(parts)).into_uuid()
}

/// A number in `0.0..=1.0` that is the same for the same name: spreads what would otherwise come
/// all at once.
#[allow(clippy::cast_precision_loss)]
pub fn fraction(parts: &[&str]) -> f64 {
    u64::from_be_bytes(first(parts)) as f64 / u64::MAX as f64
}

/// The first bytes of the name's digest, at most 32.
pub fn first<const COUNT: usize>(parts: &[&str]) -> [u8; COUNT] {
    let digest = digest(parts);
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_for_ever() {
        let id = uuid(&["reply", "a", "bc"]).to_string();
        assert_eq!(id, "b0670eb7-27b4-8cdc-add3-7bc83ad51426");
        assert!(uuid(&["a", "bc"]).get_version_num() == 8);
        assert_ne!(uuid(&["a", "bc"]), uuid(&["ab", "c"]));
        assert_ne!(uuid(&["a", ""]), uuid(&["a"]));
    }

    #[test]
    fn a_fraction_is_one() {
        for name in ["a", "b", "c"] {
            assert!((0.0..=1.0).contains(&fraction(&[name])));
            assert_eq!(fraction(&[name]).to_bits(), fraction(&[name]).to_bits());
        }
        assert_ne!(fraction(&["a"]).to_bits(), fraction(&["b"]).to_bits());
    }
}
