//! What comes out of a session.

use std::time::Duration;

use super::letter::{Came, Ticket};
use super::status;
use super::told::Told;
use crate::domain::outcome::Outcome;
use crate::domain::part::Named;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Messages may go.
    Bound,
    /// The SMSC wants no message for so long.
    Throttled(Duration),
    /// They may go again.
    Resumed,
    /// It took something after all of which nobody waits to hear any more.
    Named(Named),
    /// What became of a message.
    Came(Ticket, Came),
    /// It tells something, and waits until it is [answered](super::Session::answers).
    Told(u32, Told),
    /// The session is over: what is left to write may be written, and then the connection closed.
    Over(Over),
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It does not let us in.
    Refused(u32),
    /// It did not answer our bind in time.
    NoAnswer,
    /// It does not answer at all.
    Silent,
    /// It took its leave.
    Unbound,
    /// What it says cannot be followed.
    OutOfStep,
    /// We took our leave.
    Left,
}

impl Over {
    /// What that means for whoever waits to send.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Refused(status) => status::of_bind(status),
            _ => Outcome::Transient,
        }
    }

    /// For the log, and for those who wait.
    pub fn words(self) -> String {
        match self {
            Self::Refused(status) => format!("bind_transceiver: {}", status::words(status)),
            Self::NoAnswer => "bind_transceiver: no answer in time".to_owned(),
            Self::Silent => "enquire_link: no answer in time".to_owned(),
            Self::Unbound => "unbind: the SMSC took its leave".to_owned(),
            Self::OutOfStep => "no PDU".to_owned(),
            Self::Left => "unbind: we took our leave".to_owned(),
        }
    }
}

/// Bytes that are to be written as they are, one chunk behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Which request, if a message goes with it.
    pub sequence: Option<u32>,
    pub bytes: Vec<u8>,
}
