//! The built-in texts, embedded in the binary.

use crate::domain::channel::Channel::{self, Email};
use crate::domain::kind::Kind;

/// The text alternative's layout.
pub(super) const EMAIL_TEXT_LAYOUT: &str = include_str!("templates/email.txt.j2");
/// The HTML alternative's layout.
pub(super) const EMAIL_HTML_LAYOUT: &str = include_str!("templates/email.html.j2");

/// The files of one language.
pub(super) struct LanguageFiles {
    /// The folder's name: a language tag (BCP 47).
    pub tag: &'static str,
    /// `language.toml`.
    pub language: &'static str,
    /// `<kind>.<channel>.toml`, by kind and channel.
    pub texts: &'static [(Kind, Channel, &'static str)],
}

macro_rules! language {
    ($tag:literal) => {
        LanguageFiles {
            tag: $tag,
            language: include_str!(concat!("templates/", $tag, "/language.toml")),
            texts: texts! { $tag
                BookingPending Email "booking.pending.email"
                BookingConfirmed Email "booking.confirmed.email"
                BookingDeclined Email "booking.declined.email"
                BookingCancelled Email "booking.cancelled.email"
                BookingRescheduled Email "booking.rescheduled.email"
                AccountWelcome Email "account.welcome.email"
            },
        }
    };
}

macro_rules! texts {
    ($tag:literal $($kind:ident $channel:ident $name:literal)*) => {
        &[$((Kind::$kind, $channel, include_str!(concat!("templates/", $tag, "/", $name, ".toml"))),)*]
    };
}

/// Every shipped language. English, the language of last resort, comes first.
pub(super) const LANGUAGES: &[LanguageFiles] = &[language!("en")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn names(folder: &Path, folders: bool) -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .filter(|entry| entry.file_type().unwrap().is_dir() == folders)
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn the_list_and_the_folders_agree() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/content/templates");
        let tags: BTreeSet<String> = LANGUAGES.iter().map(|l| l.tag.to_owned()).collect();
        assert_eq!(tags, names(&root, true));
        assert_eq!(LANGUAGES[0].tag, "en");
        for language in LANGUAGES {
            let mut listed = BTreeSet::from(["language.toml".to_owned()]);
            for (kind, channel, _) in language.texts {
                listed.insert(format!("{}.{}.toml", kind.as_str(), channel.as_str()));
            }
            assert_eq!(listed, names(&root.join(language.tag), false), "{}", language.tag);
            assert_eq!(language.texts.len() + 1, listed.len(), "{}: named twice", language.tag);
        }
    }
}
