//! A provider's circuit: whether it is asked at all.
//!
//! ```text
//!            share or run of failures                 pause is over
//!   closed ───────────────────────────▶ open ─────────────────────────▶ half open
//!     ▲                                  ▲  │ an early attempt succeeds ▲ │ │
//!     │                                  │  └───────────────────────────┘ │ │
//!     │                                  └── most probes fail: twice the pause
//!     └───────────────────────── most probes succeed ──────────────────────┘
//! ```
//!
//! Where there is nobody else to ask, an early attempt is made now and then while it is open. What
//! was on its way when it changed says nothing any more.
//!
//! Only what says something of the provider counts: a refused address does not.

use std::time::Duration;

use super::window::Window;

/// When it opens and closes.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Opens at so large a share of failures, in `0.0..=1.0`…
    pub share: f64,
    /// …of at least so many attempts…
    pub attempts: u32,
    /// …within so long.
    pub window: Duration,
    /// Opens at so many failures in a row.
    pub in_a_row: u32,
    /// The first pause; each that follows without success between is twice as long…
    pub pause: Duration,
    /// …up to so long.
    pub pause_max: Duration,
    /// So many attempts must succeed before it closes, and so many are made at once.
    pub probes: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            share: 0.7,
            attempts: 10,
            window: Duration::from_secs(300),
            in_a_row: 10,
            pause: Duration::from_secs(30),
            pause_max: Duration::from_secs(600),
            probes: 5,
        }
    }
}

/// Where there is nobody else to ask, the first attempt is made so long after it opened; the next
/// after twice as long, and so on.
const EARLY_PAUSE: Duration = Duration::from_secs(1);

/// Whether a provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Closed,
    /// For a few attempts, to see.
    HalfOpen,
    /// Not before then.
    Open {
        /// When it is tried again.
        until: Duration,
    },
}

/// An attempt that the circuit let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Of which stretch between two changes: what comes back later says nothing any more.
    stretch: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Circuit {
    terms: Terms,
    state: State,
    stretch: u64,
    window: Window,
    in_a_row: u32,
    pause: Duration,
    /// Probes that may still be made, and what came of the others.
    probes_left: u32,
    worked: u32,
    failed: u32,
    early: Early,
}

/// A probe before its time, where there is nobody else to ask.
#[derive(Debug)]
struct Early {
    at: Duration,
    pause: Duration,
    is_on_its_way: bool,
}

impl Circuit {
    /// A closed one.
    pub fn new(terms: Terms) -> Self {
        let (pause, window) = (terms.pause, Window::new(terms.window));
        Self {
            terms,
            state: State::Closed,
            stretch: 0,
            window,
            in_a_row: 0,
            pause,
            probes_left: 0,
            worked: 0,
            failed: 0,
            early: Early { at: Duration::MAX, pause: EARLY_PAUSE, is_on_its_way: false },
        }
    }

    pub fn state(&mut self, now: Duration) -> State {
        if let State::Open { until } = self.state
            && until <= now
        {
            self.half_open();
        }
        self.state
    }

    /// When the next attempt may be made: `None` if that is not a matter of time, but of the
    /// probes on their way.
    pub fn opens(&mut self, now: Duration) -> Option<Duration> {
        match self.state(now) {
            State::Closed => Some(now),
            State::HalfOpen => (self.probes_left > 0).then_some(now),
            State::Open { until } => Some(until),
        }
    }

    /// The same where there is nobody else to ask: then one attempt is made now and then, even
    /// while it is open.
    pub fn opens_alone(&mut self, now: Duration) -> Option<Duration> {
        match self.state(now) {
            State::Open { until } if !self.early.is_on_its_way => Some(until.min(self.early.at)),
            _ => self.opens(now),
        }
    }

    /// Lets an attempt through; only if [`Circuit::opens`] says that it may.
    pub fn pass(&mut self) -> Passage {
        match self.state {
            State::HalfOpen => self.probes_left = self.probes_left.saturating_sub(1),
            State::Open { .. } => self.early.is_on_its_way = true,
            State::Closed => {}
        }
        Passage { stretch: self.stretch }
    }

    /// An attempt came back. Says whether the circuit is another than before.
    pub fn came_back(&mut self, passage: Passage, verdict: Verdict, now: Duration) -> bool {
        if passage.stretch != self.stretch {
            return false;
        }
        let before = self.state;
        match (self.state, verdict) {
            (State::Open { .. }, Verdict::Works) => self.half_open(),
            (State::Open { .. }, verdict) => {
                self.early.is_on_its_way = false;
                if verdict == Verdict::Fails {
                    self.early.pause = self.early.pause.saturating_mul(2);
                }
                self.early.at = now + self.early.pause;
            }
            (State::HalfOpen, Verdict::Silent) => self.probes_left += 1,
            (State::HalfOpen, Verdict::Works) => {
                self.worked += 1;
                if self.worked > self.terms.probes / 2 {
                    self.pause = self.terms.pause;
                    self.change(State::Closed);
                }
            }
            (State::HalfOpen, Verdict::Fails) => {
                self.failed += 1;
                if self.failed > self.terms.probes / 2 {
                    self.pause = self.pause.saturating_mul(2).min(self.terms.pause_max);
                    self.open(now);
                }
            }
            (State::Closed, Verdict::Silent) => {}
            (State::Closed, verdict) => self.count(verdict == Verdict::Fails, now),
        }
        self.state != before
    }

    fn count(&mut self, failed: bool, now: Duration) {
        self.window.add(failed, now);
        self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
        let mostly = self.window.tally(now).is_mostly_bad(self.terms.attempts, self.terms.share);
        if failed && (mostly || self.in_a_row >= self.terms.in_a_row) {
            self.open(now);
        }
    }

