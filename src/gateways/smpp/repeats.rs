//! Whether a text from a client is one that came before: SMPP gives it no id (SMPP 3.4 §4.6.1).
//!
//! ```text
//!   coming ──kept──▶ kept ──its session ends soon after──▶ perhaps unanswered
//!     ▲ not kept       │ the same again: another one          │ the same again: the same one
//!     └── not kept ◀───┘                                      └──────────▶ kept
//! ```
//!
//! An SMSC tells again what was not answered, or whose answer was lost with its connection. What is
//! the same then is what was written, by whom and to whom: its *mark*. But whoever answers two
//! questions writes "yes" twice. So the same mark is the same text only where the SMSC may not know
//! that it was kept: it was not, or the session ended so soon after that the answer may be lost.
//!
//! That is remembered in memory. Across a start of the daemon a text is known by its id, which
//! follows from its mark and the time: see [`START_WINDOW_SECONDS`].

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// How long a text is remembered.
const REPEAT_MAX: Duration = Duration::from_secs(60 * 60);
/// So many are, at most.
const KNOWN_MAX: usize = 10_000;
/// Across a start of the daemon the same text is the same one within such a stretch of the clock,
/// in seconds: long enough for a daemon that fell and is started again, and so short that hardly
/// anybody writes the same again on both sides of a start.
const START_WINDOW_SECONDS: i64 = 120;

/// The texts that came lately, by their marks.
#[derive(Debug, Default)]
pub struct Repeats {
    known: HashMap<String, Known>,
    /// When each came, the oldest first.
    order: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct Known {
    since: Instant,
    id: String,
    /// How many came of this mark before.
    before: u32,
    session: u64,
    state: State,
    /// Whether its answer may not have arrived.
    is_unsure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Coming,
    NotKept,
    Kept { at: Instant },
}

/// What to do with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is to be kept, under this id.
    New(String),
    /// It is kept already.
    Kept,
    /// It is being kept at this moment.
    Coming,
}

impl Repeats {
    /// A text of this mark came over a session. Where it is new, [`Repeats::came`] follows.
    pub fn takes(&mut self, mark: &str, session: u64, now: Instant, clock: Timestamp) -> Seen {
        self.forgets(now);
        let before = match self.known.get_mut(mark) {
            None => 0,
            Some(known) => match known.state {
                State::Coming => return Seen::Coming,
                State::NotKept => {
                    (known.state, known.session, known.is_unsure) = (State::Coming, session, false);
                    return Seen::New(known.id.clone());
                }
                State::Kept { .. } if known.is_unsure => {
                    (known.state, known.session) = (State::Kept { at: now }, session);
                    known.is_unsure = false;
                    return Seen::Kept;
                }
                State::Kept { .. } => known.before + 1,
            },
        };
        let window = clock.as_second().div_euclid(START_WINDOW_SECONDS);
        let id = format!("{mark}-{window}-{before}");
        let (state, is_unsure) = (State::Coming, false);
        let known = Known { since: now, id: id.clone(), before, session, state, is_unsure };
        self.known.insert(mark.to_owned(), known);
        self.order.push_back((now, mark.to_owned()));
        Seen::New(id)
    }

    /// Whether a text that was new is kept by now.
    pub fn came(&mut self, mark: &str, is_kept: bool, now: Instant) {
        if let Some(known) = self.known.get_mut(mark) {
            known.state = if is_kept { State::Kept { at: now } } else { State::NotKept };
        }
    }

    /// A session is over. What was answered over it within the last `silence` may not have arrived.
    pub fn ends(&mut self, session: u64, silence: Duration, now: Instant) {
        for known in self.known.values_mut().filter(|known| known.session == session) {
            known.is_unsure = match known.state {
                State::Coming | State::NotKept => true,
                State::Kept { at } => now.saturating_duration_since(at) <= silence,
            };
        }
    }

    fn forgets(&mut self, now: Instant) {
        let is_old = |since: Instant| now.saturating_duration_since(since) >= REPEAT_MAX;
        while let Some((since, mark)) = self.order.front() {
            if self.order.len() < KNOWN_MAX && !is_old(*since) {
                return;
            }
            if self.known.get(mark).is_some_and(|known| known.since == *since) {
                self.known.remove(mark);
            }
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const SILENCE: Duration = Duration::from_secs(40);

    /// A memory, and a time of it.
    struct Memory {
        repeats: Repeats,
        now: Instant,
    }

    impl Memory {
        fn new() -> Self {
            Self { repeats: Repeats::default(), now: clock::instant() }
        }

        fn takes(&mut self, session: u64) -> Seen {
            self.repeats.takes("yes", session, self.now, "2026-12-01T09:00:30Z".parse().unwrap())
        }

        fn keeps(&mut self, session: u64) -> String {
            let Seen::New(id) = self.takes(session) else { panic!("it is not new") };
            self.repeats.came("yes", true, self.now);
            id
        }
    }

    #[test]
    fn who_writes_the_same_again_has_written_twice() {
        let mut memory = Memory::new();
        let first = memory.keeps(1);
        assert_ne!(memory.keeps(1), first, "over the same session");
        memory.now += SILENCE;
        let third = memory.keeps(2);
        memory.repeats.ends(2, SILENCE, memory.now + SILENCE + Duration::from_secs(1));
        assert_ne!(memory.keeps(3), third, "its session went on long enough to know");
    }

    #[test]
    fn what_may_not_have_been_answered_is_the_same_once() {
        let mut memory = Memory::new();
        memory.keeps(1);
        memory.now += SILENCE;
        memory.repeats.ends(1, SILENCE, memory.now);
        memory.now += REPEAT_MAX - SILENCE - Duration::from_secs(1);
        assert_eq!(memory.takes(2), Seen::Kept);
        assert!(matches!(memory.takes(2), Seen::New(_)), "this one is another");
    }

    #[test]
    fn what_was_not_kept_has_the_same_id_when_it_is_told_again() {
        let mut memory = Memory::new();
        let Seen::New(id) = memory.takes(1) else { panic!("it is new") };
        assert_eq!(memory.takes(1), Seen::Coming);
        memory.repeats.came("yes", false, memory.now);
        assert_eq!(memory.takes(2), Seen::New(id));
        // Its session ends before it is kept.
        memory.repeats.ends(2, SILENCE, memory.now);
        memory.repeats.came("yes", true, memory.now);
        assert_eq!(memory.takes(3), Seen::Kept);
    }

    #[test]
    fn across_a_start_the_time_tells() {
        let id = |clock: &str| {
            let mut repeats = Repeats::default();
            repeats.takes("yes", 1, clock::instant(), clock.parse().unwrap())
        };
        assert_eq!(id("2026-12-01T09:00:05Z"), id("2026-12-01T09:01:59Z"));
        assert_ne!(id("2026-12-01T09:00:05Z"), id("2026-12-01T09:02:00Z"));
    }

    #[test]
    fn only_so_many_are_remembered_and_only_for_so_long() {
        let (mut repeats, now) = (Repeats::default(), clock::instant());
        let clock: Timestamp = "2026-12-01T09:00:30Z".parse().unwrap();
        for number in 0..KNOWN_MAX + 10 {
            repeats.takes(&number.to_string(), 1, now, clock);
        }
        assert_eq!((repeats.known.len(), repeats.order.len()), (KNOWN_MAX, KNOWN_MAX));
        repeats.takes("late", 1, now + REPEAT_MAX, clock);
        assert_eq!((repeats.known.len(), repeats.order.len()), (1, 1));
    }
}
