//! Which deliveries may be acknowledged, and how.

use std::collections::VecDeque;

use crate::broker::Ack;

/// So many deliveries may be done behind one that is not before they are acknowledged singly.
const BEHIND_MAX: usize = 32;

/// Deliveries in their order, and which of them are done.
///
/// One acknowledgement covers everything up to a tag, and is cheap; so what is done waits for its
/// elders, for a while. It does not wait long: a tenant whose commands are slow would hold up
/// everybody's acknowledgements, and with them what the broker hands out.
///
/// The deliveries of several queues come in as each is read, not in the order of their tags. One
/// acknowledgement must not cover a tag that has not come in yet: it would be lost. Tags of a
/// channel count up from 1 (AMQP 0-9-1 §1.1), so it shows where one is still to come.
#[derive(Debug, Default)]
pub struct Acks {
    /// Everything up to this tag came in and is acknowledged.
    prefix: u64,
    /// Not yet in that prefix, by tag.
    open: VecDeque<(u64, State)>,
    /// Those that are [`State::Done`].
    done: usize,
    /// Those that are [`State::Pending`].
    pending: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Done,
    Acknowledged,
    GivenUp,
}

impl Acks {
    /// A delivery came in.
    pub fn opened(&mut self, tag: u64) {
        let place = self.open.partition_point(|(elder, _)| *elder < tag);
        self.open.insert(place, (tag, State::Pending));
        self.pending += 1;
    }

    /// A delivery's command is durable, or laid aside.
    pub fn done(&mut self, tag: u64) {
        let Ok(place) = self.open.binary_search_by_key(&tag, |(tag, _)| *tag) else { return };
        if self.open[place].1 == State::Pending {
            self.open[place].1 = State::Done;
            self.pending -= 1;
            self.done += 1;
        }
    }

    /// A delivery will not be done: it comes again on another connection.
    pub fn given_up(&mut self, tag: u64) {
        let Ok(place) = self.open.binary_search_by_key(&tag, |(tag, _)| *tag) else { return };
        if self.open[place].1 == State::Pending {
            self.open[place].1 = State::GivenUp;
            self.pending -= 1;
        }
    }

    /// Whether a delivery is still to be done.
    pub fn is_pending(&self, tag: u64) -> bool {
        let place = self.open.binary_search_by_key(&tag, |(tag, _)| *tag);
        place.is_ok_and(|place| self.open[place].1 == State::Pending)
    }

    /// Whether everything that came in up to this tag is acknowledged.
    pub fn is_acknowledged_up_to(&self, tag: u64) -> bool {
        let mut elders = self.open.iter().take_while(|(elder, _)| *elder <= tag);
        elders.all(|(_, state)| *state == State::Acknowledged)
    }

    /// What may be acknowledged now. `in_a_hurry`, nothing that is done waits for its elders.
    pub fn take(&mut self, in_a_hurry: bool) -> Vec<Ack> {
        let mut acks: Vec<Ack> = self.take_prefix().map(Ack::UpTo).into_iter().collect();
        if self.done > BEHIND_MAX || (in_a_hurry && self.done > 0) {
            for (tag, place) in &mut self.open {
                if *place == State::Done {
                    *place = State::Acknowledged;
                    acks.push(Ack::One(*tag));
                }
            }
            self.done = 0;
        }
        acks
    }

    /// The tag up to which everything is done, if that moved.
    fn take_prefix(&mut self) -> Option<u64> {
        let mut prefix = None;
        while let Some((tag, state @ (State::Done | State::Acknowledged))) = self.open.front()
            && *tag == self.prefix + 1
        {
            self.prefix = *tag;
            if *state == State::Done {
                prefix = Some(*tag);
                self.done -= 1;
            }
            self.open.pop_front();
        }
        prefix
    }

