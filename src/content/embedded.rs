//! The built-in texts, embedded in the binary.

use crate::domain::kind::Kind;

/// The name of the HTML alternative's layout. A layout's ending decides the escaping.
pub(super) const HTML_LAYOUT: &str = "email.html";
/// The HTML alternative's layout.
pub(super) const EMAIL_HTML_LAYOUT: &str = include_str!("templates/email.html.j2");

/// The name of the layout of the pages behind links.
pub(super) const PAGE_LAYOUT: &str = "page.html";
/// The layout of the pages behind links.
pub(super) const PAGE_HTML_LAYOUT: &str = include_str!("templates/page.html.j2");

/// What a folder of texts holds.
pub(super) struct LanguageFiles {
    /// The folder's name: a language tag (BCP 47).
    pub tag: &'static str,
    /// `language.toml`.
    pub language: &'static str,
    /// `cities.toml`.
    pub cities: &'static str,
    /// `<kind>.toml`, in the order of [`Kind::ALL`].
    pub texts: &'static [(Kind, &'static str)],
    /// `staff.toml`: the alerts of [`Kind::STAFF`].
    pub staff: &'static str,
}

macro_rules! language {
    ($tag:literal) => {
        LanguageFiles {
            tag: $tag,
            language: include_str!(concat!("templates/", $tag, "/language.toml")),
            cities: include_str!(concat!("templates/", $tag, "/cities.toml")),
            texts: texts! { $tag
                BookingPending "booking.pending"
                BookingConfirmed "booking.confirmed"
                BookingDeclined "booking.declined"
                BookingCancelled "booking.cancelled"
                BookingRescheduled "booking.rescheduled"
                BookingReminder "booking.reminder"
                SessionCancelled "session.cancelled"
                QueueOffered "queue.offered"
                QueueExpired "queue.expired"
                QueueAccepted "queue.accepted"
                QueueClosed "queue.closed"
                AttendanceCheck "attendance.check"
                PaymentRequested "payment.requested"
                PaymentReceipt "payment.receipt"
                SaleRecorded "sale.recorded"
                AccountWelcome "account.welcome"
                AccountPasswordReset "account.password_reset"
                AccountMagicLink "account.magic_link"
                AccountVerifyEmail "account.verify_email"
                ReviewRequested "review.requested"
                NoticeManual "notice.manual"
                InboxMessage "inbox.message"
                InboxBoard "inbox.board"
                ClientWinBack "client.win_back"
            },
            staff: include_str!(concat!("templates/", $tag, "/staff.toml")),
        }
    };
}

macro_rules! texts {
    ($tag:literal $($kind:ident $name:literal)*) => {
        &[$((Kind::$kind, include_str!(concat!("templates/", $tag, "/", $name, ".toml"))),)*]
    };
}

/// Every shipped language. English, the language of last resort, comes first.
pub(super) const LANGUAGES: &[LanguageFiles] =
    &[language!("en"), language!("it"), language!("fr"), language!("da"), language!("es")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::domain::locale::BUILT_IN;

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
        assert_eq!(LANGUAGES.iter().map(|l| l.tag).collect::<Vec<_>>(), BUILT_IN);
        for language in LANGUAGES {
            let kinds: Vec<Kind> = language.texts.iter().map(|(kind, _)| *kind).collect();
            assert_eq!(kinds, Kind::ALL, "{}", language.tag);
            let mut listed =
                BTreeSet::from(["language.toml", "cities.toml", "staff.toml"].map(str::to_owned));
            listed.extend(kinds.iter().map(|kind| format!("{}.toml", kind.as_str())));
            assert_eq!(listed, names(&root.join(language.tag), false), "{}", language.tag);
        }
    }
}
