//! The two halves of an amount of money, each refused where its path is known.

use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::money::{check_amount, check_currency};

use super::Scalar;

/// A decimal number, as text, so that no cent is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(pub String);

impl Scalar for Decimal {
    fn parse(text: &str) -> Result<Self, Invalid> {
        check_amount(text)?;
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]{1,12}([.][0-9]{1,4})?$",
            "examples": ["12.50"],
        })
    }
}

/// A currency's code (ISO 4217).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency(pub String);

impl Scalar for Currency {
    fn parse(text: &str) -> Result<Self, Invalid> {
        check_currency(text)?;
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Z]{3}$", "maxLength": 3, "examples": ["EUR"]})
    }
}
