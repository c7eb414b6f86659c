//! A tenant's own texts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::kind::Kind;
use super::locale::Locale;

/// The longest subject or title of a tenant's own text, in characters.
pub const CUSTOM_SUBJECT_MAX_CHARS: usize = 500;
/// The longest body of a tenant's own text, in bytes.
pub const CUSTOM_BODY_MAX_BYTES: usize = 16 * 1024;
/// The most texts of its own that a tenant may have.
pub const CUSTOM_TEXTS_MAX: usize = 500;

/// Which built-in text is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemplateKey {
    pub kind: Kind,
    pub channel: Channel,
    pub locale: Locale,
}

/// A tenant's own text, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomText {
    /// The subject of an email, the title of a push or an inbox message; the built-in one where
    /// absent.
    pub subject: Option<String>,
    pub body: String,
}

/// The tenant's own text in the language that a reader is written to, if there is one: the
/// client's, else the tenant's, else English, each as it stands, else without its region.
///
/// A language is written in only where there are built-in texts in it, so that text, dates and
/// frame are in one.
pub fn choose<'a, T>(
    find: impl Fn(&TemplateKey) -> Option<&'a T>,
    kind: Kind,
    channel: Channel,
    client: Option<&Locale>,
    tenant: &Locale,
) -> Option<&'a T> {
    let own = |locale: &Locale| find(&TemplateKey { kind, channel, locale: locale.clone() });
    for wanted in [client, Some(tenant), Some(&Locale::english())].into_iter().flatten() {
        let base = wanted.base();
        if base.is_built_in() {
            return own(wanted).or_else(|| own(&base));
        }
    }
    None
}

/// What is wrong with a tenant's own text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// `subject` or `body`.
    pub field: &'static str,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    pub why: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}, column {}: {}", self.field, self.line, self.column, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_language_wins_whether_own_or_built_in() {
        let chosen = |own: &[&'static str], client: Option<&str>, tenant: &str| {
            let locale = |tag: &str| Locale::parse(tag).unwrap();
            let texts: Vec<Locale> = own.iter().map(|tag| locale(tag)).collect();
            let find = |key: &TemplateKey| texts.iter().find(|text| **text == key.locale);
            let (client, tenant) = (client.map(locale), locale(tenant));
            let (kind, channel) = (Kind::BookingConfirmed, Channel::Sms);
            let found = choose(find, kind, channel, client.as_ref(), &tenant);
            found.map(|locale| locale.as_str().to_owned())
        };
        assert_eq!(chosen(&["it"], None, "it").as_deref(), Some("it"));
        assert_eq!(chosen(&["it"], Some("it-CH"), "en").as_deref(), Some("it"));
        assert_eq!(chosen(&["it", "it-CH"], Some("it-CH"), "en").as_deref(), Some("it-CH"));
        assert_eq!(chosen(&["it"], Some("fr"), "it"), None, "French is built in");
        assert_eq!(chosen(&["it"], Some("de"), "it").as_deref(), Some("it"), "German is not");
        assert_eq!(chosen(&["en"], Some("de"), "sv").as_deref(), Some("en"));
        assert_eq!(chosen(&[], Some("de"), "sv"), None);
        assert_eq!(chosen(&["de", "it"], Some("de"), "it").as_deref(), Some("it"));
        assert_eq!(chosen(&["de"], Some("de"), "de"), None, "or its dates would be English");
    }
}