    fn open(&mut self, now: Duration) {
        self.change(State::Open { until: now + self.pause });
        let (at, pause) = (now + EARLY_PAUSE, EARLY_PAUSE);
        self.early = Early { at, pause, is_on_its_way: false };
    }

    fn half_open(&mut self) {
        self.change(State::HalfOpen);
        self.probes_left = self.terms.probes.max(1);
        (self.worked, self.failed) = (0, 0);
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.stretch += 1;
        self.window.clear();
        self.in_a_row = 0;
    }
}

/// What an attempt says of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answered as it should, if only to refuse.
    Works,
    /// It could not be reached, broke off, or refused everything.
    Fails,
    /// Nothing was asked of it.
    Silent,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn tries(circuit: &mut Circuit, verdict: Verdict, times: u32, now: Duration) {
        for _ in 0..times {
            let passage = circuit.pass();
            circuit.came_back(passage, verdict, now);
        }
    }

    #[test]
    fn a_run_of_failures_opens_it_and_a_success_between_does_not() {
        let mut circuit = Circuit::new(Terms::default());
        tries(&mut circuit, Verdict::Works, 100, s(0));
        tries(&mut circuit, Verdict::Fails, 9, s(1));
        tries(&mut circuit, Verdict::Works, 1, s(1));
        tries(&mut circuit, Verdict::Fails, 9, s(2));
        assert_eq!(circuit.state(s(2)), State::Closed);
        tries(&mut circuit, Verdict::Fails, 1, s(2));
        assert_eq!(circuit.state(s(2)), State::Open { until: s(32) });
    }

    #[test]
    fn most_of_a_few_open_it_and_old_ones_do_not_count() {
        let mut circuit = Circuit::new(Terms::default());
        for second in 0..4 {
            tries(&mut circuit, Verdict::Works, 1, s(second));
            tries(&mut circuit, Verdict::Fails, 2, s(second));
        }
        assert_eq!(circuit.state(s(4)), State::Closed, "eight of twelve is less than 70 %");
        tries(&mut circuit, Verdict::Fails, 3, s(500));
        assert_eq!(circuit.state(s(500)), State::Closed, "the others are long past");
        tries(&mut circuit, Verdict::Works, 3, s(501));
        tries(&mut circuit, Verdict::Fails, 3, s(502));
        tries(&mut circuit, Verdict::Fails, 1, s(503));
        assert_eq!(circuit.state(s(503)), State::Open { until: s(533) }, "seven of ten");
    }

    #[test]
    fn probes_close_it_or_the_pause_doubles() {
        let mut circuit = Circuit::new(Terms::default());
        tries(&mut circuit, Verdict::Fails, 10, s(0));
        assert_eq!(circuit.opens(s(29)), Some(s(30)));
        let mut until = 30;
        for pause in [60, 120, 240, 480, 600, 600] {
            assert_eq!(circuit.state(s(until)), State::HalfOpen);
            tries(&mut circuit, Verdict::Fails, 2, s(until));
            assert_eq!(circuit.state(s(until)), State::HalfOpen, "three of five are the most");
            tries(&mut circuit, Verdict::Fails, 1, s(until));
            assert_eq!(circuit.state(s(until)), State::Open { until: s(until + pause) });
            until += pause;
        }
        let probes: Vec<_> = (0..5)
            .map(|_| {
                assert_eq!(circuit.opens(s(until)), Some(s(until)));
                circuit.pass()
            })
            .collect();
        assert_eq!(circuit.opens(s(until)), None, "five are on their way");
        for (count, probe) in probes.into_iter().enumerate() {
            let is_over = count > 3;
            assert_eq!(circuit.state(s(until)) == State::Closed, is_over, "{count}");
            let verdict = if count == 1 { Verdict::Fails } else { Verdict::Works };
            circuit.came_back(probe, verdict, s(until));
        }
        assert_eq!(circuit.state(s(until)), State::Closed);
        tries(&mut circuit, Verdict::Fails, 10, s(until));
        assert_eq!(circuit.state(s(until)), State::Open { until: s(until + 30) }, "as at first");
    }

    #[test]
    fn where_there_is_nobody_else_one_attempt_is_made_now_and_then() {
        let mut circuit = Circuit::new(Terms::default());
        tries(&mut circuit, Verdict::Fails, 10, s(0));
        for at in [1, 3, 7, 15] {
            assert_eq!(circuit.opens_alone(s(at)), Some(s(at)));
            let probe = circuit.pass();
            assert_eq!(circuit.opens_alone(s(at)), Some(s(30)), "one at a time");
            circuit.came_back(probe, Verdict::Fails, s(at));
            assert_eq!(circuit.opens(s(at)), Some(s(30)), "it is as open as before");
        }
        assert_eq!(circuit.opens_alone(s(16)), Some(s(30)), "the next would be later");
        let mut circuit = Circuit::new(Terms::default());
        tries(&mut circuit, Verdict::Fails, 10, s(0));
        let probe = circuit.pass();
        assert!(circuit.came_back(probe, Verdict::Works, s(1)));
        assert_eq!(circuit.state(s(1)), State::HalfOpen, "the others find out at once");
    }

    #[test]
    fn what_comes_back_late_says_nothing() {
        let mut circuit = Circuit::new(Terms::default());
        let late = circuit.pass();
        tries(&mut circuit, Verdict::Fails, 10, s(0));
        assert!(!circuit.came_back(late, Verdict::Works, s(1)));
        assert_eq!(circuit.state(s(30)), State::HalfOpen);
        assert!(!circuit.came_back(late, Verdict::Fails, s(30)));
        let probe = circuit.pass();
        circuit.came_back(probe, Verdict::Silent, s(30));
        assert_eq!(circuit.opens(s(30)), Some(s(30)), "the probe is still to be made");
    }
}
