//! Compiled texts by their source, the least recently used forgotten first.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::cage::Caged;
use crate::domain::kind::Kind;

/// How many compiled texts are kept.
pub(super) const TEXTS_MAX: usize = 1024;
/// How much source the kept texts may have together, in bytes. A compiled text takes a few times
/// as much.
pub(super) const SOURCES_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Compiled texts.
#[derive(Debug, Default)]
pub(super) struct Cache {
    texts: HashMap<u64, Kept>,
    sources_bytes: usize,
    /// Rises with every use.
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    kind: Kind,
    field: &'static str,
    source: Box<str>,
    caged: Caged,
    used: u64,
}

impl Cache {
    /// The compiled text of this source.
    pub fn get(&mut self, kind: Kind, field: &'static str, source: &str) -> Option<Caged> {
        self.uses += 1;
        let kept = self.texts.get_mut(&key(kind, field, source))?;
        // Different sources can have one hash.
        if (kept.kind, kept.field, &*kept.source) != (kind, field, source) {
            return None;
        }
        kept.used = self.uses;
        Some(kept.caged.clone())
    }

    /// Keeps a compiled text, in place of the least recently used ones where room is short.
    pub fn put(&mut self, kind: Kind, field: &'static str, source: &str, caged: Caged) {
        self.uses += 1;
        let key = key(kind, field, source);
        self.forget(key);
        while self.texts.len() >= TEXTS_MAX || self.sources_bytes + source.len() > SOURCES_MAX_BYTES
        {
            let oldest = self.texts.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key);
            let Some(oldest) = oldest else { return };
            self.forget(oldest);
        }
        self.sources_bytes += source.len();
        let kept = Kept { kind, field, source: source.into(), caged, used: self.uses };
        self.texts.insert(key, kept);
    }

    fn forget(&mut self, key: u64) {
        if let Some(kept) = self.texts.remove(&key) {
            self.sources_bytes -= kept.source.len();
        }
    }
}

fn key(kind: Kind, field: &'static str, source: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, field, source).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind::AccountWelcome;

    fn put(cache: &mut Cache, source: &str) {
        cache.put(KIND, "body", source, Caged::compile("body", KIND, source).unwrap());
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut cache = Cache::default();
        for number in 0..TEXTS_MAX {
            put(&mut cache, &format!("text {number}"));
        }
        assert!(cache.get(KIND, "body", "text 0").is_some());
        put(&mut cache, "one more");
        assert_eq!(cache.texts.len(), TEXTS_MAX);
        assert!(cache.get(KIND, "body", "text 0").is_some());
        assert!(cache.get(KIND, "body", "text 1").is_none());
        assert!(cache.get(KIND, "body", "one more").is_some());
    }

    #[test]
    fn long_sources_displace_more() {
        let mut cache = Cache::default();
        let long = |letter: &str| letter.repeat(SOURCES_MAX_BYTES / 2);
        for letter in ["a", "b", "c"] {
            put(&mut cache, &long(letter));
        }
        assert_eq!((cache.texts.len(), cache.sources_bytes), (2, SOURCES_MAX_BYTES));
        assert!(cache.get(KIND, "body", &long("a")).is_none());
        assert!(cache.get(KIND, "subject", &long("c")).is_none());
    }
}
