//! Whether a refusal without an enhanced code says that the mailbox does not exist.
//!
//! Whoever is blamed gets no mail any more, so the line must say so of a mailbox and speak of
//! nothing else: neither of the sender nor of a domain, a host or a list. What is not understood
//! blames nobody, which costs no more than a mail that bounces again.
//!
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
    // hMailServer, Exim as cPanel has it (":fail: Unknown user"), IMail ("unknown user").
    "unknown user",
    // Exim as cPanel has it ("No Such User Here"), Domino ("... No such user"), Mercury ("We have
    // no such user").
    "no such user",
    // qmail and vpopmail ("sorry, no mailbox here by that name").
    "no mailbox here by that name",
    "no such mailbox",
    // AOL ("MAILBOX NOT FOUND").
    "mailbox not found",
    // GroupWise ("No such recipient").
    "no such recipient",
    // Exchange ("RecipientNotFound; Recipient not found by SMTP address lookup").
    "recipient not found",
    // MDaemon ("Recipient unknown").
    "recipient unknown",
    "unknown recipient",
    // Mimecast ("Invalid Recipient").
    "invalid recipient",
];

const MISSING: &[&str] = &["does not exist", "doesn't exist"];
/// …if it is one of these, with a few words between. Gmail: "The email account that you tried to
/// reach does not exist".
const MAILBOXES: &[&str] = &["mailbox", "user", "account", "recipient", "address"];
/// The most words between the two.
const BETWEEN_MAX: usize = 6;

/// What is said of something else, whatever else is said: parts of words.
const OTHER_REASONS: &[&str] = &[
    // Whose fault it is instead.
    "sender",
    "return",
    "envelope",
    "domain",
    "host",
    "relay",
    "reverse",
    // qmail: the domain is not one of its own.
    "rcpthosts",
    "list",
    "too many",
    "exceed",
    "limit",
    // A rule.
    "reject",
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
    "reputation",
    "spf",
    "dmarc",
    // The moment.
    "quota",
    "full",
    "temporar",
    "try again",
    "later",
];

/// The same: whole words.
const OTHER_WORDS: &[&str] = &["from", "your", "ip", "helo", "ehlo"];

/// What stands around the reason and gives none: Postfix ("Recipient address rejected: User
/// unknown in relay recipient table").
const FRAMES: &[&str] =
    &["recipient address rejected", "unknown in relay recipient table", "on this server"];

/// The other words of those who speak of a mailbox that does not exist and of nothing else. Where
/// another one stands beside the reason, nobody knows whose mailbox it is.
const PLAIN: &[&str] = &[
    "a",
    "account",
    "address",
    "alias",
    "aliases",
    "an",
    "at",
    "available",
    "be",
    "but",
    "by",
    "cannot",
    "check",
    "could",
    "deliver",
    "delivered",
    "delivery",
    "directory",
    "double-checking",
    "email",
    "error",
    "failed",
    "for",
    "found",
    "gsmtp",
    "has",
    "have",
    "here",
    "in",
    "invalid",
    "is",
    "it",
    "ldap",
    "local",
    "lookup",
    "mail",
    "mailbox",
    "maildrop",
    "message",
    "name",
    "no",
    "nobody",
    "not",
    "of",
    "on",
    "or",
    "our",
    "permanent",
    "please",
    "reach",
    "recipient",
    "recipient's",
    "recipientnotfound",
    "recipients",
    "smtp",
    "sorry",
    "spaces",
    "spelling",
    "such",
    "system",
    "table",
    "that",
    "the",
    "there",
    "this",
    "to",
    "tried",
    "try",
    "typos",
    "unable",
    "unavailable",
    "undeliverable",
    "unknown",
    "unnecessary",
    "unroutable",
    "user",
    "users",
    "virtual",
    "was",
    "we",
    "with",
    "you",
];

/// Judges the words of one line; `None` where they blame nobody.
pub(super) fn judge(line: &str) -> Option<Blame> {
    let words = plain_words(line);
    let line = words.join(" ");
    let said = FRAMES.iter().fold(line.clone(), |said, frame| said.replace(frame, ""));
    let of_others = OTHER_REASONS.iter().any(|reason| said.contains(reason))
        || words.iter().any(|word| OTHER_WORDS.contains(&word.as_str()));
    if of_others {
        return Some(Blame::SomethingElse);
    }
    let line = format!(" {line} ");
    let by_name = NO_SUCH_MAILBOX.iter().find(|phrase| line.contains(&format!(" {phrase} ")));
    let missing = || MISSING.iter().find(|phrase| is_of_a_mailbox(&line, phrase));
    let reason = by_name.or_else(missing)?;
    let beside = said.replacen(reason, "", 1);
    beside.split_whitespace().all(is_plain).then_some(Blame::Mailbox)
}

