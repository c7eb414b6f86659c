//! Why a message ends without an attempt. Pure, save for the time of day.

use jiff::{SignedDuration, Timestamp};

use super::attempt::failed;
use super::means::Retries;
use super::settling::{dead, expired, given_back, unknown, withdrawn};
use super::turn::Turn;
use crate::clock;
use crate::domain::outcome::Outcome;
use crate::domain::retry::CRASHES_MAX;
use crate::store::{Settled, StoredMessage};

/// Why a message does not leave, or not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Something newer replaced it, or its reader was erased.
    Withdrawn,
    /// Its deadline has passed, or it is given up.
    Expired,
    /// It may have arrived and is not sent again.
    Unknown(&'static str),
    /// It never left and is not tried again.
    Dead(&'static str),
    /// Another of its strand is in doubt: not before then.
    NotBefore(Timestamp),
    /// No provider takes it now: what the last one said counts.
    Refused,
    /// The dispatcher panics at it.
    Poison,
    /// The daemon stops.
    GivenBack,
}

/// From when on a message is not tried any more: its deadline, or when it is given up.
pub fn end_of(stored: &StoredMessage, first_due: Timestamp, retries: &Retries) -> Timestamp {
    let give_up = retries.of(stored.message.channel).give_up;
    let give_up = SignedDuration::try_from(give_up).unwrap_or(SignedDuration::MAX);
    let given_up = first_due.checked_add(give_up).unwrap_or(Timestamp::MAX);
    stored.message.deadline.map_or(given_up, |deadline| deadline.min(given_up))
}

/// Why it is not to be tried any more, whatever a provider would say; nothing where it is.
pub fn why_it_ends(turn: &Turn, retries: &Retries) -> Option<Ending> {
    const DIED_SENDING: &str = "bellhop died while it was being sent";
    const DIED_HANDLING: &str = "bellhop died each time that it was handled";
    if turn.is_withdrawn() {
        return Some(Ending::Withdrawn);
    }
    let (stored, now) = (&turn.post.stored, clock::now());
    let schedule = retries.of(stored.message.channel);
    if stored.doubts as usize > schedule.doubts.len() {
        return Some(Ending::Unknown(DIED_SENDING));
    }
    let is_late = end_of(stored, turn.first_due(), retries) <= now;
    match (is_late, stored.crashes >= CRASHES_MAX, stored.doubts) {
        (true, _, 0) => Some(Ending::Expired),
        (true, _, _) => Some(Ending::Unknown("past its deadline")),
        (_, true, 0) => Some(Ending::Dead(DIED_HANDLING)),
        (_, true, _) => Some(Ending::Unknown(DIED_HANDLING)),
        _ => None,
    }
}

impl Ending {
    /// Whether we may be to blame: what we die of is not sent around.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Dead(_) | Self::Poison)
    }

    /// What is written down of it; nothing where the last provider's words decide.
    pub fn settled(&self, turn: &Turn) -> Option<Settled> {
        const POISON: &str = "bellhop panicked each time that it was to be sent";
        let post = &turn.post;
        Some(match self {
            Self::Withdrawn => withdrawn(post, failed(Outcome::Transient, "superseded")),
            Self::Expired => expired(post),
            Self::Unknown(why) => unknown(post, why),
            Self::Dead(why) => dead(post, why),
            Self::NotBefore(until) => given_back(post, Some(*until)),
            Self::Poison if post.stored.doubts > 0 => unknown(post, POISON),
            Self::Poison => dead(post, POISON),
            Self::GivenBack => given_back(post, None),
            Self::Refused => return None,
        })
    }
}
