//! Whether a refusal without an enhanced code says that the mailbox does not exist.
//!
//! Whoever is blamed gets no mail any more, so the words must name the mailbox and nothing else.
//! What RFC 5321 §4.2.3 suggests for 550 and 553, "mailbox unavailable" and "mailbox name not
//! allowed", does not count: servers answer so to spam, to strangers and to relaying as well.

/// Who is to blame for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The mailbox: there is none.
    Mailbox,
    /// The sender, the relay, a rule, the moment.
    SomethingElse,
}

/// What a server says of a mailbox that does not exist, in lower case, and which servers do.
const NO_SUCH_MAILBOX: &[&str] = &[
    // Sendmail ("... User unknown"); Postfix ("User unknown in local recipient table", "in virtual
    // mailbox table", ADDRESS_CLASS_README); Courier ("User unknown.").
    "user unknown",
    // hMailServer, Exim as cPanel has it (":fail: Unknown user").
    "unknown user",
    // Exim as cPanel has it ("No Such User Here"), Domino ("... No such user").
    "no such user",
    // qmail and vpopmail ("sorry, no mailbox here by that name").
    "no mailbox here by that name",
    "no such mailbox",
    "mailbox not found",
    "no such recipient",
    // Exchange ("RecipientNotFound; Recipient not found by SMTP address lookup").
    "recipient not found",
    "recipient unknown",
    "unknown recipient",
    // Mimecast ("Invalid Recipient").
    "invalid recipient",
];

/// What does not exist…
const MISSING: &[&str] = &["does not exist", "doesn't exist"];
/// …if it is one of these. Gmail: "The email account that you tried to reach does not exist".
const MAILBOXES: &[&str] = &["mailbox", "user", "account", "recipient", "address"];

/// What speaks of something else, whatever else is said.
const OTHER_REASONS: &[&str] = &[
    "relay",
    // qmail: the domain is not one of its own.
    "rcpthosts",
    "sender",
    "spam",
    "polic",
    "block",
    "black",
    "banned",
    "denied",
    "not allowed",
    "not permitted",
    "not accept",
    "authenti",
    "verif",
    "quota",
    "full",
    "reputation",
    "spf",
    "dmarc",
    "temporar",
    "try again",
    "later",
];

/// Judges the words of one line; `None` where they blame nobody.
pub(super) fn judge(words: &str) -> Option<Blame> {
    let words = words.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    if says(OTHER_REASONS) {
        return Some(Blame::SomethingElse);
    }
    let is_missing = says(NO_SUCH_MAILBOX) || (says(MISSING) && says(MAILBOXES));
    is_missing.then_some(Blame::Mailbox)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_the_mailbox_and_words_that_do_not() {
        for (words, blame) in [
            ("<anna@example.net>... User unknown", Some(Blame::Mailbox)),
            (
                "<a@b>: Recipient address rejected: User unknown in virtual table",
                Some(Blame::Mailbox),
            ),
            ("No Such User Here", Some(Blame::Mailbox)),
            ("The email account that you tried to reach does not exist.", Some(Blame::Mailbox)),
            ("mailbox unavailable", None),
            ("Requested action not taken: mailbox name not allowed", Some(Blame::SomethingElse)),
            ("domain does not exist", None),
            ("User not local; please try <anna@example.org>", None),
            ("Relay access denied", Some(Blame::SomethingElse)),
            ("sender address does not exist", Some(Blame::SomethingElse)),
            ("user unknown, or blocked by policy", Some(Blame::SomethingElse)),
            ("no", None),
        ] {
            assert_eq!(judge(words), blame, "{words}");
        }
    }
}
