//! Amounts of money, and what is left of a client's credit.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Value, json};

use crate::domain::invalid::Invalid;
use crate::domain::money::{Money, unusual_minor_units};
use crate::wire::scalar::money::{Currency, Decimal};
use crate::wire::scalar::text::Line;
use crate::wire::scalar::{Parsed, Scalar};
use crate::wire::shape::Object;

/// An amount of money.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Money")]
pub struct MoneyParts {
    /// A decimal number, at most 12 digits before the point, and after it no more than the
    /// currency has (EUR 2, JPY none, BHD 3).
    amount: Parsed<Decimal>,
    /// The currency (ISO 4217).
    currency: Parsed<Currency>,
}

/// The amount, put together.
#[derive(Deserialize)]
#[serde(try_from = "Object<MoneyParts>")]
pub struct Amount(pub Money);

impl TryFrom<Object<MoneyParts>> for Amount {
    type Error = Invalid;

    fn try_from(Object(parts): Object<MoneyParts>) -> Result<Self, Invalid> {
        Money::parse(&parts.amount.0.0, &parts.currency.0.0).map(Self)
    }
}

impl Amount {
    /// Whether it is more than nothing.
    pub fn is_positive(&self) -> bool {
        let digits = self.0.amount();
        !digits.starts_with('-') && digits.contains(|digit| ('1'..='9').contains(&digit))
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        MoneyParts::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        MoneyParts::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = MoneyParts::json_schema(generator);
        schema.insert("allOf".to_owned(), decimals_by_currency().into());
        schema
    }
}

/// As many decimals as the currency has: two, but for some.
fn decimals_by_currency() -> Vec<Value> {
    let decimals = |currency: Value, pattern: String| {
        json!({
            "if": {"required": ["currency"], "properties": {"currency": currency}},
            "then": {"properties": {"amount": {"pattern": pattern}}},
        })
    };
    let fraction = |digits: usize| match digits {
        0 => "^[^.]*$".to_owned(),
        digits => format!("^[^.]*([.][0-9]{{1,{digits}}})?$"),
    };
    let unusual: Vec<&str> = unusual_minor_units().flat_map(|(_, names)| names).copied().collect();
    let others = decimals(json!({"not": {"enum": unusual}}), fraction(2));
    let by_digits = unusual_minor_units()
        .map(|(digits, names)| decimals(json!({"enum": names}), fraction(digits)));
    std::iter::once(others).chain(by_digits).collect()
}

/// What a client has left, in words; an amount of money is written out, as `12.50 EUR`.
#[derive(Debug, PartialEq)]
pub struct Balance(pub String);

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = Balance;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or {\"amount\": \"12.50\", \"currency\": \"EUR\"}")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Balance, E> {
        Line::parse(text).map(|line| Balance(line.0)).map_err(E::custom)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Balance, A::Error> {
        let Amount(money) = Amount::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Balance(format!("{} {}", money.amount(), money.currency())))
    }
}

impl JsonSchema for Balance {
    fn schema_name() -> Cow<'static, str> {
        "Balance".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let amount = generator.subschema_for::<Amount>();
        json_schema!({
            "description": "In words, or an amount of money.",
            "oneOf": [Line::schema(), amount],
        })
    }
}
