//! What became of a command.

use crate::domain::event::Event;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::remark::Remark;
use crate::store::InboxEntry;
use crate::wire::BodyHash;

/// What the one who sent a command is told. Whatever it says is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It took effect, now or when it was first sent.
    Accepted {
        /// Everything was as asked already.
        already_done: bool,
        /// What it asks for and cannot have.
        remark: Option<Remark>,
    },
    /// It was refused, now or when it was first sent; the refusal is recorded.
    Rejected(Rejection),
    /// It could not be tried. It is not recorded: the same command may be sent again.
    SetAside(Rejection),
}

impl Answer {
    /// The answer to a command whose line is in the inbox already.
    pub fn repeated(entry: &InboxEntry, body_hash: BodyHash) -> Self {
        if entry.body_hash != body_hash {
            let detail = "this id was used for another command; choose a new one";
            return Answer::Rejected(Rejection::new(RejectionReason::IdReused, detail));
        }
        match &entry.rejection {
            Some(rejection) => Answer::Rejected(rejection.clone()),
            None => Answer::Accepted { already_done: false, remark: None },
        }
    }

    /// The result as a metric label.
    pub fn result(&self) -> &'static str {
        match self {
            Answer::Accepted { .. } => "accepted",
            Answer::Rejected(rejection) | Answer::SetAside(rejection) => rejection.reason.as_str(),
        }
    }

    /// The result as an event.
    pub fn event(&self) -> Event {
        match self {
            Answer::Accepted { already_done, remark } => {
                Event::CommandAccepted { already_done: *already_done, remark: *remark }
            }
            Answer::Rejected(rejection) | Answer::SetAside(rejection) => {
                Event::CommandRejected(rejection.clone())
            }
        }
    }
}
