//! Dead letters, the jobs that try them again, and the audit of what operators did.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::channel::Channel;
pub use crate::domain::deed::Deed;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::domain::letter::{JobId, Letter};
use crate::domain::message::MessageId;

/// The most letters of one job, or thrown away at once.
pub const LETTERS_MAX: u32 = 100_000;
/// The most jobs that have not ended.
pub const JOBS_OPEN_MAX: u32 = 16;
/// So many jobs are remembered; beyond them the oldest that have ended are forgotten.
pub const JOBS_MAX: u32 = 200;
/// So many commands that were laid aside are remembered, the latest.
pub const LAID_ASIDE_MAX: u32 = 10_000;
/// So many lines of the audit are kept, the latest.
pub const AUDIT_MAX: u32 = 10_000;

/// What kind of a dead letter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterStatus {
    /// No provider will take it.
    Dead,
    /// It may have arrived.
    Unknown,
    /// This version cannot read it; or it is a command that nobody could, and was laid aside.
    Unreadable,
}

impl LetterStatus {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Dead, Self::Unknown, Self::Unreadable];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Which dead letters are meant; all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LetterFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Who was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Why they were given up, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Given up since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What kind of dead letter.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "by_name")]
    pub status: Option<LetterStatus>,
    /// These and no others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageId>,
}

// The shape is serde's.
#[allow(clippy::ref_option)]
fn by_name<S: serde::Serializer>(of: &Option<LetterStatus>, to: S) -> Result<S::Ok, S::Error> {
    of.map(LetterStatus::as_str).serialize(to)
}

/// A command that was laid aside: what is known of it, and nothing that it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidAside {
    /// Its identity in the view of dead letters, ordered by time.
    pub id: Uuid,
    /// Whose it was by its route.
    pub tenant: Option<TenantId>,
    /// Why, by name.
    pub reason: &'static str,
    /// What exactly.
    pub detail: String,
    /// The length of its body.
    pub bytes: usize,
    pub at: Timestamp,
}

/// A dead letter, for people. Of a command that was laid aside there are no client, kind and
/// channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LetterView {
    /// Its id.
    pub message: String,
    pub tenant: Option<String>,
    pub client: Option<String>,
    pub kind: Option<String>,
    pub channel: Option<String>,
    /// `dead`, `unknown` or `unreadable`.
    pub status: String,
    /// Why it was given up, by name.
    pub reason: Option<String>,
    /// Who was asked last.
    pub provider: Option<String>,
    pub reply: Option<String>,
    /// How often it was tried since it was decided, or tried again.
    pub attempts: u32,
    /// When it was given up.
    pub at: Timestamp,
    /// The message whose place it took, which was given up on another channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_of: Option<String>,
    /// What exactly is wrong with a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How long a command is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A dead letter to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundLetter {
    pub tenant: TenantId,
    pub message: MessageId,
    /// The letter; nothing where this version cannot read it.
    pub letter: Option<Letter>,
}

/// Whether a job has work to do, and may do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// At work, or about to be.
    Running,
    /// Until an operator resumes it.
    Paused,
    /// Ended by an operator; what it has done stays done.
    Cancelled,
    /// Ended.
    Done,
}

impl JobState {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Running, Self::Paused, Self::Cancelled, Self::Done];
        all.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether it has ended.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Done)
    }
}

/// A job that is to begin.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its identity.
    pub id: JobId,
    pub filter: LetterFilter,
    /// Letters a second.
    pub rate: f64,
}

/// A job, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct JobView {
    pub id: String,
    /// `running`, `paused`, `cancelled` or `done`.
    pub state: String,
    /// How many letters it has.
    pub matched: u64,
    /// Sent, or on their way again.
    pub sent: u64,
    /// Not sent, because a rule forbids it by now.
    pub skipped: u64,
    /// Given up again, or could not be decided.
    pub failed: u64,
    /// Letters a second.
    pub rate: f64,
    /// Which letters.
    pub filter: Value,
    /// Who asked for it.
    pub who: String,
    pub reason: String,
    pub at: Timestamp,
}

/// A line of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AuditView {
    /// Its place.
    pub seq: i64,
    pub at: Timestamp,
    pub who: String,
    pub what: String,
    pub reason: String,
    /// Which letters, or which job.
    pub subject: Value,
    /// How many messages.
    pub messages: u64,
}
