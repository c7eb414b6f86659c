//! One message on its way: its parts, and what is certain of it.
//!
//! ```text
//!            written              0            (all of them: accepted)
//!   waits ────────────▶ asked ─────────▶ taken
//!     ▲                  │ │ └─────────▶ lost         no answer, or none in time
//!     │ momentary        │ └───────────▶ refused
//!     └──────────────────┘               the first: the message; another: see below
//! ```
//!
//! The first part goes ahead alone: where it is refused, nothing was taken, and the message is what
//! the SMSC calls it. Once it was taken the others follow. One that is refused for the moment is
//! asked for again, [`TRIES_MAX`] times; if it is refused all the same, the message is in doubt and
//! is never sent again: its reader has a part of it.

use std::time::{Duration, Instant};

use rusmpp_core::pdus::owned::SubmitSm;

use super::status::{self, is_momentary, of_message};
use crate::domain::message::MessageId;
use crate::domain::outcome::Outcome;

/// How often a part is asked for that follows one which was taken.
const TRIES_MAX: u32 = 4;
/// The pause before it is asked for again the first time; then twice as long each time.
const PAUSE: Duration = Duration::from_secs(1);

/// Which message, within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// For the message.
    pub outcome: Outcome,
    /// In our words: they repeat nothing of it.
    pub said: String,
    /// Whether it failed before the message was mentioned.
    pub of_provider: bool,
    /// What the SMSC calls each part that it took, in their order.
    pub ids: Vec<Option<String>>,
}

/// See the module.
#[derive(Debug)]
pub struct Letter {
    pub(super) message: MessageId,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    submit: SubmitSm,
    state: State,
    tries: u32,
}

#[derive(Debug)]
enum State {
    Waits { from: Option<Instant> },
    Asked,
    Taken { id: Option<String> },
    Refused { status: u32, pause: Option<Duration> },
    Lost { why: &'static str },
}

impl Letter {
    /// Nothing of it was written.
    pub(super) fn new(message: MessageId, parts: Vec<SubmitSm>) -> Self {
        let new = |submit| Part { submit, state: State::Waits { from: None }, tries: 0 };
        Self { message, parts: parts.into_iter().map(new).collect() }
    }

    /// How many parts it has.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// How many parts want something yet, or may.
    pub(super) fn open(&self) -> usize {
        let is_open = |part: &&Part| matches!(part.state, State::Waits { .. } | State::Asked);
        self.parts.iter().filter(is_open).count()
    }

    /// The part that may be written now.
    pub(super) fn next(&self) -> Option<usize> {
        let (first, others) = self.parts.split_first()?;
        let may = |part: &Part| matches!(part.state, State::Waits { from: None });
        match first.state {
            State::Taken { .. } if !self.is_given_up() => {
                others.iter().position(may).map(|place| place + 1)
            }
            State::Waits { .. } => may(first).then_some(0),
            _ => None,
        }
    }

    /// When a part may be written that may not be now.
    pub(super) fn wakes(&self) -> Option<Instant> {
        let from = |part: &Part| match part.state {
            State::Waits { from } => from,
            _ => None,
        };
        self.parts.iter().filter_map(from).min()
    }

    /// What waited for its time may be written from now on.
    pub(super) fn passes(&mut self, now: Instant) {
        for part in &mut self.parts {
            if matches!(part.state, State::Waits { from: Some(from) } if from <= now) {
                part.state = State::Waits { from: None };
            }
        }
    }

    /// A part is being written; returns it.
    pub(super) fn asks(&mut self, part: usize) -> Option<SubmitSm> {
        let part = self.parts.get_mut(part)?;
        (part.state, part.tries) = (State::Asked, part.tries + 1);
        Some(part.submit.clone())
    }

    /// Nothing of a part was written after all.
    pub(super) fn was_not_written(&mut self, part: usize) {
        self.becomes(part, State::Waits { from: None });
    }

    /// The SMSC has a part, and calls it this.
    pub(super) fn was_taken(&mut self, part: usize, id: Option<String>) {
        self.becomes(part, State::Taken { id });
    }

    /// A part was refused; nothing is asked of the SMSC for so long, if it wants that.
    pub(super) fn was_refused(
        &mut self,
        part: usize,
        status: u32,
        pause: Option<Duration>,
        now: Instant,
    ) {
        let tries = self.parts.get(part).map_or(0, |part| part.tries);
        let again = part > 0 && is_momentary(status) && tries < TRIES_MAX;
        let state = match again {
            true => {
                let own = PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1));
                State::Waits { from: Some(now + pause.unwrap_or(own).max(own)) }
            }
            false => State::Refused { status, pause },
        };
        self.becomes(part, state);
    }

    /// Nobody will say what became of a part.
    pub(super) fn was_lost(&mut self, part: usize, why: &'static str) {
        self.becomes(part, State::Lost { why });
    }

    fn becomes(&mut self, part: usize, state: State) {
        if let Some(part) = self.parts.get_mut(part) {
            part.state = state;
        }
    }

    /// Whether a part is missing for good, so that the others need not follow.
    fn is_given_up(&self) -> bool {
        let is_missing =
            |part: &Part| matches!(part.state, State::Refused { .. } | State::Lost { .. });
        self.parts.iter().any(is_missing)
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        let is_asked = |part: &Part| matches!(part.state, State::Asked);
        let is_waiting = |part: &Part| matches!(part.state, State::Waits { .. });
        let any = |of: fn(&Part) -> bool| self.parts.iter().any(of);
        !any(is_asked) && (self.is_given_up() || !any(is_waiting))
    }

    /// What came of it, if nothing more does.
    pub(super) fn came(&self) -> Came {
        let taken = self.parts.iter().filter(|part| matches!(part.state, State::Taken { .. }));
        let (taken, parts) = (taken.count(), self.parts());
        let why = self.parts.iter().find_map(|part| match &part.state {
            State::Refused { status, pause } => Some(Missing::Refused(*status, *pause)),
            State::Lost { why } => Some(Missing::Lost(why)),
            _ => None,
        });
        let said = |words: &str| match parts {
            1 => words.to_owned(),
            parts => format!("{taken} of {parts} parts taken: {words}"),
        };
        let (outcome, said) = match why {
            None if taken == parts => (Outcome::Accepted, said("0x00 ESME_ROK")),
            None if taken == 0 => return Came::not_written("submit_sm: connection closed"),
            None => (Outcome::InDoubt, said("connection closed")),
            Some(Missing::Refused(status, pause)) if taken == 0 => {
                (of_message(status, pause), said(&status::words(status)))
            }
            Some(Missing::Refused(status, _)) => (Outcome::InDoubt, said(&status::words(status))),
            Some(Missing::Lost(why)) => (Outcome::InDoubt, said(why)),
        };
        let ids = self.parts.iter().map(|part| match &part.state {
            State::Taken { id } => id.clone(),
            _ => None,
        });
        let (ids, said) = (ids.collect(), format!("submit_sm: {said}"));
        Came { outcome, said, of_provider: false, ids }
    }
}

enum Missing {
    Refused(u32, Option<Duration>),
    Lost(&'static str),
}

impl Came {
    /// Nothing of the message was written.
    pub(super) fn not_written(said: &str) -> Self {
        Self::nothing(Outcome::Transient, said, true)
    }

    /// Nothing was tried, and why.
    pub fn nothing(outcome: Outcome, said: &str, of_provider: bool) -> Self {
        Self { outcome, said: said.to_owned(), of_provider, ids: Vec::new() }
    }
}
