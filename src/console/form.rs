//! What a form sent.

use url::form_urlencoded::parse;

/// The fields of a form, in order; those left empty are not among them.
#[derive(Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Takes a body apart.
    pub fn read(body: &[u8]) -> Self {
        let fields = parse(body).into_owned();
        Self(fields.filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// The first value of a field, without blanks around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| of == name).map(|(_, value)| value.trim())
    }

    /// Every value of a field.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_was_not_said() {
        let form = Form::read(b"why=+mended+&rate=&message=a&message=b");
        assert_eq!((form.get("why"), form.get("rate")), (Some("mended"), None));
        assert_eq!(form.all("message").collect::<Vec<_>>(), ["a", "b"]);
    }
}
