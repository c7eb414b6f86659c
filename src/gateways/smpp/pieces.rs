//! What clients write in several parts, put together again.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::told::{Piece, Writing};

/// Texts that wait for their other parts at once; the oldest makes room, as it is.
const OPEN_MAX: usize = 256;
/// The most parts of a text that is put together; the parts of a longer one are texts of their own.
const PARTS_MAX: u8 = 10;
/// The longest of a part, in bytes of UTF-8: one message has 160 characters of up to three. A
/// longer one is a text of its own.
const PART_MAX_BYTES: usize = 480;
/// How long a text waits for its other parts; then it goes on as it is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Texts of which parts are missing, or that are whole and not kept yet.
#[derive(Debug, Default)]
pub struct Pieces(HashMap<Key, Open>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    from: String,
    to: String,
    reference: u16,
    count: u8,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    /// The first part's that came.
    id: String,
    texts: BTreeMap<u8, String>,
}

/// What a client wrote, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The same whenever it is told again.
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    /// Which text it is, where it came in parts: they wait until it [is kept](Pieces::was_kept).
    pub(super) key: Option<Key>,
}

impl Pieces {
    /// A text, or a part of one, has come under this id; returns what is whole by that, or waits no
    /// longer.
    pub fn takes(&mut self, writing: Writing, id: String, now: Instant) -> Vec<Whole> {
        let mut whole = self.overdue(now);
        let Writing { from, to, text, piece, .. } = writing;
        let is_short = text.len() <= PART_MAX_BYTES;
        let piece = piece.filter(|piece| piece.count <= PARTS_MAX && is_short);
        let Some(Piece { reference, number, count }) = piece else {
            whole.push(Whole { id, from, to, text, key: None });
            return whole;
        };
        let key = Key { from, to, reference, count };
        if !self.0.contains_key(&key) && self.0.len() >= OPEN_MAX {
            whole.extend(self.makes_room());
        }
        let new = || Open { since: now, id, texts: BTreeMap::new() };
        let open = self.0.entry(key.clone()).or_insert_with(new);
        open.texts.insert(number, text);
        if open.texts.len() == usize::from(count) {
            whole.push(open.whole(&key));
        }
        whole
    }

    /// What waits no longer, again and again until it is kept.
    pub fn overdue(&mut self, now: Instant) -> Vec<Whole> {
        let is_late = |open: &Open| now.saturating_duration_since(open.since) >= PATIENCE;
        let late = self.0.iter().filter(|(_, open)| is_late(open));
        late.map(|(key, open)| open.whole(key)).collect()
    }

    /// The oldest text goes on as it is.
    fn makes_room(&mut self) -> Option<Whole> {
        let (key, _) = self.0.iter().min_by_key(|(_, open)| open.since)?;
        let (key, open) = self.0.remove_entry(&key.clone())?;
        Some(Whole { key: None, ..open.whole(&key) })
    }

    /// A text is kept: its parts are not needed any more.
    pub fn was_kept(&mut self, whole: &Whole) {
        if let Some(key) = &whole.key
            && self.0.get(key).is_some_and(|open| open.id == whole.id)
        {
            self.0.remove(key);
        }
    }
}

impl Open {
    fn whole(&self, key: &Key) -> Whole {
        let Key { from, to, .. } = key.clone();
        let text = self.texts.values().map(String::as_str).collect();
        Whole { id: self.id.clone(), from, to, text, key: Some(key.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn part(from: &str, number: u8, count: u8, text: &str) -> Writing {
        let piece = Some(Piece { reference: 7, number, count });
        let [from, to, text] = [from, "4455", text].map(str::to_owned);
        Writing { from, to, text, mark: String::new(), piece }
    }

    /// A memory of which all is kept that comes of it.
    #[derive(Default)]
    struct Kept(Pieces);

    impl Kept {
        fn takes(&mut self, writing: Writing, now: Instant) -> Vec<String> {
            let id = writing.text.clone();
            let whole = self.0.takes(writing, id, now);
            self.keeps(whole)
        }

        fn overdue(&mut self, now: Instant) -> Vec<String> {
            let whole = self.0.overdue(now);
            self.keeps(whole)
        }

        fn keeps(&mut self, whole: Vec<Whole>) -> Vec<String> {
            whole.iter().for_each(|whole| self.0.was_kept(whole));
            whole.into_iter().map(|whole| whole.text).collect()
        }
    }

    #[test]
    fn parts_in_any_order_and_any_number_of_times_are_one_text() {
        let (mut pieces, now) = (Kept::default(), clock::instant());
        for written in [part("a", 2, 3, "two "), part("a", 2, 3, "two "), part("b", 1, 3, "x")] {
            assert!(pieces.takes(written, now).is_empty());
        }
        assert!(pieces.takes(part("a", 3, 3, "three"), now).is_empty());
        assert_eq!(pieces.takes(part("a", 1, 3, "one "), now), ["one two three"]);
        assert_eq!(pieces.takes(part("a", 1, 1, "alone"), now), ["alone"]);
        assert_eq!(pieces.takes(part("a", 1, 99, "many"), now), ["many"]);
        let long = "x".repeat(PART_MAX_BYTES + 1);
        assert_eq!(pieces.takes(part("a", 1, 3, &long), now), [long.as_str()]);
    }

    #[test]
    fn what_waits_too_long_or_is_too_much_goes_on_as_it_is() {
        let (mut pieces, now) = (Kept::default(), clock::instant());
        pieces.takes(part("a", 1, 2, "STOP "), now);
        assert!(pieces.overdue(now + PATIENCE - Duration::from_secs(1)).is_empty());
        assert_eq!(pieces.overdue(now + PATIENCE), ["STOP "]);
        for number in 0..OPEN_MAX {
            let at = now + Duration::from_millis(number as u64);
            pieces.takes(part(&number.to_string(), 1, 2, &number.to_string()), at);
        }
        assert_eq!(pieces.takes(part("a", 1, 2, "more"), now), ["0"]);
        assert_eq!(pieces.0.0.len(), OPEN_MAX);
    }

    #[test]
    fn the_parts_of_a_text_that_is_not_kept_are() {
        let (mut pieces, now) = (Pieces::default(), clock::instant());
        pieces.takes(part("a", 1, 2, "one "), "first".to_owned(), now);
        let whole = pieces.takes(part("a", 2, 2, "two"), "second".to_owned(), now);
        assert_eq!((&*whole[0].id, &*whole[0].text), ("first", "one two"));
        // It is told again, or not.
        let again = pieces.takes(part("a", 2, 2, "two"), "second".to_owned(), now);
        assert_eq!((&again, &pieces.overdue(now + PATIENCE)), (&whole, &whole));
        pieces.was_kept(&whole[0]);
        assert!(pieces.overdue(now + PATIENCE).is_empty());
    }
}
