//! Which message a receipt is of, and what those of its parts come to.
//!
//! An SMSC gives each part of a text an id, and a receipt. The message is delivered once all of its
//! parts are, and is not once one of them is not. This is remembered as long as the daemon runs:
//! after a start, the first part, whose id is kept with the message, speaks for all.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::domain::message::MessageId;
use crate::domain::receipt::Report;

/// So many ids are remembered, of the latest parts.
const IDS_MAX: usize = 50_000;

/// What is known of the messages that an SMSC took.
#[derive(Debug, Default)]
pub struct Ledger {
    parts: HashMap<String, (MessageId, usize)>,
    messages: HashMap<MessageId, Whole>,
    /// The ids, the oldest first.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Whole {
    parts: usize,
    delivered: BTreeSet<usize>,
    /// How many ids are remembered.
    ids: usize,
}

/// What a receipt says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Its id was given to no message that is remembered.
    Unknown,
    /// Nothing yet: other parts have none, or it is known already.
    Open(MessageId),
    /// This.
    Known(MessageId, Report),
}

impl Ledger {
    /// The SMSC took a part of a message, counted from 0, and gave it this id.
    pub fn takes(&mut self, id: String, message: MessageId, part: usize, parts: usize) {
        // The first goes ahead: it is a new attempt.
        let whole = match self.messages.entry(message) {
            std::collections::hash_map::Entry::Occupied(mut known) if part == 0 => {
                let ids = known.get().ids;
                known.insert(Whole { ids, ..Whole::of(parts) });
                known.into_mut()
            }
            entry => entry.or_insert_with(|| Whole::of(parts)),
        };
        whole.ids += 1;
        if let Some((former, _)) = self.parts.insert(id.clone(), (message, part)) {
            self.forgets(former);
            self.order.retain(|known| *known != id);
        }
        self.order.push_back(id);
        while self.order.len() > IDS_MAX {
            let oldest = self.order.pop_front().and_then(|id| self.parts.remove(&id));
            if let Some((message, _)) = oldest {
                self.forgets(message);
            }
        }
    }

    fn forgets(&mut self, message: MessageId) {
        let Some(whole) = self.messages.get_mut(&message) else { return };
        whole.ids -= 1;
        if whole.ids == 0 {
            self.messages.remove(&message);
        }
    }

    /// Whether a part has this id.
    pub fn knows(&self, id: &str) -> bool {
        self.parts.contains_key(id)
    }

    /// A receipt came, as often and in whichever order.
    pub fn tells(&mut self, id: &str, report: Report) -> Fate {
        let Some((message, part)) = self.parts.get(id).copied() else { return Fate::Unknown };
        let Some(whole) = self.messages.get_mut(&message) else { return Fate::Unknown };
        match report {
            Report::Delivered => {
                whole.delivered.insert(part);
                let is_all = whole.delivered.len() == whole.parts;
                if is_all { Fate::Known(message, report) } else { Fate::Open(message) }
            }
            // Whoever has it has it.
            Report::Undelivered(_) if whole.delivered.contains(&part) => Fate::Open(message),
            Report::Undelivered(_) | Report::Complained => Fate::Known(message, report),
        }
    }
}

impl Whole {
    fn of(parts: usize) -> Self {
        Self { parts, delivered: BTreeSet::new(), ids: 0 }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::receipt::Failure;

    const FAILED: Report = Report::Undelivered(Failure::Failed);

    fn message(number: u128) -> MessageId {
        MessageId(Uuid::from_u128(number))
    }

    fn ledger(parts: usize) -> Ledger {
        let mut ledger = Ledger::default();
        for part in 0..parts {
            ledger.takes(format!("id-{part}"), message(1), part, parts);
        }
        ledger
    }

    #[test]
    fn a_message_is_delivered_once_all_of_its_parts_are() {
        let mut ledger = ledger(3);
        for (id, fate) in [
            ("id-2", Fate::Open(message(1))),
            ("id-0", Fate::Open(message(1))),
            ("id-0", Fate::Open(message(1))),
            ("other", Fate::Unknown),
            ("id-1", Fate::Known(message(1), Report::Delivered)),
        ] {
            assert_eq!(ledger.tells(id, Report::Delivered), fate, "{id}");
        }
    }

    #[test]
    fn a_message_is_not_delivered_where_one_of_its_parts_is_not() {
        let mut ledger = ledger(2);
        assert_eq!(ledger.tells("id-1", FAILED), Fate::Known(message(1), FAILED));
        assert_eq!(ledger.tells("id-0", Report::Delivered), Fate::Open(message(1)));
        // A network that calls a part failed which its reader has is wrong.
        let known = Fate::Known(message(1), Report::Delivered);
        assert_eq!(ledger.tells("id-1", Report::Delivered), known);
        assert_eq!(ledger.tells("id-1", FAILED), Fate::Open(message(1)));
    }

    #[test]
    fn the_oldest_ids_are_forgotten_with_their_messages() {
        let mut ledger = Ledger::default();
        for number in 0..(IDS_MAX + 10) {
            ledger.takes(number.to_string(), message(number as u128), 0, 1);
        }
        assert!(!ledger.knows("9") && ledger.knows("10"));
        assert_eq!((ledger.parts.len(), ledger.messages.len()), (IDS_MAX, IDS_MAX));
    }

    #[test]
    fn an_id_that_is_given_again_is_the_latest_message_s() {
        let mut ledger = ledger(1);
        ledger.takes("id-0".to_owned(), message(2), 0, 1);
        let known = Fate::Known(message(2), Report::Delivered);
        assert_eq!(ledger.tells("id-0", Report::Delivered), known);
        assert_eq!((ledger.messages.len(), ledger.order.len()), (1, 1));
    }
}
