//! What a message holds that its server may quote and nobody is to keep: whom it is for, and the
//! links in it.

/// The shortest part of a link that is looked for within words, in characters.
const WITHIN_MIN_CHARS: usize = 6;
/// The shortest name, or part of a link, that is looked for as a word of its own, in characters:
/// shorter ones are words of every language.
const WORD_MIN_CHARS: usize = 4;

/// What is personal in one message.
#[derive(Debug, Clone, Default)]
pub struct Personal {
    sought: Vec<Sought>,
    /// Digits of phone numbers, country first.
    numbers: Vec<String>,
}

/// A text to be found in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sought {
    pub text: String,
    /// Whether it counts only where nothing of a word touches it.
    pub whole: bool,
}

impl Personal {
    /// Adds a name, an address or the token of a device: whole, and of several words each.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.seek(name, false);
        for word in name.split_whitespace().filter(|word| *word != name) {
            self.seek(word, false);
        }
        if let Some((local, _)) = name.rsplit_once('@') {
            self.seek(local, false);
        }
        self
    }

    /// Adds the token of a device: whole, and of a browser's what stands behind the host of its
    /// endpoint.
    #[must_use]
    pub fn with_device(self, token: &str) -> Self {
        let personal = self.with_name(token);
        match endpoint(token) {
            Some(endpoint) => personal.with_link(&endpoint),
            None => personal,
        }
    }

    /// Adds a phone number.
    #[must_use]
    pub fn with_phone(mut self, number: &str) -> Self {
        self.numbers.push(number.chars().filter(char::is_ascii_digit).collect());
        self
    }

    /// Adds a link: what stands behind its host, and each part of that.
    #[must_use]
    pub fn with_link(mut self, link: &str) -> Self {
        let behind_scheme = link.split_once("://").map_or(link, |(_, rest)| rest);
        let host = behind_scheme.find(['/', '?', '#']).unwrap_or(behind_scheme.len());
        let behind_host = behind_scheme[host..].trim_start_matches(['/', '?', '#']);
        self.seek(behind_host, true);
        for part in behind_host.split(['/', '?', '#', '&', ';']).filter(|part| *part != behind_host)
        {
            self.seek(part, true);
            if let Some((_, value)) = part.split_once('=') {
                self.seek(value, true);
            }
        }
        self
    }

    /// Names, and parts of links.
    pub(super) fn sought(&self) -> impl Iterator<Item = &Sought> {
        self.sought.iter()
    }

    /// Phone numbers: digits only.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(String::as_str)
    }

    fn seek(&mut self, text: &str, is_link: bool) {
        let length = text.chars().count();
        let whole = !is_link || length < WITHIN_MIN_CHARS;
        let sought = Sought { text: text.to_owned(), whole };
        if length >= WORD_MIN_CHARS && !self.sought.contains(&sought) {
            self.sought.push(sought);
        }
    }
}

/// Where a browser's push service takes messages.
fn endpoint(token: &str) -> Option<String> {
    let subscription: serde_json::Value =
        token.starts_with('{').then(|| serde_json::from_str(token).ok()).flatten()?;
    subscription["endpoint"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(personal: &Personal) -> Vec<(&str, bool)> {
        personal.sought().map(|sought| (sought.text.as_str(), sought.whole)).collect()
    }

    #[test]
    fn a_link_is_sought_with_all_its_parts_but_for_its_host() {
        let link = "https://app.example/reset/tok3n?id=12345&code=abcd1234#x";
        assert_eq!(
            sought(&Personal::default().with_link(link)),
            [
                ("reset/tok3n?id=12345&code=abcd1234#x", false),
                ("reset", true),
                ("tok3n", true),
                ("id=12345", false),
                ("12345", true),
                ("code=abcd1234", false),
                ("abcd1234", false),
            ]
        );
        assert_eq!(sought(&Personal::default().with_link("https://app.example/")), []);
    }

    #[test]
    fn of_a_browser_s_token_its_endpoint_is_sought() {
        let token = r#"{"endpoint":"https://push.example/send/s3cr3t","keys":{}}"#;
        assert_eq!(
            sought(&Personal::default().with_device(token)),
            [(token, true), ("send/s3cr3t", false), ("send", true), ("s3cr3t", false)]
        );
        let token = "fcm:t0ken";
        assert_eq!(sought(&Personal::default().with_device(token)), [(token, true)]);
    }

    #[test]
    fn names_are_sought_as_words_and_short_ones_are_not() {
        let personal = Personal::default().with_name("Bo Rossi").with_name("anna@example.com");
        let expected = ["Bo Rossi", "Rossi", "anna@example.com", "anna"];
        assert_eq!(sought(&personal), expected.map(|name| (name, true)));
        assert_eq!(sought(&Personal::default().with_name("Ann")), []);
    }
}
