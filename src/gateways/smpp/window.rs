//! Messages on their way, and how many may be at once.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use rusmpp_core::pdus::owned::SubmitSm;

use super::letter::{Came, Letter, Ticket};
use super::status;
use crate::domain::message::MessageId;

/// So many parts are remembered whose answers did not come in time: if one comes at last, their
/// receipts are known.
const LATE_MAX: usize = 256;
/// What is said of a part that nobody answered.
const TIMED_OUT: &str = "no answer in time";

/// Never more parts are asked for than its size.
#[derive(Debug)]
pub(super) struct Window {
    size: usize,
    patience: Duration,
    letters: BTreeMap<Ticket, Letter>,
    asked: BTreeMap<u32, Asked>,
    late: VecDeque<(u32, Which)>,
}

#[derive(Debug)]
struct Asked {
    ticket: Ticket,
    part: usize,
    until: Instant,
}

/// Which part of which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Which {
    pub message: MessageId,
    /// From 0.
    pub part: u32,
    pub parts: u32,
}

impl Window {
    pub fn new(size: usize, patience: Duration) -> Self {
        let (letters, asked, late) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Self { size, patience, letters, asked, late }
    }

    /// Whether the first part of another message could be written now.
    pub fn has_room(&self) -> bool {
        self.letters.values().map(Letter::open).sum::<usize>() < self.size
    }

    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    pub fn takes(&mut self, ticket: Ticket, letter: Letter) {
        self.letters.insert(ticket, letter);
    }

    /// The next part that may be written, as number `sequence`, the oldest message's first.
    pub fn asks(&mut self, sequence: u32, now: Instant) -> Option<SubmitSm> {
        if self.asked.len() >= self.size {
            return None;
        }
        let next = |(ticket, letter): (&Ticket, &Letter)| Some((*ticket, letter.next()?));
        let (ticket, part) = self.letters.iter().find_map(next)?;
        let submit = self.letters.get_mut(&ticket)?.asks(part)?;
        self.asked.insert(sequence, Asked { ticket, part, until: now + self.patience });
        Some(submit)
    }

    /// A part was answered. Says which it was, if nobody waits for it any more.
    pub fn answered(
        &mut self,
        sequence: u32,
        status: u32,
        id: Option<&String>,
        pause: Option<Duration>,
        now: Instant,
    ) -> Option<Which> {
        let Some(Asked { ticket, part, .. }) = self.asked.remove(&sequence) else {
            let place = self.late.iter().position(|(late, _)| *late == sequence)?;
            return self.late.remove(place).map(|(_, which)| which);
        };
        let letter = self.letters.get_mut(&ticket)?;
        match status {
            status::OK => letter.was_taken(part, id.cloned()),
            refusal => letter.was_refused(part, refusal, pause, now),
        }
        None
    }

    /// Gives up on answers that do not come.
    pub fn passes(&mut self, now: Instant) {
        self.letters.values_mut().for_each(|letter| letter.passes(now));
        let is_late = |(_, asked): &(&u32, &Asked)| asked.until <= now;
        let late: Vec<u32> = self.asked.iter().filter(is_late).map(|(late, _)| *late).collect();
        for sequence in late {
            let Some(Asked { ticket, part, .. }) = self.asked.remove(&sequence) else { continue };
            let Some(letter) = self.letters.get_mut(&ticket) else { continue };
            letter.was_lost(part, TIMED_OUT);
            let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
            let (part, parts) = (count(part), count(letter.parts()));
            let which = Which { message: letter.message, part, parts };
            self.late.push_back((sequence, which));
            if self.late.len() > LATE_MAX {
                self.late.pop_front();
            }
        }
    }

    /// The connection is gone, and nothing was written of these.
    pub fn breaks(&mut self, unwritten: &[u32], why: &'static str) {
        for (sequence, Asked { ticket, part, .. }) in std::mem::take(&mut self.asked) {
            let Some(letter) = self.letters.get_mut(&ticket) else { continue };
            match unwritten.contains(&sequence) {
                true => letter.was_not_written(part),
                false => letter.was_lost(part, why),
            }
        }
    }

    /// Those of which nothing more will come; all of them once the session is over.
    pub fn ended(&mut self, is_over: bool) -> Vec<(Ticket, Came)> {
        let ended = self.letters.extract_if(.., |_, letter| is_over || letter.is_over());
        ended.map(|(ticket, letter)| (ticket, letter.came())).collect()
    }

    /// When something changes that nobody tells.
    pub fn wakes(&self) -> Option<Instant> {
        let answers = self.asked.values().map(|asked| asked.until);
        answers.chain(self.letters.values().filter_map(Letter::wakes)).min()
    }

    #[cfg(test)]
    pub fn asked(&self) -> usize {
        self.asked.len()
    }
}
