//! A dead letter: a message that was given up, and what is to become of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::message::{Message, MessageId, MessageStatus, Topic, Unsent};
use super::policy::SkipReason;
use super::trace::TraceContext;

/// A job's identity, ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub Uuid);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A message that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The message, with the facts of then.
    pub message: Message,
    /// Whether it may have arrived: then what was counted for it stays counted.
    pub in_doubt: bool,
    /// Whether its reader was erased since: nothing is left of what it told.
    pub forgotten: bool,
    /// Whether another message took its place, and went or is to go.
    pub replaced: bool,
    /// The trace that it belongs to.
    pub trace: Option<TraceContext>,
}

/// What becomes of a dead letter, as long as it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterChange {
    pub message: MessageId,
    /// The job that asked for it.
    pub job: Option<JobId>,
    pub fate: LetterFate,
}

/// What becomes of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterFate {
    /// It is tried again, as if it were new.
    Again {
        due: Timestamp,
        /// What it is grouped by while it is unsent.
        topic: Option<Topic>,
        /// The message.
        unsent: Unsent,
    },
    /// It is not sent any more.
    Ends {
        status: MessageStatus,
        /// The rule that forbids it; none where an operator threw it away.
        reason: Option<SkipReason>,
    },
}
