//! How much of the month's text messages is used up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::MessageId;
use super::zone::Zone;

/// The latest messages whose segments came back are remembered, so that none gives them back
/// twice: more than are in flight at once.
pub const GIVEN_BACK_MAX: usize = 32;

/// SMS segments of one calendar month in the venue's zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsUsage {
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// Segments that were handed out, and not given back.
    pub segments: u32,
    /// The latest messages that gave theirs back, the last at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_back: Vec<MessageId>,
}

impl SmsUsage {
    /// The month that this instant lies in, or the next to be counted.
    pub fn month_of(&self, now: Timestamp, zone: &Zone) -> Self {
        let (year, month) = month_of(now, zone);
        if (self.year, self.month) == (year, month) {
            return self.clone();
        }
        Self { year, month, segments: 0, given_back: self.given_back.clone() }
    }

    /// These segments are used up.
    pub fn count(&mut self, segments: u32) {
        self.segments = self.segments.saturating_add(segments);
    }

    /// A message that gave its segments back is sent again: they are used up, and may come back
    /// once more.
    pub fn count_again(&mut self, message: MessageId, segments: u32) {
        self.count(segments);
        self.given_back.retain(|given_back| *given_back != message);
    }

    /// The message never left, or nobody took it: what it was counted for may be used again, in
    /// the month that it was counted in. Says whether that is news.
    pub fn give_back(&mut self, message: MessageId, segments: u32, zone: &Zone) -> bool {
        if self.given_back.contains(&message) {
            return false;
        }
        let counted = message.decided_at().map(|at| month_of(at, zone));
        if counted == Some((self.year, self.month)) {
            self.segments = self.segments.saturating_sub(segments);
        }
        self.given_back.push(message);
        let surplus = self.given_back.len().saturating_sub(GIVEN_BACK_MAX);
        self.given_back.drain(..surplus);
        true
    }
}

fn month_of(at: Timestamp, zone: &Zone) -> (i16, i8) {
    let day = at.to_zoned(zone.rules().clone()).date();
    (day.year(), day.month())
}
