//! The query of a URL, read strictly: a parameter that is misspelt must not be passed over.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use url::form_urlencoded;

use super::problem::Problem;
use super::refusal::Refusal;

/// The parameters of one request, each at most once.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Takes a query apart.
    ///
    /// # Errors
    /// Names a parameter that is not `known`, or there twice.
    pub fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut read: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                let there = known.join(", ");
                return Err(invalid(&name, format!("is not a parameter; there are: {there}")));
            }
            if read.iter().any(|(other, _)| *other == name) {
                return Err(invalid(&name, "is there twice".to_owned()));
            }
            read.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(read))
    }

    /// A text, if it is given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str())
    }

    /// What is said of a parameter that is wrong.
    pub fn wrong(&self, name: &str, why: &str) -> Problem {
        invalid(name, why.to_owned())
    }

    /// A whole number within `range`, if it is given.
    ///
    /// # Errors
    /// Names the parameter and what it may be.
    pub fn number<T>(&self, name: &str, range: RangeInclusive<T>) -> Result<Option<T>, Problem>
    where
        T: FromStr + PartialOrd + Display,
    {
        let number = |text: &str| text.parse().ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        self.value(name, number, || format!("a whole number from {least} to {most}"))
    }

    /// Whatever `read` makes of a parameter, if it is given.
    ///
    /// # Errors
    /// Names the parameter and what it `must_be`.
    pub fn value<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
        must_be: impl FnOnce() -> String,
    ) -> Result<Option<T>, Problem> {
        let Some((_, text)) = self.0.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        let value = read(text);
        value.map(Some).ok_or_else(|| invalid(name, format!("must be {}", must_be())))
    }
}

/// The longest name that is repeated in an answer, in characters.
const NAME_SHOWN_MAX: usize = 50;

fn invalid(name: &str, why: String) -> Problem {
    let name: String = name.chars().take(NAME_SHOWN_MAX).collect();
    let detail = format!("{name} {why}");
    Problem::of(Refusal::InvalidQuery, detail).with("field", Some(name))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn number(query: &str) -> Result<Option<i64>, Value> {
        Query::read(Some(query), &["after", "limit"])
            .and_then(|query| query.number("after", 0..=i64::MAX))
            .map_err(|problem| serde_json::to_value(problem).unwrap())
    }

    #[test]
    fn numbers_are_read_and_what_is_wrong_is_named() {
        assert_eq!(number(""), Ok(None));
        assert_eq!(number("limit=x&after=00000000000000000008"), Ok(Some(8)));
        for (query, detail) in [
            ("after=x", "after must be a whole number from 0 to 9223372036854775807"),
            ("after=-1", "after must be a whole number from 0 to 9223372036854775807"),
            ("after=", "after must be a whole number from 0 to 9223372036854775807"),
            ("aftre=1", "aftre is not a parameter; there are: after, limit"),
            ("after=1&after=2", "after is there twice"),
            ("%61fter=%FF", "after must be a whole number from 0 to 9223372036854775807"),
        ] {
            let problem = number(query).unwrap_err();
            assert_eq!((&problem["detail"], &problem["status"]), (&detail.into(), &400.into()));
            assert_eq!(problem["reason"], "invalid_query");
            assert_eq!(problem["field"], detail.split(' ').next().unwrap());
        }
    }
}
