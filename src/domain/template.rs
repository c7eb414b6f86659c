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
    /// About what.
    pub kind: Kind,
    /// On which channel.
    pub channel: Channel,
    /// In which language.
    pub locale: Locale,
}

/// A tenant's own text, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomText {
    /// The subject of an email, the title of a push or an inbox message; the built-in one where
    /// absent.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
}

/// The tenant's own text for a reader: in the client's language, else in the tenant's, each as it
/// stands, else without its region.
pub fn choose<'a, T>(
    find: impl Fn(&TemplateKey) -> Option<&'a T>,
    kind: Kind,
    channel: Channel,
    client: Option<&Locale>,
    tenant: &Locale,
) -> Option<&'a T> {
    let wanted = client.unwrap_or(tenant);
    let base = Locale::parse(&wanted.language()).ok();
    [Some(wanted.clone()), base]
        .into_iter()
        .flatten()
        .find_map(|locale| find(&TemplateKey { kind, channel, locale }))
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
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}, column {}: {}", self.field, self.line, self.column, self.why)
    }
}
