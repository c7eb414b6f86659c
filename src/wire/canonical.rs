//! `data` as a tree without duplicate keys, and the hash by which a repeated command is known.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use super::field::FieldError;

/// What a command said, in 16 bytes: the first half of SHA-256 over its type and its canonical
/// `data` (keys sorted, no spaces). A retry that writes the same JSON anew has the same hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BodyHash(pub [u8; 16]);

impl BodyHash {
    pub(super) fn of(type_name: &str, data: &Value) -> Self {
        let mut sha = Sha256::new();
        sha.update(type_name.as_bytes());
        sha.update([0]);
        // A map of serde_json is sorted: the crate's `preserve_order` is off.
        sha.update(data.to_string().as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&sha.finalize()[..16]);
        Self(half)
    }

    /// The bytes, as the store keeps them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Parses `data`, refusing a key that stands twice in one object at any depth.
pub(super) fn parse_tree(raw: &RawValue) -> Result<Value, FieldError> {
    match serde_json::from_str::<Tree>(raw.get()) {
        Ok(Tree(value)) => Ok(value),
        Err(_) => locate(raw),
    }
}

/// The same, slower, to learn where the trouble is.
fn locate(raw: &RawValue) -> Result<Value, FieldError> {
    let mut parser = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize::<_, Tree>(&mut parser)
        .map(|Tree(value)| value)
        .map_err(|error| FieldError::of_data(&error))
}

struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("is not a number"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Tree(element)) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if entries.contains_key(&key) {
                return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
            }
            let Tree(value) = map.next_value()?;
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}
