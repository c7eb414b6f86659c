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
    /// Says which part is malformed, or that there is no such fraction of the currency.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, Invalid> {
        check_amount(amount).map_err(|error| Invalid::new(format!("amount {error}")))?;
        check_currency(currency).map_err(|error| Invalid::new(format!("currency {error}")))?;
        let decimals = amount.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let minor = minor_digits(currency);
        if decimals > minor {
            let noun = if decimals == 1 { "decimal" } else { "decimals" };
            let why = format!("amount has {decimals} {noun}, more than the {minor} of {currency}");
            return Err(Invalid::new(why));
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

/// Currencies without minor unit, and those with other than two digits of it (ISO 4217:2015, list
/// one).
const MINOR_UNITS: &[(usize, &[&str])] = &[
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

/// Digits after the point where a currency has not the usual two.
pub fn unusual_minor_units() -> impl Iterator<Item = (usize, &'static [&'static str])> {
    MINOR_UNITS.iter().copied()
}

/// Digits after the point (ISO 4217, "minor unit").
pub fn minor_digits(currency: &str) -> usize {
    let unusual = MINOR_UNITS.iter().find(|(_, currencies)| currencies.contains(&currency));
    unusual.map_or(2, |(digits, _)| *digits)
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

    #[test]
    fn a_currency_has_so_many_decimals() {
        for (amount, currency) in [
            ("1200", "JPY"),
            ("12.5", "EUR"),
            ("12.505", "BHD"),
            ("12.5050", "CLF"),
            ("12.50", "XTS"),
        ] {
            assert!(Money::parse(amount, currency).is_ok(), "{amount} {currency}");
        }
        for (amount, currency) in [
            ("1200.00", "JPY"),
            ("12.505", "EUR"),
            ("12.500", "EUR"),
            ("12.5050", "BHD"),
            ("0.001", "XTS"),
        ] {
            let refusal = Money::parse(amount, currency).unwrap_err();
            assert!(refusal.0.contains("decimals, more than"), "{amount} {currency}: {refusal}");
        }
        let one = Money::parse("1.5", "JPY").unwrap_err();
        assert_eq!(one.0, "amount has 1 decimal, more than the 0 of JPY");
    }
}
