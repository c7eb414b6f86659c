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
    /// Takes an amount and a currency.
    ///
    /// # Errors
    /// Says which part is malformed.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, Invalid> {
        check_amount(amount).map_err(|error| Invalid::new(format!("amount {error}")))?;
        check_currency(currency).map_err(|error| Invalid::new(format!("currency {error}")))?;
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

/// Whether it is a decimal number of at most 12 digits before and 4 after the point.
///
/// # Errors
/// Says how it is written.
pub fn check_amount(amount: &str) -> Result<(), Invalid> {
    let digits = amount.strip_prefix('-').unwrap_or(amount);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |part: &str, max| {
        (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if number(whole, 12) && number(fraction, 4) {
        return Ok(());
    }
    Err(Invalid::new("is not a decimal number such as \"12.50\""))
}

/// Whether it looks like a currency's code (ISO 4217).
///
/// # Errors
/// Says how it is written.
pub fn check_currency(currency: &str) -> Result<(), Invalid> {
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Invalid::new("is not an ISO 4217 code such as \"EUR\""))
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
