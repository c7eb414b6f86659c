//! What an actor decided of late, and what is perhaps not durable yet.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use jiff::Timestamp;

use crate::domain::id::CommandId;
use crate::domain::planning::on_the_tick;
use crate::domain::timer::{DueTimer, Timer, TimerChange};
use crate::store::InboxEntry;

/// How many commands, and how many timers, are remembered at least.
const RECENT_MIN: usize = 1024;

/// The last commands, with their lines in the inbox.
pub struct Commands(Recent<CommandId, InboxEntry>);

impl Commands {
    /// Room for more than the `window` of inputs that can be in flight, so that a command sent
    /// twice in a row is recognised before it is durable.
    pub fn beyond(window: usize) -> Self {
        Self(Recent::of(window))
    }

    pub fn find(&self, id: &CommandId) -> Option<&InboxEntry> {
        self.0.entries.get(id)
    }

    pub fn remember(&mut self, id: CommandId, entry: InboxEntry) {
        self.0.remember(id, entry);
    }
}

/// The last changes to timers: when each is due from then on, if at all.
///
/// A timer may be on its way here when it is cancelled or moved. The store would refuse it, at
/// the cost of everything that was decided after it.
pub struct Timers(Recent<Timer, Option<Timestamp>>);

impl Timers {
    /// Room for more than the `window` of inputs that can be in flight.
    pub fn beyond(window: usize) -> Self {
        Self(Recent::of(window))
    }

    /// Whether the timer is still to fire then, as far as it is remembered.
    pub fn may_stand(&self, timer: &DueTimer) -> bool {
        self.0.entries.get(&timer.timer).is_none_or(|due| *due == Some(timer.due))
    }

    pub fn fired(&mut self, timer: &Timer) {
        self.0.remember(timer.clone(), None);
    }

    pub fn note(&mut self, changes: &[TimerChange]) {
        for change in changes {
            match change {
                TimerChange::Set(set) => {
                    self.0.remember(set.timer.clone(), Some(on_the_tick(set.due)));
                }
                TimerChange::Cancel(timer) => self.0.remember(timer.clone(), None),
            }
        }
    }
}

struct Recent<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    most: usize,
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    fn of(window: usize) -> Self {
        let most = RECENT_MIN.max(window.saturating_mul(2));
        Self { entries: HashMap::new(), order: VecDeque::new(), most }
    }

    fn remember(&mut self, key: K, value: V) {
        if let Some(known) = self.entries.get_mut(&key) {
            *known = value;
            return;
        }
        if self.order.len() == self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    fn review(booking: usize, second: i64) -> DueTimer {
        let booking = BookingId::parse(&format!("b{booking}")).unwrap();
        let due = Timestamp::from_second(second).unwrap();
        DueTimer { due, timer: Timer::Review { booking }, trace: None }
    }

    #[test]
    fn a_timer_stands_unless_it_is_known_to_be_gone() {
        let mut timers = Timers::beyond(1);
        let (early, late) = (review(1, 10), review(1, 20));
        assert!(timers.may_stand(&early), "whoever knows nothing asks the store");
        timers.note(&[TimerChange::Set(late.clone())]);
        assert!(!timers.may_stand(&early) && timers.may_stand(&late));
        timers.fired(&late.timer);
        assert!(!timers.may_stand(&late), "it fires once");
        timers.note(&[TimerChange::Set(late.clone())]);
        assert!(timers.may_stand(&late), "unless it is set again");
        timers.note(&[TimerChange::Cancel(late.timer.clone())]);
        assert!(!timers.may_stand(&late));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        for (window, most) in [(1, RECENT_MIN), (RECENT_MIN, 2 * RECENT_MIN)] {
            let mut timers = Timers::beyond(window);
            for booking in 0..=most {
                timers.fired(&review(booking, 10).timer);
            }
            assert!(timers.may_stand(&review(0, 10)), "the oldest is forgotten");
            assert!(!timers.may_stand(&review(1, 10)));
            assert_eq!(timers.0.order.len(), timers.0.entries.len());
        }
    }
}
