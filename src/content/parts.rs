//! What a rendered message consists of.

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
