//! The daemon's log, read by a strict JSON reader.

use std::{collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Any JSON in which no object has a name twice.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Strict)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_str<E>(self, _: &str) -> Result<Strict, E> {
        Ok(Strict)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        while seq.next_element::<Strict>()?.is_some() {}
        Ok(Strict)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Strict)) = map.next_entry::<String, Strict>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("{name} is there twice")));
            }
        }
        Ok(Strict)
    }
}

/// Asserts that every line of a log is an object with what each line has, each name once.
///
/// # Panics
/// Shows the first line that is not.
#[track_caller]
pub fn assert_strict(log: &str) {
    for line in log.lines() {
        let read = serde_json::from_str::<Strict>(line);
        assert!(read.is_ok(), "{}\n{line}", read.err().unwrap());
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        for name in ["timestamp", "level", "target", "message"] {
            assert!(value[name].is_string(), "no {name}: {line}");
        }
    }
}

#[test]
#[should_panic(expected = "message is there twice")]
fn a_name_that_is_there_twice_is_found() {
    assert_strict(r#"{"timestamp":"","level":"","target":"","message":"a","message":"b"}"#);
}
