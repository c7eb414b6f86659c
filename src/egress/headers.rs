//! What stands above a mail's body (RFC 5322 §3.6).

use std::io::Write;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{Date, HeaderName, HeaderValue, Headers};

use crate::domain::address::EmailAddress;
use crate::domain::message::MessageId;
use crate::domain::trace::TraceContext;

use super::header_text::{mailbox, unstructured};
use super::wire_address::WireAddress;

const FROM: HeaderName = HeaderName::new_from_ascii_str("From");
const TO: HeaderName = HeaderName::new_from_ascii_str("To");
const REPLY_TO: HeaderName = HeaderName::new_from_ascii_str("Reply-To");
const SUBJECT: HeaderName = HeaderName::new_from_ascii_str("Subject");

/// The same in every mail. Nobody's automatic answer should answer it (RFC 3834 §5).
const FIXED: &[u8] = b"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";

/// What stands above an email's content.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Becomes the Message-ID, the same on every attempt.
    pub id: MessageId,
    /// Header sender, and that of the envelope where nothing else is said.
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
    /// The envelope sender, where it is another than the header's: bounces go there.
    pub return_path: Option<&'a EmailAddress>,
    /// What large receivers count together: up to three names and the installation's own, with
    /// colons between them.
    pub feedback_id: Option<&'a str>,
    /// The trace of the command that it follows from, if it had one.
    pub trace: Option<TraceContext>,
}

/// The addresses of a letterhead, as they are written.
pub(super) struct Addresses {
    /// Header sender.
    pub from: WireAddress,
    /// Envelope sender.
    pub returns: WireAddress,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<WireAddress>,
    /// Header and envelope recipient.
    pub to: WireAddress,
}

impl Addresses {
    /// Spells them.
    pub fn of(head: &Letterhead<'_>) -> Self {
        Self {
            from: WireAddress::of(head.from),
            returns: WireAddress::of(head.return_path.unwrap_or(head.from)),
            reply_to: head.reply_to.map(WireAddress::of),
            to: WireAddress::of(head.to),
        }
    }

    /// Whether one of them stands in the mail as UTF-8.
    pub fn need_utf8(&self) -> bool {
        let Self { from, returns, reply_to, to } = self;
        [Some(from), Some(returns), reply_to.as_ref(), Some(to)]
            .into_iter()
            .flatten()
            .any(WireAddress::needs_utf8)
    }
}

/// Appends the headers, but for those of the body. Names and subject hold no control characters.
pub(super) fn write_headers(
    head: &Letterhead<'_>,
    addresses: &Addresses,
    subject: &str,
    raw: &mut Vec<u8>,
) {
    let Addresses { from, reply_to, to, .. } = addresses;
    let mut headers = Headers::with_capacity(5);
    let mut set = |name: HeaderName, value: String| {
        headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(name, String::new(), value));
    };
    set(FROM, mailbox("From", head.from_name, from.as_str()));
    set(TO, mailbox("To", head.to_name, to.as_str()));
    if let Some(reply_to) = reply_to {
        set(REPLY_TO, mailbox("Reply-To", "", reply_to.as_str()));
    }
    set(SUBJECT, unstructured("Subject", subject));
    headers.set(Date::new(SystemTime::from(head.date.max(Timestamp::UNIX_EPOCH))));
    let (id, domain) = (head.id, from.domain());
    // Writing to a Vec cannot fail.
    let _ = write!(raw, "{headers}Message-ID: <{id}@{domain}>\r\n");
    raw.extend_from_slice(FIXED);
    if let Some(id) = head.feedback_id {
        let _ = write!(raw, "Feedback-ID: {id}\r\n");
    }
    if let Some(trace) = head.trace {
        let _ = write!(raw, "X-Traceparent: {trace}\r\n");
    }
    if let Some(url) = head.unsubscribe {
        // In one line: some that look for it do not unfold. RFC 2369 §3.2, RFC 8058 §3.1.
        let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click";
        let _ = write!(raw, "List-Unsubscribe: <{url}>\r\n{post}\r\n");
    }
}
