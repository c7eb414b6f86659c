//! How many messages in bulk may be under way at a provider while others are to get through.
//!
//! Where a relay, or the way to it, takes two thousand mails a second and sixty are under way, each
//! takes 30 ms, whoever's it is: they stand in a queue there that no lane of ours passes by. As
//! many leave where only six are under way, and each takes 3 ms. So where somebody's message is
//! waited for, bulk keeps no more under way than the provider answers about as fast as if it were
//! alone, which is what TCP Vegas does to keep routers' queues short
//! (<https://doi.org/10.1145/190314.190317>), with the look at the empty queue of BBR
//! (<https://doi.org/10.1145/3012426.3022184>).
//!
//! ```text
//!                a round of those that left since: the shortest is what it takes alone
//!   looking, few ───────────────────────────────────────────────────────▶ running ─┐ a round:
//!   under way    ◀─────────────────────────────────────────────────────     ▲      │ more or
//!                  after 10 s, and twenty times as long as looking took     └──────┘ fewer
//! ```
//!
//! Nobody is kept back for good: where a provider is filled by what is waited for, a fifth of what
//! is under way there is what is not.
//!
//! The shortest of a round counts: answers that take longer now and then, for reasons of their own,
//! say nothing of a queue, in which all stand.

use std::time::Duration;

/// So many may be under way in any case.
const LEAST: usize = 4;
/// A round is so many answers, or as many as are under way.
const ROUND: usize = 8;
/// One that was alone takes so much longer where a queue is as long as it may be: half as long
/// again…
const LONGER: u32 = 2;
/// …and at least so long.
const SLACK: Duration = Duration::from_millis(3);
/// What is under way grows and shrinks by such a part at a time.
const STEP: usize = 8;
/// It looks at most so often how long one takes alone…
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// …and for one part of its time in so many.
const LOOKING: u32 = 20;

/// See the module.
#[derive(Debug)]
pub struct Congestion {
    most: usize,
    limit: usize,
    state: State,
    round: Round,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was kept back lately.
    Idle,
    /// Few are under way since then, to see how long one takes alone.
    Looking { since: Duration },
    /// One takes so long alone; it is time to look again then.
    Running { alone: Duration, until: Duration },
}

/// The answers of a round.
#[derive(Debug, Default)]
struct Round {
    answers: usize,
    shortest: Option<Duration>,
    /// Whether as many were under way as may be: else they say nothing of one more.
    is_full: bool,
}

impl Round {
    fn add(&mut self, took: Duration, is_full: bool) {
        self.answers += 1;
        self.is_full |= is_full;
        self.shortest = Some(self.shortest.map_or(took, |shortest| shortest.min(took)));
    }

    /// The shortest, once there are so many, and whether as many were under way as may be.
    fn ends(&mut self, answers: usize) -> Option<(Duration, bool)> {
        let shortest = self.shortest.filter(|_| self.answers >= answers)?;
        let Self { is_full, .. } = std::mem::take(self);
        Some((shortest, is_full))
    }
}

impl Congestion {
    /// Of a provider at which so many may be under way.
    pub fn new(most: usize) -> Self {
        Self { most, limit: LEAST, state: State::Idle, round: Round::default() }
    }

    /// How many may be under way while bulk is kept back.
    pub fn limit(&self) -> usize {
        match self.state {
            State::Idle | State::Looking { .. } => LEAST,
            State::Running { .. } => self.limit,
        }
        .min(self.most)
    }

    /// Somebody's message is waited for, or is not any more.
    pub fn keeps_back(&mut self, keeps: bool, now: Duration) {
        match (keeps, self.state) {
            (true, State::Idle) => self.looks(now),
            (true, State::Running { until, .. }) if until <= now => self.looks(now),
            (false, State::Looking { .. } | State::Running { .. }) => self.state = State::Idle,
            _ => {}
        }
    }

    /// A message was answered, so long after it left; so many were under way, with it.
    pub fn answered(&mut self, took: Duration, in_flight: usize, now: Duration) {
        let is_full = in_flight >= self.limit();
        match self.state {
            State::Idle => {}
            // Those that left before stood in whatever queue there was.
            State::Looking { since } if since + took > now => {}
            State::Looking { since } => {
                self.round.add(took, is_full);
                if let Some((alone, _)) = self.round.ends(ROUND) {
                    let pause = LOOK_EVERY.max((now - since) * LOOKING);
                    self.state = State::Running { alone, until: now + pause };
                }
            }
            State::Running { alone, .. } => {
                self.round.add(took, is_full);
                let Some((shortest, was_full)) = self.round.ends(self.limit.max(ROUND)) else {
                    return;
                };
                let step = (self.limit / STEP).max(1);
                if shortest > alone + SLACK.max(alone / LONGER) {
                    self.limit = (self.limit - step).max(LEAST);
                } else if was_full {
                    self.limit = (self.limit + step).min(self.most.max(LEAST));
                }
            }
        }
    }

