//! Dead letters, the jobs that try them again, and the audit of what operators did.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::domain::channel::Channel;
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
/// So many lines of the audit are kept, the latest.
pub const AUDIT_MAX: u32 = 10_000;

/// What kind of a dead letter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterStatus {
    /// No provider will take it.
    Dead,
    /// It may have arrived.
    Unknown,
    /// This version cannot read it.
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

/// A dead letter, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LetterView {
    /// Its id.
    pub message: String,
    pub tenant: String,
    pub client: String,
    pub kind: String,
    pub channel: String,
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

/// Who does something, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub who: String,
    pub why: String,
    pub at: Timestamp,
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
