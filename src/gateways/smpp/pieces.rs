//! What clients write in several parts, put together again.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::told::{Piece, Writing};

/// Texts that wait for their other parts at once; the oldest makes room, as it is.
const OPEN_MAX: usize = 256;
/// The most parts of a text that is put together; the parts of a longer one are texts of their own.
const PARTS_MAX: u8 = 10;
/// How long a text waits for its other parts; then it goes on as it is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Texts of which parts are missing.
#[derive(Debug, Default)]
pub struct Pieces(HashMap<Key, Open>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    from: String,
    to: String,
    reference: u16,
    count: u8,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    texts: BTreeMap<u8, String>,
}

impl Pieces {
    /// A text, or a part of one, has come; returns what is whole by that, or waits no longer.
    pub fn takes(&mut self, writing: Writing, now: Instant) -> Vec<Writing> {
        let mut whole = self.overdue(now);
        let Writing { from, to, text, piece } = writing;
        let piece = piece.filter(|piece| piece.count <= PARTS_MAX);
        let Some(Piece { reference, number, count }) = piece else {
            whole.push(Writing { from, to, text, piece: None });
            return whole;
        };
        let key = Key { from, to, reference, count };
        if !self.0.contains_key(&key) && self.0.len() >= OPEN_MAX {
            let oldest = self.0.iter().min_by_key(|(_, open)| open.since);
            let oldest = oldest.map(|(key, _)| key.clone());
            whole.extend(oldest.and_then(|key| self.ends(&key)));
        }
        let new = || Open { since: now, texts: BTreeMap::new() };
        let open = self.0.entry(key.clone()).or_insert_with(new);
        open.texts.insert(number, text);
        if open.texts.len() == usize::from(count) {
            whole.extend(self.ends(&key));
        }
        whole
    }

    /// What waits no longer.
    pub fn overdue(&mut self, now: Instant) -> Vec<Writing> {
        let is_late = |open: &Open| now.saturating_duration_since(open.since) >= PATIENCE;
        let late = self.0.iter().filter(|(_, open)| is_late(open));
        let late: Vec<Key> = late.map(|(key, _)| key.clone()).collect();
        late.iter().filter_map(|key| self.ends(key)).collect()
    }

    fn ends(&mut self, key: &Key) -> Option<Writing> {
        let (Key { from, to, .. }, open) = self.0.remove_entry(key)?;
        let text = open.texts.into_values().collect();
        Some(Writing { from, to, text, piece: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn part(from: &str, number: u8, count: u8, text: &str) -> Writing {
        let piece = Some(Piece { reference: 7, number, count });
        Writing { from: from.to_owned(), to: "4455".to_owned(), text: text.to_owned(), piece }
    }

    fn texts(whole: Vec<Writing>) -> Vec<String> {
        whole.into_iter().map(|writing| writing.text).collect()
    }

    #[test]
    fn parts_in_any_order_and_any_number_of_times_are_one_text() {
        let (mut pieces, now) = (Pieces::default(), clock::instant());
        for written in [part("a", 2, 3, "two "), part("a", 2, 3, "two "), part("b", 1, 3, "x")] {
            assert!(pieces.takes(written, now).is_empty());
        }
        assert!(pieces.takes(part("a", 3, 3, "three"), now).is_empty());
        assert_eq!(texts(pieces.takes(part("a", 1, 3, "one "), now)), ["one two three"]);
        assert_eq!(texts(pieces.takes(part("a", 1, 1, "alone"), now)), ["alone"]);
        assert_eq!(texts(pieces.takes(part("a", 1, 99, "many"), now)), ["many"]);
    }

    #[test]
    fn what_waits_too_long_or_is_too_much_goes_on_as_it_is() {
        let (mut pieces, now) = (Pieces::default(), clock::instant());
        pieces.takes(part("a", 1, 2, "STOP "), now);
        assert!(pieces.overdue(now + PATIENCE - Duration::from_secs(1)).is_empty());
        assert_eq!(texts(pieces.overdue(now + PATIENCE)), ["STOP "]);
        for number in 0..OPEN_MAX {
            let at = now + Duration::from_millis(number as u64);
            pieces.takes(part(&number.to_string(), 1, 2, &number.to_string()), at);
        }
        assert_eq!(texts(pieces.takes(part("a", 1, 2, "more"), now)), ["0"]);
        assert_eq!(pieces.0.len(), OPEN_MAX);
    }
}
