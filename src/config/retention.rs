//! `[retention]`: how long what is finished is kept.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, s};

const DAY_SECONDS: u64 = 24 * 3600;
/// Longer than anything is planned for after the end of a visit.
const BOOKINGS_MIN: Duration = s(31 * DAY_SECONDS);
/// For ever, for all that anybody needs.
const SPAN_MAX: Duration = s(36_500 * DAY_SECONDS);
/// What is published again after less may take effect again.
const INBOX_WISE: Duration = s(7 * DAY_SECONDS);

/// `[retention]`.
#[derive(Debug, Clone, Serialize)]
pub struct Retention {
    /// A booking, a session and the places in its queue, since they ended.
    #[serde(serialize_with = "span::iso")]
    pub bookings: Duration,
    /// A command's id, by which a repetition is known.
    #[serde(serialize_with = "span::iso")]
    pub inbox: Duration,
    /// A message that has ended and its attempts, since it ended.
    #[serde(serialize_with = "span::iso")]
    pub messages: Duration,
    /// What was decided of each thing to tell; at least `messages`.
    #[serde(serialize_with = "span::iso")]
    pub tellings: Duration,
    /// What upstream was told; at most `messages`.
    #[serde(serialize_with = "span::iso")]
    pub events: Duration,
    /// What stands in mailboxes and on boards.
    #[serde(serialize_with = "span::iso")]
    pub mailbox: Duration,
    /// What operators did.
    #[serde(serialize_with = "span::iso")]
    pub audit: Duration,
    /// A replay that has ended, since it began; at most `messages`.
    #[serde(serialize_with = "span::iso")]
    pub jobs: Duration,
}

impl Retention {
    /// A person is erased by what was decided of them: that stays at least as long as what was
    /// written to them. What events say of a message is found by the message.
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let range = s(1)..=SPAN_MAX;
        let messages = section.span("messages", range.clone())?;
        Ok(Self {
            bookings: section.span("bookings", BOOKINGS_MIN..=SPAN_MAX)?,
            inbox: section.span("inbox", range.clone())?,
            messages,
            tellings: section.span("tellings", messages..=SPAN_MAX)?,
            events: section.span("events", s(1)..=messages)?,
            mailbox: section.span("mailbox", range.clone())?,
            audit: section.span("audit", range)?,
            jobs: section.span("jobs", s(1)..=messages)?,
        })
    }

    /// How long bookings are kept, as those who decide count time.
    pub(super) fn kept(&self) -> SignedDuration {
        SignedDuration::try_from(self.bookings).unwrap_or(SignedDuration::MAX)
    }

    /// What is hardly meant; `files` is the longest that a mail lies in a folder.
    pub(super) fn remarks(&self, files: Option<Duration>) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.inbox < INBOX_WISE {
            remarks.push(
                "retention.inbox: a command that is published again after so short a time takes \
                 effect again; a week is the least that is wise"
                    .to_owned(),
            );
        }
        if files.is_some_and(|files| files > self.messages) {
            remarks.push(
                "retention.messages is shorter than the keep_for of an outbox: older mails \
                 of a client who is erased are not found there any more"
                    .to_owned(),
            );
        }
        remarks
    }
}
