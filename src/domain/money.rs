//! Amounts of money, exactly as written.

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// A decimal amount (`12.50`) in an ISO 4217 currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    amount: String,
    currency: String,
}

impl Money {
    /// Takes an amount of at most 12 digits before and 4 after the point.
    ///
    /// # Errors
    /// Says which part is malformed.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, Invalid> {
        let digits = amount.strip_prefix('-').unwrap_or(amount);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let number = |part: &str, max| {
            (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !number(whole, 12) || !number(fraction, 4) {
            return Err(Invalid::new("amount is not a decimal number such as \"12.50\""));
        }
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Invalid::new("currency is not an ISO 4217 code such as \"EUR\""));
        }
        Ok(Self { amount: amount.to_owned(), currency: currency.to_owned() })
    }

    /// The decimal number as written.
    pub fn amount(&self) -> &str {
        &self.amount
    }

    /// The ISO 4217 code.
    pub fn currency(&self) -> &str {
        &self.currency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal() {
        assert!(Money::parse("12.50", "EUR").is_ok());
        assert!(Money::parse("-3", "DKK").is_ok());
        for (amount, currency) in [("12,50", "EUR"), ("", "EUR"), ("1e3", "EUR"), ("1", "eur")] {
            assert!(Money::parse(amount, currency).is_err(), "{amount} {currency}");
        }
    }
}
