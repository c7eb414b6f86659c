//! Texts that a provider carries in several parts: it names each, and reports of each.
//!
//! The message has arrived once all of its parts have, and has not once one of them has not.

use super::message::MessageId;
use super::receipt::Report;

/// A part of a message that its provider has named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub message: MessageId,
    /// Which part, from 0.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
    /// What the provider calls it; no address in it.
    pub reference: String,
}

/// The part that a receipt is of, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which, from 0.
    pub number: u32,
    /// Whether it is known to have arrived.
    pub has_arrived: bool,
    /// How many others are not known to have.
    pub missing: u32,
}

/// What a report of a part says of the whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfWhole {
    /// It fares as the part does.
    Same,
    /// Nothing yet: others have to arrive.
    Waits,
    /// Nothing: it is known better.
    Nothing,
}

impl Part {
    /// What this report of the part says of the message.
    pub fn tells(self, report: Report) -> OfWhole {
        match report {
            Report::Delivered if self.missing > 0 => OfWhole::Waits,
            // Whoever has it has it: a network that calls it failed is wrong.
            Report::Undelivered(_) if self.has_arrived => OfWhole::Nothing,
            Report::Delivered | Report::Undelivered(_) | Report::Complained => OfWhole::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::receipt::Failure;

    #[test]
    fn a_message_has_arrived_once_all_of_its_parts_have() {
        let failed = Report::Undelivered(Failure::Failed);
        for (missing, has_arrived, report, says) in [
            (0, false, Report::Delivered, OfWhole::Same),
            (0, true, Report::Delivered, OfWhole::Same),
            (1, false, Report::Delivered, OfWhole::Waits),
            (1, true, Report::Delivered, OfWhole::Waits),
            (1, false, failed, OfWhole::Same),
            (0, false, failed, OfWhole::Same),
            (1, true, failed, OfWhole::Nothing),
            (1, false, Report::Complained, OfWhole::Same),
        ] {
            let part = Part { number: 0, has_arrived, missing };
            assert_eq!(part.tells(report), says, "{part:?} {report:?}");
        }
    }
}
