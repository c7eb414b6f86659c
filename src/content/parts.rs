//! What a rendered message consists of.

pub use super::gsm::SmsEncoding;
use super::gsm::measure;
use super::spelling::{strangers, transliterated};

/// The longest subject or inbox title, in characters. Inboxes show about half of it.
pub const SUBJECT_MAX_CHARS: usize = 150;
/// The longest title of a push, in characters. Phones show about half of it.
pub const PUSH_TITLE_MAX_CHARS: usize = 80;
/// The longest body of a push, in characters. Apple and Google take 4096 bytes for the whole.
pub const PUSH_BODY_MAX_CHARS: usize = 400;
/// The most segments of one SMS.
pub const SMS_SEGMENTS_MAX: u32 = 10;

/// An email's content, before it becomes a MIME message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailParts {
    /// One line, no control characters.
    pub subject: String,
    /// The plain text alternative.
    pub text: String,
    /// The HTML alternative.
    pub html: String,
    /// The calendar file (RFC 5545), where the kind carries one.
    pub calendar: Option<CalendarPart>,
}

/// An iCalendar object and the iTIP method that it is sent with (RFC 5546 §1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// `REQUEST` or `CANCEL`.
    pub method: &'static str,
    /// The object, lines ended by CRLF.
    pub body: String,
}

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsText {
    /// No control characters but the line feed, which the GSM alphabet has.
    pub text: String,
    /// How many segments it takes, from 1 to [`SMS_SEGMENTS_MAX`].
    pub segments: u32,
    pub encoding: SmsEncoding,
}

impl SmsText {
    /// Measures a text.
    pub(super) fn of(text: String) -> Self {
        let (encoding, segments) = measure(&text);
        Self { text, segments, encoding }
    }

    /// The same with plain letters for those that the GSM alphabet lacks, where that takes fewer
    /// segments and every one of them has a plain form.
    pub fn transliterated(&self) -> Option<Self> {
        if self.encoding == SmsEncoding::Gsm7 {
            return None;
        }
        let plain = transliterated(&self.text).map(Self::of);
        plain.filter(|plain| plain.segments < self.segments)
    }

    /// The characters because of which it is not in the GSM alphabet, each once; none where it is.
    pub fn strangers(&self) -> Vec<char> {
        strangers(&self.text)
    }
}

/// A notification on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushParts {
    /// One line, at most [`PUSH_TITLE_MAX_CHARS`].
    pub title: String,
    /// At most [`PUSH_BODY_MAX_CHARS`].
    pub body: String,
}

/// A message in the app's mailbox or on its board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxParts {
    /// One line, at most [`SUBJECT_MAX_CHARS`].
    pub title: String,
    /// The text, in lines ended by a line feed.
    pub body: String,
}

/// A message as written for its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    Email(EmailParts),
    Sms(SmsText),
    Push(PushParts),
    Inbox(InboxParts),
}
