//! Patterns that dates are written by: words with fields between them.

use serde::Deserialize;

/// Words with `{fields}` between them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pattern(Vec<Piece>);

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Words(String),
    Field(Field),
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    Weekday,
    WeekdayShort,
    Day,
    DayTwo,
    Month,
    MonthShort,
    MonthNumber,
    MonthTwo,
    Year,
    /// What stands before this hour.
    At,
    /// With two digits.
    Hour,
    /// With as many digits as it has.
    HourPlain,
    /// From 1 to 12.
    Hour12,
    /// AM or PM.
    Half,
    Minute,
}

impl Pattern {
    /// What it is made of, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }
}

impl Field {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "weekday" => Field::Weekday,
            "weekday_short" => Field::WeekdayShort,
            "day" => Field::Day,
            "day_two" => Field::DayTwo,
            "month" => Field::Month,
            "month_short" => Field::MonthShort,
            "month_number" => Field::MonthNumber,
            "month_two" => Field::MonthTwo,
            "year" => Field::Year,
            "at" => Field::At,
            "hour" => Field::Hour,
            "hour_plain" => Field::HourPlain,
            "hour12" => Field::Hour12,
            "half" => Field::Half,
            "minute" => Field::Minute,
            _ => return None,
        })
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a { is never closed")?;
            let field =
                Field::parse(name).ok_or_else(|| format!("there is no field {{{name}}}"))?;
            pieces.extend([Piece::Words(words.to_owned()), Piece::Field(field)]);
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        pieces.retain(|piece| *piece != Piece::Words(String::new()));
        Ok(Self(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_only_known_fields() {
        assert!(Pattern::try_from("den {day}. {month}".to_owned()).is_ok());
        for bad in ["{dya}", "{day", "{}"] {
            assert!(Pattern::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
