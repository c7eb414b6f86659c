//! Amounts of money as a language writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::money::{Money, minor_digits};

/// How a language writes money: the `[money]` table of its `language.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyStyle {
    /// Between units and their fraction.
    decimal: String,
    /// Between thousands.
    group: String,
    /// From how many digits on thousands are grouped.
    #[serde(default = "four")]
    group_from_digits: usize,
    /// Where `{symbol}` and `{amount}` stand.
    pattern: String,
    /// The same for a currency that has no symbol in this language.
    code_pattern: String,
    /// By ISO 4217 code.
    symbols: BTreeMap<String, String>,
}

fn four() -> usize {
    4
}

impl MoneyStyle {
    /// The amount with its currency: `€12.50`.
    pub fn write(&self, money: &Money) -> String {
        let (sign, digits) = match money.amount().strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", money.amount()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut amount = self.grouped(whole);
        let fraction = minor_units(fraction, minor_digits(money.currency()));
        if !fraction.is_empty() {
            amount.push_str(&self.decimal);
            amount.push_str(&fraction);
        }
        let (pattern, symbol) = match self.symbols.get(money.currency()) {
            Some(symbol) => (&self.pattern, symbol.as_str()),
            None => (&self.code_pattern, money.currency()),
        };
        let written = pattern.replace("{symbol}", symbol).replace("{amount}", &amount);
        format!("{sign}{written}")
    }

    fn grouped(&self, whole: &str) -> String {
        let digits = match whole.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        if digits.len() < self.group_from_digits {
            return digits.to_owned();
        }
        let mut grouped = String::with_capacity(digits.len() + 8);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push_str(&self.group);
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// At least as many digits as the currency has; more only where they say something.
fn minor_units(fraction: &str, digits: usize) -> String {
    format!("{:0<digits$}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> MoneyStyle {
        toml::from_str(text).unwrap()
    }

    fn written(style: &MoneyStyle, amount: &str, currency: &str) -> String {
        style.write(&Money::parse(amount, currency).unwrap())
    }

    #[test]
    fn symbols_and_separators_are_the_language_s() {
        let english = style(
            "decimal = '.'\ngroup = ','\npattern = '{symbol}{amount}'\n\
             code_pattern = '{symbol} {amount}'\nsymbols = { EUR = '€' }",
        );
        let spanish = style(
            "decimal = ','\ngroup = '.'\ngroup_from_digits = 5\npattern = '{amount} {symbol}'\n\
             code_pattern = '{amount} {symbol}'\nsymbols = { EUR = '€' }",
        );
        for (amount, currency, en, es) in [
            ("12.5", "EUR", "€12.50", "12,50 €"),
            ("1234", "EUR", "€1,234.00", "1234,00 €"),
            ("1234567.12", "EUR", "€1,234,567.12", "1.234.567,12 €"),
            ("-3.00", "DKK", "-DKK 3.00", "-3,00 DKK"),
            ("00012500", "JPY", "JPY 12,500", "12.500 JPY"),
            ("0.500", "KWD", "KWD 0.500", "0,500 KWD"),
        ] {
            assert_eq!(written(&english, amount, currency), en);
            assert_eq!(written(&spanish, amount, currency), es);
        }
    }
}
