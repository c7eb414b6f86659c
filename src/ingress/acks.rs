//! Which deliveries may be acknowledged.

use std::collections::VecDeque;

/// Deliveries in their order, and which of them are done.
///
/// One acknowledgement covers everything up to a tag, so only the contiguous done prefix counts.
#[derive(Debug, Default)]
pub struct Acks {
    open: VecDeque<(u64, bool)>,
}

impl Acks {
    /// A delivery came in; tags rise.
    pub fn opened(&mut self, tag: u64) {
        self.open.push_back((tag, false));
    }

    /// A delivery's command is durable, or laid aside.
    pub fn done(&mut self, tag: u64) {
        if let Ok(place) = self.open.binary_search_by_key(&tag, |(tag, _)| *tag) {
            self.open[place].1 = true;
        }
    }

    /// The tag up to which everything is done, if that moved.
    pub fn take_prefix(&mut self) -> Option<u64> {
        let mut prefix = None;
        while let Some((tag, true)) = self.open.front() {
            prefix = Some(*tag);
            self.open.pop_front();
        }
        prefix
    }

    /// Whether nothing waits to be done.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contiguous_prefix_counts() {
        let mut acks = Acks::default();
        for tag in 1..=5 {
            acks.opened(tag);
        }
        acks.done(2);
        assert_eq!(acks.take_prefix(), None);
        acks.done(1);
        assert_eq!(acks.take_prefix(), Some(2));
        acks.done(5);
        acks.done(4);
        assert_eq!(acks.take_prefix(), None);
        acks.done(3);
        assert_eq!(acks.take_prefix(), Some(5));
        assert!(acks.is_empty());
        assert_eq!(acks.take_prefix(), None);
    }
}
