//! Indexes that a state keeps beside its rows.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// An id is no longer under a key. Empty sets are dropped, so that the same rows are the same state
/// whatever came before.
pub fn drop_from<K: Hash + Eq, I: Ord>(index: &mut HashMap<K, BTreeSet<I>>, key: &K, id: &I) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