    fn looks(&mut self, now: Duration) {
        self.state = State::Looking { since: now };
        self.round = Round::default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 60;
    const LONG: Duration = Duration::from_secs(120);

    const fn us(us: u64) -> Duration {
        Duration::from_micros(us)
    }

    /// How long the way takes, there and back, by the message's number.
    type Way = fn(usize) -> Duration;

    /// A provider that takes one after the other, so long each, at the end of a way.
    struct Relay {
        serves: Duration,
        way: Way,
        busy: Duration,
    }

    impl Relay {
        fn new(serves: u64, way: Way) -> Self {
            Self { serves: us(serves), way, busy: Duration::ZERO }
        }

        /// When the answer is there to what leaves now.
        fn answers(&mut self, number: usize, now: Duration) -> Duration {
            self.busy = now.max(self.busy) + self.serves;
            self.busy + (self.way)(number)
        }
    }

    /// Messages without end, as many under way as may be, until then; how long each took, and how
    /// many may be under way at the end.
    struct Flood {
        congestion: Congestion,
        now: Duration,
        under_way: BTreeSet<(Duration, usize, Duration)>,
        left: usize,
    }

    impl Flood {
        fn new() -> Self {
            let congestion = Congestion::new(MOST);
            Self { congestion, now: Duration::ZERO, under_way: BTreeSet::new(), left: 0 }
        }

        fn runs(&mut self, relay: &mut Relay, until: Duration) -> Vec<Duration> {
            let mut took = Vec::new();
            while self.now < until {
                self.congestion.keeps_back(true, self.now);
                while self.under_way.len() < self.congestion.limit() {
                    let answer = relay.answers(self.left, self.now);
                    self.under_way.insert((answer, self.left, self.now));
                    self.left += 1;
                }
                let (answer, _, left) = *self.under_way.first().unwrap();
                self.now = answer;
                self.congestion.answered(answer - left, self.under_way.len(), answer);
                self.under_way.pop_first();
                took.push(answer - left);
            }
            took
        }
    }

    /// How many a second, and what the 95th percentile took, in microseconds.
    fn sums(mut took: Vec<Duration>, time: Duration) -> (f64, u128) {
        took.sort_unstable();
        (took.len() as f64 / time.as_secs_f64(), took[took.len() * 95 / 100].as_micros())
    }

    #[test]
    fn a_queue_stays_short_and_as_many_leave_as_with_a_long_one() {
        // How long the relay needs for one, and the way; how many leave a second where sixty are
        // under way, and how long one takes at most.
        let cases: [(u64, Way, f64, u128); 4] = [
            (500, |_| us(1_000), 2_000.0, 7_500),
            (500, |_| us(20_000), 2_000.0, 35_000),
            (10, |_| us(20_000), 2_999.0, 21_000),
            (20_000, |_| us(200_000), 50.0, 400_000),
        ];
        for (serves, way, unbound, longest) in cases {
            let took = Flood::new().runs(&mut Relay::new(serves, way), LONG);
            let (rate, p95) = sums(took, LONG);
            assert!(rate > 0.9 * unbound, "{serves}: {rate}/s of {unbound}");
            assert!(p95 <= longest, "{serves}: {p95} of {longest}");
        }
    }

    #[test]
    fn answers_that_take_long_for_reasons_of_their_own_keep_nobody_back() {
        let own = |number: usize| us(20_000 * [1, 5, 2, 9, 1, 3, 3, 4][number % 8]);
        let took = Flood::new().runs(&mut Relay::new(10, own), LONG);
        let (rate, _) = sums(took, LONG);
        // Sixty under way, which take 70 ms each.
        assert!(rate > 0.9 * 60.0 / 0.07, "{rate}/s");
    }

    #[test]
    fn who_becomes_slower_is_found_out_at_the_next_look() {
        let mut flood = Flood::new();
        flood.runs(&mut Relay::new(10, |_| us(20_000)), LONG);
        assert_eq!(flood.congestion.limit, MOST);
        let mut slower = Relay::new(10, |_| us(80_000));
        let mut within = |seconds: u64, is: fn(usize) -> bool| {
            (0..10 * seconds).any(|_| {
                let until = flood.now + Duration::from_millis(100);
                flood.runs(&mut slower, until);
                is(flood.congestion.limit)
            })
        };
        assert!(within(20, |limit| limit < MOST / 2), "as if it were a queue");
        assert!(within(20, |limit| limit == MOST));
    }

    #[test]
    fn what_does_not_fill_its_place_is_given_no_more() {
        let mut congestion = Congestion::new(MOST);
        congestion.keeps_back(true, us(0));
        (1..=1_000).for_each(|n| congestion.answered(us(10), 1, us(n * 1_000)));
        assert_eq!(congestion.limit(), LEAST);
        (1_001..=1_008).for_each(|n| congestion.answered(us(10), LEAST, us(n * 1_000)));
        assert_eq!(congestion.limit(), LEAST + 1);
        congestion.keeps_back(false, us(2_000_000));
        congestion.keeps_back(true, us(2_000_000));
        assert_eq!(congestion.limit(), LEAST, "it looks first");
        (2_001..=2_008).for_each(|n| congestion.answered(us(10), LEAST, us(n * 1_000)));
        assert_eq!(congestion.limit(), LEAST + 1, "and goes on where it was");
    }

    proptest! {
        /// Whatever is answered, and when: no more than may be under way, and never none.
        #[test]
        fn the_limit_keeps_its_bounds(
            most in 1_usize..100,
            steps in proptest::collection::vec(
                (0_u64..100_000, 0_u64..3_000_000, 0_usize..100, proptest::bool::weighted(0.9)),
                1..400,
            ),
        ) {
            let (mut congestion, mut now) = (Congestion::new(most), Duration::ZERO);
            for (pause, took, in_flight, keeps) in steps {
                now += us(pause);
                congestion.keeps_back(keeps, now);
                congestion.answered(us(took), in_flight, now);
                prop_assert!((1..=most).contains(&congestion.limit()));
                prop_assert!(congestion.limit() >= LEAST.min(most));
            }
        }
    }
}
