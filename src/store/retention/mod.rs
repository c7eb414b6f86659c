//! What is kept for a while, and goes then, a little at a time.
//!
//! ```text
//!   old_rows   a page of rows that may be old, in the order of their keys; nobody waits for that
//!   choose     which of them are to go, and where the next page begins       (pure, `choice`)
//!   shed       they go, in a transaction of its own, if they still may
//!   shrink     what they took of the file is given back
//! ```
//!
//! What rests on something else is not left behind without it: a message goes when no event tells
//! of it any more, and what was decided when no message of it is there, each tenant's in the order
//! of their chain. So whoever is erased is found in all that there is.

mod choice;
mod sizes;

use std::time::Duration;

use uuid::Uuid;

use crate::config;

use super::event::Cursor;

pub use choice::{Choice, choose};
pub use sizes::{Ageing, FileSize, Sizes, TableSize};

/// The reader of events under whose name it stands how far they are no longer kept.
pub const SHED: &str = "retention";
/// Under this name it is noted when the last telling was decided that is no longer kept, in
/// milliseconds since 1970.
pub(super) const SHED_TELLINGS: &str = "retention.tellings";

/// What is kept for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Replays that have ended, with their letters.
    Jobs,
    /// What upstream is told, a page at a time.
    Events,
    /// Messages that have ended, with their attempts.
    Messages,
    /// What is known of commands that were laid aside.
    LaidAside,
    /// What was decided of each thing to tell.
    Tellings,
    /// Items of mailboxes and boards.
    Mailbox,
    Audit,
    /// Commands by their ids.
    Inbox,
}

impl What {
    /// Each, and none before what rests on it.
    pub const ALL: [Self; 8] = [
        Self::Jobs,
        Self::Events,
        Self::Messages,
        Self::LaidAside,
        Self::Tellings,
        Self::Mailbox,
        Self::Audit,
        Self::Inbox,
    ];

    /// Its name, as a label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Events => "events",
            Self::Messages => "messages",
            Self::LaidAside => "laid_aside",
            Self::Tellings => "tellings",
            Self::Mailbox => "mailbox",
            Self::Audit => "audit",
            Self::Inbox => "inbox",
        }
    }

    /// How long it is kept.
    pub fn span(self, spans: &config::Retention) -> Duration {
        match self {
            Self::Jobs => spans.jobs,
            Self::Events => spans.events,
            // They are dead letters.
            Self::Messages | Self::LaidAside => spans.messages,
            Self::Tellings => spans.tellings,
            Self::Mailbox => spans.mailbox,
            Self::Audit => spans.audit,
            Self::Inbox => spans.inbox,
        }
    }

    /// Whether the order of its keys is that of its age: then nothing old lies behind what is not.
    fn is_in_order(self) -> bool {
        !matches!(self, Self::Jobs | Self::Messages | Self::Inbox)
    }
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Number(i64),
    Id(Uuid),
    /// Of a tenant.
    Pair(String, String),
}

/// A row that may be old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub key: Key,
    /// Since when it is only kept, in milliseconds since 1970; nothing while it is in use.
    pub since_ms: Option<i64>,
    /// The row that is to go before it, if it is still there.
    pub behind: Option<i64>,
}

/// Rows that may be old, in the order of their keys.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub candidates: Vec<Candidate>,
    /// Behind which the next page begins, if there is one.
    pub next: Option<Key>,
    /// Behind which rows begin of whose age these do not tell: those of the next partition.
    pub others: Option<Key>,
}

/// Which rows are looked at.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    pub what: What,
    /// Behind this one, or from the first.
    pub behind: Option<&'a Key>,
    /// What has been kept since before this, in milliseconds since 1970, is to go.
    pub cut_ms: i64,
    /// How far events were published, where they are.
    pub published: Option<&'a Cursor>,
}

/// What it took to write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shed {
    /// How many rows went, or pages of the file.
    pub gone: u64,
    /// How long others wrote before.
    pub waited: Duration,
    /// How long others had to wait.
    pub took: Duration,
}
