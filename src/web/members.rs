//! A small JSON body, read strictly: a member that is misspelt must not be passed over.

use serde_json::{Map, Value};

use super::problem::Problem;
use super::refusal::Refusal;

/// The longest name that is repeated in an answer, in characters.
const NAME_SHOWN_MAX: usize = 50;

/// The members of an object.
#[derive(Debug)]
pub struct Members {
    /// What stands before a member's name, such as `filter.`.
    before: String,
    of: Map<String, Value>,
}

impl Members {
    /// Takes a body apart; an empty one has no members.
    ///
    /// # Errors
    /// Names a member that is not `known`.
    pub fn read(body: &[u8], known: &[&str]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { before: String::new(), of: Map::new() });
        }
        let value = serde_json::from_slice(body).map_err(|error| {
            let detail = format!("the body is not JSON: {error}");
            Problem::of(Refusal::InvalidBody, detail)
        })?;
        let Value::Object(of) = value else {
            let detail = "the body must be a JSON object";
            return Err(Problem::of(Refusal::InvalidBody, detail));
        };
        Self { before: String::new(), of }.only(known)
    }

    fn only(self, known: &[&str]) -> Result<Self, Problem> {
        match self.of.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let there = known.join(", ");
                Err(self.wrong(name, &format!("is not a member; there are: {there}")))
            }
            None => Ok(self),
        }
    }

    /// An object inside.
    ///
    /// # Errors
    /// Names it, or what is wrong in it.
    pub fn object(&self, name: &str, known: &[&str]) -> Result<Option<Self>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(of)) => {
                let before = format!("{}{name}.", self.before);
                Self { before, of: of.clone() }.only(known).map(Some)
            }
            Some(_) => Err(self.wrong(name, "must be an object")),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// Names the member.
    pub fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(name, "must be a text")),
        }
    }

    /// Texts.
    ///
    /// # Errors
    /// Names the member.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(given) = self.get(name) else { return Ok(None) };
        let texts = given.as_array().and_then(|all| {
            all.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.map(Some).ok_or_else(|| self.wrong(name, "must be a list of texts"))
    }

    /// A number.
    ///
    /// # Errors
    /// Names the member.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Problem> {
        let Some(given) = self.get(name) else { return Ok(None) };
        given.as_f64().map(Some).ok_or_else(|| self.wrong(name, "must be a number"))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// Names the member.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(given) = self.get(name) else { return Ok(None) };
        given.as_bool().map(Some).ok_or_else(|| self.wrong(name, "must be true or false"))
    }

    /// What is said of a member that is wrong.
    pub fn wrong(&self, name: &str, why: &str) -> Problem {
        let name: String = name.chars().take(NAME_SHOWN_MAX).collect();
        let field = format!("{}{name}", self.before);
        let detail = format!("{field} {why}");
        Problem::of(Refusal::InvalidBody, detail).with("field", Some(field))
    }

    /// A member that is there, and is not `null`.
    fn get(&self, name: &str) -> Option<&Value> {
        self.of.get(name).filter(|value| !value.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(problem: Problem) -> (String, String) {
        let problem = serde_json::to_value(problem).unwrap();
        assert_eq!((&problem["status"], &problem["reason"]), (&400.into(), &"invalid_body".into()));
        let field = problem["field"].as_str().unwrap_or_default().to_owned();
        (field, problem["detail"].as_str().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_is_wrong_is_named_with_where_it_stands() {
        let known = ["filter", "rate", "dry_run", "messages", "reason"];
        let read = |body: &str| Members::read(body.as_bytes(), &known);
        for (body, field) in [("{", ""), ("[]", ""), (r#"{"fliter":{}}"#, "fliter")] {
            assert_eq!(wrong(read(body).unwrap_err()).0, field, "{body}");
        }
        let body =
            r#"{"filter":{"tennant":1},"rate":"x","dry_run":1,"messages":[1],"reason":null}"#;
        let body = read(body).unwrap();
        let (field, detail) = wrong(body.object("filter", &["tenant"]).unwrap_err());
        assert_eq!(field, "filter.tennant");
        assert_eq!(detail, "filter.tennant is not a member; there are: tenant");
        assert_eq!(wrong(body.number("rate").unwrap_err()).1, "rate must be a number");
        assert_eq!(wrong(body.flag("dry_run").unwrap_err()).1, "dry_run must be true or false");
        assert_eq!(wrong(body.texts("messages").unwrap_err()).0, "messages");
        assert_eq!(body.text("reason").unwrap(), None);
        assert_eq!(read(" ").unwrap().flag("dry_run").unwrap(), None);
    }
}