/// Whether a word says nothing of anybody else: numbers, and the marks by which servers find a
/// line again in their logs, do not.
fn is_plain(word: &str) -> bool {
    PLAIN.contains(&word) || word.chars().any(|c| c.is_ascii_digit())
}

/// Whether what `phrase` says is said of a mailbox.
fn is_of_a_mailbox(line: &str, phrase: &str) -> bool {
    line.split_once(phrase).is_some_and(|(before, _)| {
        let mut nearest = before.split_whitespace().rev().take(BETWEEN_MAX + 1);
        nearest.any(|word| MAILBOXES.contains(&word))
    })
}

/// The words in lower case and without the signs around them; addresses and the names of hosts,
/// which may hold any word, are none.
fn plain_words(line: &str) -> Vec<String> {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '\'';
    line.to_lowercase()
        .split(|c: char| c.is_whitespace() || ",;()".contains(c))
        .filter(|word| !word.contains('@'))
        .map(|word| word.trim_matches(is_sign).to_owned())
        .filter(|word| !word.is_empty() && !word.contains('.'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_the_mailbox() {
        for words in [
            "<anna@example.net>... User unknown",
            "<sender@list.example>... User unknown",
            "<a@b>: Recipient address rejected: User unknown in virtual mailbox table",
            "<a@b>: Recipient address rejected: User unknown in relay recipient table",
            "No Such User Here",
            "sorry, no mailbox here by that name. (#5.1.1)",
            "The email account that you tried to reach does not exist.",
            "mailbox <anna@example.net> does not exist",
            "Recipient does not exist",
            "That address doesn't exist",
            "mx.hosting.example: unknown user",
            "RecipientNotFound; Recipient not found by SMTP address lookup",
            "The email account that you tried to reach does not exist. Please try double-checking \
             the recipient's email address for typos or unnecessary spaces. k12-2026si gsmtp",
            "Unknown user in local recipient table [AB12-x]",
            "<anna@example.net>: no such user on this server (#5.1.1)",
        ] {
            assert_eq!(judge(words), Some(Blame::Mailbox), "{words}");
        }
    }

    #[test]
    fn words_that_name_something_else() {
        for words in [
            "Requested action not taken: mailbox name not allowed",
            "Relay access denied",
            "sender address does not exist",
            "user unknown, or blocked by policy",
            "domain does not exist",
            "The domain of your e-mail address does not exist",
            "Return address does not exist",
            "Envelope address does not exist",
            "rejected: invalid recipient list, too many recipients",
            "invalid recipient: too many unknown users",
            "Address does not exist: client host rejected",
            "Your address does not exist",
            "MAIL FROM: user unknown",
            "The account of this sender does not exist",
            "recipient not found in the list of subscribers",
            "no such user, HELO name refused",
            "IP address does not exist in reverse zone",
            "MAILFROM address does not exist, relay denied",
            "Recipient address rejected: Access denied",
        ] {
            assert_eq!(judge(words), Some(Blame::SomethingElse), "{words}");
        }
    }

    #[test]
    fn words_that_say_too_little() {
        for words in [
            "mailbox unavailable",
            "User not local; please try <anna@example.org>",
            "superuser unknown",
            "Reply-To address does not exist",
            "originator address does not exist",
            "The bounce address does not exist",
            "MAILFROM address does not exist",
            "client address does not exist in DNS",
            "source address does not exist",
            "mail server of this address does not exist",
            "Unknown user, you must log in first",
            "unknown user: no credentials",
            "no such user (submitter)",
            "PTR record for this address does not exist",
            "Invalid recipient count",
            "Address does not exist in our access map",
            "Mail-From mailbox not found",
            "Authoring user unknown",
            "User account is disabled, no such user",
            "invalid recipients",
            "the mailbox is well but what you ask of it here really does not exist",
            "this route does not exist",
            "Recipient address rejected",
            "no",
            "",
        ] {
            assert_eq!(judge(words), None, "{words}");
        }
    }
}
