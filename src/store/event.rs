//! What upstream is told, as it stands in the store, and how far it was read.

use std::fmt;

use crate::domain::partition::Part;

/// What upstream is told, and where it stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its tenant's partition when it was written.
    pub part: Part,
    /// Its place in the order of the partition's events, from 1 and without a gap.
    pub seq: i64,
    /// Its identity, the same however often it is published.
    pub id: String,
    pub tenant: String,
    /// The CloudEvents type.
    pub type_name: String,
    /// The CloudEvent as upstream reads it, JSON text.
    pub body: Box<str>,
}

/// How far a reader has come: the last event read of each partition, by the partitions' numbers.
///
/// As text it is a number for each, with dots between them: `12` where there is one partition,
/// `12.0.7.3` where there are four.
#[derive(Debug, Clone, Default)]
pub struct Cursor(Vec<i64>);

impl Cursor {
    /// Behind these events, in the order of the partitions.
    pub fn at(read: Vec<i64>) -> Self {
        Self(read)
    }

    /// Reads it from text. `None` if it is no cursor over so many partitions; `0` is the beginning
    /// of any number of them.
    pub fn parse(text: &str, partitions: u16) -> Option<Self> {
        let number = |text: &str| text.parse().ok().filter(|number| *number >= 0);
        let read: Vec<i64> = text.split('.').map(number).collect::<Option<_>>()?;
        let fits = read.len() == usize::from(partitions) || read == [0];
        fits.then(|| Self(read).over(partitions))
    }

    /// The same over at least so many partitions, as it is written out.
    #[must_use]
    pub fn over(mut self, partitions: u16) -> Self {
        let all = self.0.len().max(usize::from(partitions));
        self.0.resize(all, 0);
        self
    }

    /// The last event read of a partition; 0 if none was.
    pub fn of(&self, part: Part) -> i64 {
        self.0.get(usize::from(part.number())).copied().unwrap_or(0)
    }

    /// This event was read.
    pub fn pass(&mut self, part: Part, seq: i64) {
        let place = usize::from(part.number());
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] = seq;
    }

    /// What nobody can read any more is behind it.
    pub fn skip(&mut self, gone: &Self) {
        for (part, seq) in (0..).map(Part::new).zip(&gone.0) {
            if self.of(part) < *seq {
                self.pass(part, *seq);
            }
        }
    }

    /// Whether it is nowhere before another.
    pub fn covers(&self, other: &Self) -> bool {
        (0..).zip(&other.0).all(|(part, seq)| self.of(Part::new(part)) >= *seq)
    }

    /// How many events were read, of all partitions.
    pub fn total(&self) -> i64 {
        self.0.iter().fold(0, |total, seq| total.saturating_add(*seq))
    }

    /// The last event read of each partition, by number.
    pub fn parts(&self) -> &[i64] {
        &self.0
    }
}

/// Where nothing was read, it does not matter whether a partition is mentioned.
impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.covers(other) && other.covers(self)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, seq) in self.0.iter().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{seq}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_number_for_each_partition() {
        let read = |text, partitions| Cursor::parse(text, partitions).map(|read| read.to_string());
        for (text, partitions, expected) in [
            ("12", 1, Some("12")),
            ("00000000000000000012", 1, Some("12")),
            ("0", 1, Some("0")),
            ("0", 4, Some("0.0.0.0")),
            ("12.0.7.3", 4, Some("12.0.7.3")),
            ("12", 4, None),
            ("12.0", 1, None),
            ("1.2.3.-4", 4, None),
            ("1..3.4", 4, None),
            ("", 1, None),
        ] {
            assert_eq!(read(text, partitions).as_deref(), expected, "{text} of {partitions}");
        }
        let mut cursor = Cursor::default();
        cursor.pass(Part::new(2), 7);
        assert_eq!(cursor, Cursor::at(vec![0, 0, 7, 0]));
        assert_eq!([cursor.of(Part::new(2)), cursor.of(Part::new(9))], [7, 0]);
        assert_eq!(cursor.clone().over(4).to_string(), "0.0.7.0");
        cursor.skip(&Cursor::at(vec![3, 0, 5]));
        assert_eq!(cursor, Cursor::at(vec![3, 0, 7]));
    }
}
