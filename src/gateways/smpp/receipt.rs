//! Receipts: what an SMSC says of a message after it took it (SMPP 3.4 appendix B).

use crate::domain::receipt::{Failure, Report};

/// The longest id or word that is kept, in characters.
const WORD_MAX_CHARS: usize = 65;

/// What the text of a receipt says: `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:…
/// text:…`, of which any may be missing, in capitals or not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The SMSC's of the message.
    pub id: Option<String>,
    /// Such as `DELIVRD`.
    pub word: Option<String>,
}

impl Receipt {
    /// Reads a text. What stands behind `text:` is the message's own, and says nothing.
    pub fn read(text: &str) -> Self {
        let small = text.to_ascii_lowercase();
        let end = small.find("text:").unwrap_or(text.len());
        let (text, small) = (&text[..end], &small[..end]);
        Self { id: field(text, small, "id:"), word: field(text, small, "stat:") }
    }
}

/// The word behind a name at the beginning of a text or behind a space.
fn field(text: &str, small: &str, name: &str) -> Option<String> {
    let begins = |(at, _): &(usize, &str)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric())
    };
    let (at, _) = small.match_indices(name).find(begins)?;
    let word = text[at + name.len()..].split_whitespace().next()?;
    Some(word.chars().take(WORD_MAX_CHARS).collect())
}

/// What a word means; nothing where it is one on the way, or unknown.
pub(super) fn of_word(word: &str) -> Option<Report> {
    match word.to_ascii_uppercase().as_str() {
        "DELIVRD" | "DELIVERED" => Some(Report::Delivered),
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" | "REJECTED" | "FAILED" => {
            Some(Report::Undelivered(Failure::Failed))
        }
        _ => None,
    }
}

/// The word for a state (SMPP 3.4 §5.2.28, 5.0 §4.7.15).
pub(super) fn word_of(state: u8) -> &'static str {
    match state {
        0 => "SCHEDULED",
        1 => "ENROUTE",
        2 => "DELIVRD",
        3 => "EXPIRED",
        4 => "DELETED",
        5 => "UNDELIV",
        6 => "ACCEPTD",
        8 => "REJECTD",
        9 => "FAILED",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>) {
        let Receipt { id, word } = Receipt::read(text);
        (id, word)
    }

    #[test]
    fn texts_of_all_kinds_are_read() {
        let some = |text: &str| Some(text.to_owned());
        for (text, id, word) in [
            (
                "id:0123456789 sub:001 dlvrd:001 submit date:2611290910 done date:2611290911 \
                 stat:DELIVRD err:000 text:id:9 stat:UNDELIV",
                some("0123456789"),
                some("DELIVRD"),
            ),
            ("ID:ab-1 STAT:Undeliv Err:12 Text:", some("ab-1"), some("Undeliv")),
            ("id:7 submit date:2611290910 stat:EXPIRED", some("7"), some("EXPIRED")),
            ("stat:REJECTD id:8", some("8"), some("REJECTD")),
            ("paid:5 state:x stat:", None, None),
            ("", None, None),
            ("è id:1", some("1"), None),
        ] {
            assert_eq!(read(text), (id, word), "{text}");
        }
    }

    #[test]
    fn a_word_on_the_way_means_nothing_yet() {
        let failed = Some(Report::Undelivered(Failure::Failed));
        for (state, report) in [
            (0, None),
            (1, None),
            (2, Some(Report::Delivered)),
            (3, failed),
            (4, failed),
            (5, failed),
            (6, None),
            (7, None),
            (8, failed),
            (9, failed),
            (77, None),
        ] {
            assert_eq!(of_word(word_of(state)), report, "{state}");
        }
        assert_eq!(of_word("delivrd"), Some(Report::Delivered));
    }
}
