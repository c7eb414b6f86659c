//! Values that travel as one JSON string and become a checked type at once.
//!
//! A field of type [`Parsed<T>`] is read through [`Scalar::parse`], so that an error is found
//! where its path is known, and what comes out of a command needs no second check. Each file
//! holds one family: [`ids`], [`names`] (closed sets), [`time`], [`span`], [`text`], [`contact`],
//! [`code`], [`money`], [`url`], [`app_link`]. Its schema says as much as JSON Schema can of what
//! it takes ([`pattern`]).

pub mod app_link;
pub mod code;
pub mod contact;
pub mod ids;
pub mod money;
pub mod names;
mod pattern;
pub mod span;
pub mod text;
pub mod time;
pub mod url;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::invalid::Invalid;

/// A type with a text form on the wire.
pub trait Scalar: Sized {
    /// The name under which the schema stands on its own, so that generators make one type of it;
    /// without one it stands wherever it is used.
    const SCHEMA_NAME: Option<&'static str> = None;

    /// Takes the text if it is well formed.
    ///
    /// # Errors
    /// Says what is wrong. The text may be repeated only if it cannot be personal.
    fn parse(text: &str) -> Result<Self, Invalid>;

    /// The JSON Schema of the text form.
    fn schema() -> Schema;
}

/// A string field, parsed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parsed<T>(pub T);

impl<'de, T: Scalar> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);
        impl<T: Scalar> Visitor<'_> for Text<T> {
            type Value = Parsed<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Parsed<T>, E> {
                T::parse(text).map(Parsed).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
    }
}

impl<T: Scalar> JsonSchema for Parsed<T> {
    fn schema_name() -> Cow<'static, str> {
        T::SCHEMA_NAME.unwrap_or_else(std::any::type_name::<T>).into()
    }
    fn inline_schema() -> bool {
        T::SCHEMA_NAME.is_none()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        pattern::closed(T::schema())
    }
}
