//! Language tags (BCP 47), as far as choosing a text needs them.

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// A language with an optional script, region and variants, such as `fr-CH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

/// The languages of the built-in texts; that of last resort first.
pub const BUILT_IN: &[&str] = &["en", "it", "fr", "da", "es"];

/// The longest tag taken, in bytes (RFC 5646 §4.4.1 asks for at least 35).
pub const LOCALE_MAX_BYTES: usize = 35;

impl Locale {
    /// Takes a tag in any letter case, and keeps it in that of RFC 5646 §2.1.1, so that one
    /// language is one tag: `PT-br` is `pt-BR`. Underscores count as hyphens.
    ///
    /// # Errors
    /// Says that the tag is not BCP 47.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let tag = text.replace('_', "-");
        let mut subtags = tag.split('-');
        let language = subtags.next().unwrap_or("");
        let language_ok =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
        let rest_ok = subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if !language_ok || !rest_ok || tag.len() > LOCALE_MAX_BYTES {
            return Err(Invalid::new("is not a language tag (BCP 47), such as it or fr-CH"));
        }
        Ok(Self(in_usual_case(&tag)))
    }

    /// English: the language of last resort.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same language without script, region and variants.
    #[must_use]
    pub fn base(&self) -> Self {
        Self(self.language())
    }

    /// Whether there are built-in texts in the language.
    pub fn is_built_in(&self) -> bool {
        BUILT_IN.contains(&self.language().as_str())
    }

    /// The region, upper case: `fr-CH` → `CH`.
    pub fn region(&self) -> Option<String> {
        let is_region = |subtag: &&str| {
            let (letters, digits) = (|b: u8| b.is_ascii_alphabetic(), |b: u8| b.is_ascii_digit());
            // RFC 5646 §2.2.4.
            (subtag.len() == 2 && subtag.bytes().all(letters))
                || (subtag.len() == 3 && subtag.bytes().all(digits))
        };
        self.0.split('-').skip(1).find(is_region).map(str::to_ascii_uppercase)
    }

    /// The base language, lower case: `fr-CH` → `fr`.
    pub fn language(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }
}

/// Regions in capitals, scripts with one, all else small; all is small behind a single letter,
/// which begins an extension.
fn in_usual_case(tag: &str) -> String {
    let mut extended = false;
    let mut usual = String::with_capacity(tag.len());
    for (place, subtag) in tag.split('-').enumerate() {
        let small = subtag.to_ascii_lowercase();
        if place > 0 {
            usual.push('-');
        }
        match small.len() {
            2 if place > 0 && !extended => usual.push_str(&small.to_ascii_uppercase()),
            4 if place > 0 && !extended => {
                usual.push_str(&small[..1].to_ascii_uppercase());
                usual.push_str(&small[1..]);
            }
            _ => usual.push_str(&small),
        }
        extended |= small.len() == 1;
    }
    usual
}

impl TryFrom<String> for Locale {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> String {
        locale.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_language_is_one_tag() {
        for (given, kept) in [
            ("IT", "it"),
            ("pt-br", "pt-BR"),
            ("PT_BR", "pt-BR"),
            ("zh-hANT-tw", "zh-Hant-TW"),
            ("sl-ROZAJ-1994", "sl-rozaj-1994"),
            ("es-419", "es-419"),
            // The examples of RFC 5646 §2.1.1.
            ("MN-cYRL-mn", "mn-Cyrl-MN"),
            ("en-ca-X-CA", "en-CA-x-ca"),
            ("az-latn-x-LATN", "az-Latn-x-latn"),
            ("sgn-be-fr", "sgn-BE-FR"),
        ] {
            assert_eq!(Locale::parse(given).unwrap().as_str(), kept, "{given}");
        }
    }

    #[test]
    fn region_falls_back_to_base() {
        assert_eq!(Locale::parse("fr_CH").unwrap().language(), "fr");
        assert_eq!(Locale::parse("IT").unwrap().language(), "it");
        let region = |tag: &str| Locale::parse(tag).unwrap().region();
        assert_eq!(region("fr_ch").as_deref(), Some("CH"));
        assert_eq!(region("zh-Hant-TW").as_deref(), Some("TW"));
        assert_eq!(region("es-419").as_deref(), Some("419"));
        assert_eq!((region("it"), region("en-x-us")), (None, Some("US".to_owned())));
        for bad in ["", "e", "english", "it-", "it-ITITITITI", "1t"] {
            assert!(Locale::parse(bad).is_err(), "{bad}");
        }
    }
}
