//! What stands above a mail's body (RFC 5322 §3.6), encoded and folded by lettre.

use std::io::Write;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{Date, From, Headers, ReplyTo, Subject, To};
use lettre::message::{Mailbox, Mailboxes};

use crate::domain::address::EmailAddress;
use crate::domain::message::MessageId;

/// What stands after the `@` of the Message-ID where the sender's domain is not ASCII. The id is
/// unique by its first half.
const MESSAGE_ID_DOMAIN: &str = "bellhop.invalid";
/// The same in every mail. Nobody's automatic answer should answer it (RFC 3834 §5).
const FIXED: &[u8] = b"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";

/// What stands above an email's content.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Becomes the Message-ID, the same on every attempt.
    pub id: MessageId,
    /// Header and envelope sender.
    pub from: &'a EmailAddress,
    /// The sender's name; empty: none.
    pub from_name: &'a str,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<&'a EmailAddress>,
    /// Header and envelope recipient.
    pub to: &'a EmailAddress,
    /// The recipient's name; empty: none.
    pub to_name: &'a str,
    /// The Date header, in whole seconds.
    pub date: Timestamp,
    /// The URL by which the recipient can stop such mails, by one click (RFC 8058); it must be
    /// part of what the relay signs.
    pub unsubscribe: Option<&'a str>,
}

/// Appends the headers, but for those of the body. Names and subject hold no control characters.
///
/// lettre's `Message` would parse the mailboxes again that it has just written, which takes longer
/// than all the rest.
pub(super) fn write_headers(head: &Letterhead<'_>, subject: &str, raw: &mut Vec<u8>) {
    let mut headers = Headers::with_capacity(5);
    headers.set(From::from(mailboxes(head.from_name, head.from)));
    headers.set(To::from(mailboxes(head.to_name, head.to)));
    if let Some(reply_to) = head.reply_to {
        headers.set(ReplyTo::from(mailboxes("", reply_to)));
    }
    headers.set(Subject::from(subject.to_owned()));
    headers.set(Date::new(SystemTime::from(head.date.max(Timestamp::UNIX_EPOCH))));
    // An id and a domain need neither encoding nor folding.
    let domain = Some(head.from.domain()).filter(|domain| domain.is_ascii());
    let (id, domain) = (head.id, domain.unwrap_or(MESSAGE_ID_DOMAIN));
    // Writing to a Vec cannot fail.
    let _ = write!(raw, "{headers}Message-ID: <{id}@{domain}>\r\n");
    raw.extend_from_slice(FIXED);
    if let Some(url) = head.unsubscribe {
        // In one line: some that look for it do not unfold. RFC 2369 §3.2, RFC 8058 §3.1.
        let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click";
        let _ = write!(raw, "List-Unsubscribe: <{url}>\r\n{post}\r\n");
    }
}

fn mailboxes(name: &str, address: &EmailAddress) -> Mailboxes {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    let name = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    // An `EmailAddress` is checked already.
    Mailboxes::from(Mailbox::new(name, Address::new_dangerous(local, domain)))
}
