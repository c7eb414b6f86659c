//! Who waits for whom: of what one reader hears about one thing on one channel, one message at a
//! time is on its way, in the order in which they came. Pure; it is told the time.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use super::doubts::Doubts;
use super::order::{Done, Doubted};
use super::strand::Strand;
use super::turn::Turn;
use crate::domain::message::MessageId;

/// See the module.
#[derive(Debug, Default)]
pub struct Strands {
    /// The strands of which a message waits its turn or is under way, and what waits for it.
    taken: HashMap<Strand, VecDeque<Turn>>,
    /// How many wait behind another.
    behind: usize,
    /// What may have arrived and is sent again.
    pub doubts: Doubts,
}

impl Strands {
    /// Somebody is under way already.
    pub fn take(&mut self, strand: Strand) {
        self.taken.entry(strand).or_default();
    }

    /// A message comes in. It is given back if it does not wait behind another.
    pub fn comes_in(&mut self, turn: Turn, now: Timestamp) -> Option<Turn> {
        if let Some(strand) = &turn.strand {
            if let Some(behind) = self.taken.get_mut(strand) {
                behind.push_back(turn);
                self.behind += 1;
                return None;
            }
            self.taken.insert(strand.clone(), VecDeque::new());
        }
        Some(self.in_doubt(turn, now))
    }

    /// A message is done with: the next of its strand has its turn, if there is one.
    pub fn done(&mut self, done: Done, now: Timestamp) -> Option<Turn> {
        let Done { message, strand, doubt, .. } = done;
        match (doubt, &strand) {
            (Doubted::Until(until), Some(strand)) => {
                self.doubts.note(strand.clone(), message, until);
            }
            (Doubted::AsBefore, _) => {}
            _ => self.doubts.settle(message),
        }
        let strand = strand?;
        match self.taken.get_mut(&strand).and_then(VecDeque::pop_front) {
            Some(next) => {
                self.behind -= 1;
                Some(self.in_doubt(next, now))
            }
            None => {
                self.taken.remove(&strand);
                None
            }
        }
    }

    /// How many of its strand a message waits behind, the one that has its turn among them;
    /// nothing where it does not wait so.
    pub fn before(&self, message: MessageId) -> Option<usize> {
        let is = |turn: &Turn| turn.post.stored.message.id == message;
        let before = |behind: &VecDeque<Turn>| behind.iter().position(is);
        self.taken.values().find_map(before).map(|others| others + 1)
    }

    /// Everything that waits behind another.
    pub fn drain(&mut self) -> Vec<Turn> {
        self.behind = 0;
        self.taken.values_mut().flat_map(|behind| behind.drain(..)).collect()
    }

    /// How many wait behind another.
    pub fn behind(&self) -> usize {
        self.behind
    }

    /// Notes until when a message waits for one that may have arrived.
    fn in_doubt(&self, mut turn: Turn, now: Timestamp) -> Turn {
        if let Some(strand) = &turn.strand
            && !turn.is_withdrawn()
        {
            let message = &turn.post.stored.message;
            let (id, deadline) = (message.id, message.deadline);
            turn.not_before = self.doubts.not_before(strand, id, deadline, now);
        }
        turn
    }
}