    /// How many wait to be done.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Whether nothing waits to be done.
    pub fn is_empty(&self) -> bool {
        self.pending == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn opened(count: u64) -> Acks {
        let mut acks = Acks::default();
        (1..=count).for_each(|tag| acks.opened(tag));
        acks
    }

    #[test]
    fn the_contiguous_prefix_goes_at_once() {
        let mut acks = opened(5);
        acks.done(2);
        assert_eq!(acks.take(false), []);
        acks.done(1);
        assert_eq!(acks.take(false), [Ack::UpTo(2)]);
        acks.done(5);
        acks.done(4);
        assert_eq!(acks.take(false), []);
        acks.done(3);
        assert!(acks.is_empty());
        assert_eq!(acks.take(false), [Ack::UpTo(5)]);
        assert_eq!(acks.take(true), []);
    }

    #[test]
    fn what_is_done_does_not_wait_for_ever_behind_what_is_not() {
        let many = u64::try_from(BEHIND_MAX).unwrap() + 2;
        let mut acks = opened(many + 1);
        (2..many).for_each(|tag| acks.done(tag));
        assert_eq!(acks.take(false), []);
        acks.done(many);
        assert_eq!(acks.take(false), (2..=many).map(Ack::One).collect::<Vec<_>>());
        acks.done(many + 1);
        assert_eq!(acks.take(true), [Ack::One(many + 1)]);
        acks.done(1);
        assert_eq!(acks.take(false), [Ack::UpTo(1)], "never a tag that is acknowledged already");
        assert!(acks.is_empty());
    }

    #[test]
    fn what_is_given_up_is_never_acknowledged_nor_waited_for() {
        let mut acks = opened(3);
        acks.given_up(2);
        acks.done(3);
        acks.done(1);
        assert!(acks.is_empty());
        assert_eq!(acks.take(true), [Ack::UpTo(1), Ack::One(3)]);
        acks.done(2);
        assert_eq!(acks.take(true), []);
    }

    #[test]
    fn what_has_not_come_in_yet_is_never_covered() {
        let mut acks = Acks::default();
        for tag in [3, 4, 1] {
            acks.opened(tag);
            acks.done(tag);
        }
        assert_eq!(acks.take(false), [Ack::UpTo(1)], "2 is another queue's and still to come");
        acks.opened(2);
        assert!(acks.is_pending(2));
        assert!(acks.is_acknowledged_up_to(1) && !acks.is_acknowledged_up_to(3));
        acks.done(2);
        assert!(!acks.is_acknowledged_up_to(2), "done is not acknowledged");
        assert_eq!(acks.take(false), [Ack::UpTo(4)]);
        assert!(acks.is_acknowledged_up_to(9));
        assert!(acks.is_empty());
    }

    fn any_order() -> impl Strategy<Value = Vec<u64>> {
        Just((1..=100).collect::<Vec<_>>()).prop_shuffle()
    }

    proptest! {
        /// Every delivery is acknowledged once, and none before it is done, in whatever order they
        /// come in and are done.
        #[test]
        fn each_once_and_none_early(comes in any_order(), order in any_order(),
            late in 0..100_usize, hurries in proptest::collection::vec(any::<bool>(), 200))
        {
            let mut acks = Acks::default();
            let (mut done, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
            let (early, late) = comes.split_at(late);
            early.iter().for_each(|tag| acks.opened(*tag));
            let ready = |tags: &[u64]| {
                order.iter().copied().filter(|tag| tags.contains(tag)).collect::<Vec<_>>()
            };
            let first = ready(early).into_iter().map(|tag| (tag, false));
            let then = ready(late).into_iter().map(|tag| (tag, true));
            for ((tag, comes_now), hurry) in first.chain(then).zip(hurries) {
                if comes_now {
                    acks.opened(tag);
                }
                acks.done(tag);
                done.insert(tag);
                for ack in acks.take(hurry) {
                    match ack {
                        Ack::One(tag) => prop_assert!(acknowledged.insert(tag)),
                        Ack::UpTo(tag) => {
                            prop_assert!(!acknowledged.contains(&tag));
                            acknowledged.extend(1..=tag);
                        }
                    }
                }
                prop_assert!(acknowledged.is_subset(&done));
            }
            prop_assert_eq!(acknowledged.len(), 100);
            prop_assert!(acks.is_empty());
        }
    }
}
