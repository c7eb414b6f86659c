//! What becomes of a message after an attempt: pure arithmetic over the retry schedule.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::outcome::{Outcome, Scope};

/// When to try again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrySchedule {
    /// The pause after the first, second, … failed attempt; when they are used up, so is the
    /// message.
    pub pauses: Vec<Duration>,
    /// Each pause is stretched or shrunk by up to this share (0.2 = ±20 %).
    pub jitter: f64,
    /// The pause after the first, second, … time that a message may have arrived; when they are
    /// used up, it is unknown. Whoever got it already gets it once more for each of them.
    pub doubts: Vec<Duration>,
    /// So long after it was first due a message is given up, whatever it waits for.
    pub give_up: Duration,
}

/// A message that the daemon had in hand at so many crashes is not tried again: it may be what they
/// come from.
pub const CRASHES_MAX: u32 = 20;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Delivered to the provider.
    Sent,
    /// Tried again at this instant.
    Retry {
        /// Not before this.
        at: Timestamp,
        /// Whether the attempt counts against the schedule.
        counts: bool,
        /// Whether the last attempt may have arrived.
        in_doubt: bool,
    },
    /// Given up: nobody will take it.
    Dead,
    /// Given up: past its deadline.
    Expired,
    /// Given up in doubt.
    Unknown,
}

/// A message's history, as far as the next step depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// Attempts that failed before this one and counted.
    pub attempts: u32,
    /// Attempts that ended in doubt before this one.
    pub doubts: u32,
    /// When it was first due.
    pub since: Timestamp,
    /// After this the message is worthless.
    pub deadline: Option<Timestamp>,
}

/// How long a throttled message waits where the provider does not say.
pub const THROTTLE_PAUSE: Duration = Duration::from_secs(30);
/// How long a message waits where the provider's configuration is wrong.
pub const CONFIGURATION_PAUSE: Duration = Duration::from_secs(60);
/// The longest wait a provider can impose.
pub const THROTTLE_PAUSE_MAX: Duration = Duration::from_secs(3600);

/// Decides what becomes of a message after an attempt.
///
/// `chance` is uniform in `0.0..1.0`. A throttled or doubtful attempt does not count against the
/// schedule; doubt has a schedule of its own, and all of them end when it is time to give up.
pub fn settle(
    outcome: &Outcome,
    history: History,
    schedule: &RetrySchedule,
    now: Timestamp,
    chance: f64,
) -> Settlement {
    let jitter = match outcome {
        // Who asks for a pause gets no less.
        Outcome::Throttled { after: Some(_) } => chance,
        _ => 2.0 * chance - 1.0,
    };
    let (pause, counts, in_doubt) = match outcome {
        Outcome::Accepted => return Settlement::Sent,
        // Our own mistake, not the message's: it waits until an operator has mended it.
        Outcome::Permanent(Scope::Configuration) => (CONFIGURATION_PAUSE, false, false),
        Outcome::Permanent(_) => return Settlement::Dead,
        Outcome::InDoubt => match schedule.doubts.get(history.doubts as usize) {
            Some(pause) => (*pause, false, true),
            None => return Settlement::Unknown,
        },
        Outcome::Throttled { after } | Outcome::NotTried { after } => {
            (after.unwrap_or(THROTTLE_PAUSE).min(THROTTLE_PAUSE_MAX), false, false)
        }
        Outcome::Transient => match schedule.pauses.get(history.attempts as usize) {
            Some(pause) => (*pause, true, false),
            None => return Settlement::Dead,
        },
    };
    let at = after(now, pause.mul_f64(1.0 + schedule.jitter * jitter));
    let given_up = after(history.since, schedule.give_up);
    let end = history.deadline.map_or(given_up, |deadline| deadline.min(given_up));
    // Whether one of them all may have arrived.
    let doubtful = in_doubt || history.doubts > 0;
    match (at < end, doubtful) {
        (true, _) => Settlement::Retry { at, counts, in_doubt },
        // It may have arrived in time.
        (false, true) => Settlement::Unknown,
        (false, false) => Settlement::Expired,
    }
}

fn after(instant: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    instant.checked_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> RetrySchedule {
        let seconds = |all: &[u64]| all.iter().copied().map(Duration::from_secs).collect();
        let (pauses, doubts) = (seconds(&[10, 60]), seconds(&[60, 600]));
        RetrySchedule { pauses, jitter: 0.2, doubts, give_up: Duration::from_secs(100_000) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn history(attempts: u32, doubts: u32) -> History {
        History { attempts, doubts, since: at(0), deadline: None }
    }

    #[test]
    fn transient_failures_walk_the_schedule_then_die() {
        let step =
            |attempts| settle(&Outcome::Transient, history(attempts, 0), &schedule(), at(0), 0.5);
        let retry = |seconds| Settlement::Retry { at: at(seconds), counts: true, in_doubt: false };
        assert_eq!(step(0), retry(10));
        assert_eq!(step(1), retry(60));
        assert_eq!(step(2), Settlement::Dead);
    }

    #[test]
    fn jitter_stays_within_its_share() {
        for (chance, seconds) in [(0.0, 8), (0.5, 10), (1.0, 12)] {
            let got = settle(&Outcome::Transient, history(0, 0), &schedule(), at(0), chance);
            let Settlement::Retry { at: when, .. } = got else { panic!("{got:?}") };
            assert_eq!(when, at(seconds), "{chance}");
        }
    }

    #[test]
    fn throttling_costs_no_attempt() {
        let after = Some(Duration::from_secs(7));
        let throttled =
            settle(&Outcome::Throttled { after }, history(2, 0), &schedule(), at(0), 0.0);
        assert_eq!(throttled, Settlement::Retry { at: at(7), counts: false, in_doubt: false });
    }

    #[test]
    fn who_asks_for_a_pause_gets_no_less() {
        let after = Some(Duration::from_secs(10));
        for (after, chance, seconds) in [(after, 0.0, 10), (after, 1.0, 12), (None, 0.0, 24)] {
            let throttled = Outcome::Throttled { after };
            let got = settle(&throttled, history(0, 0), &schedule(), at(0), chance);
            let Settlement::Retry { at: when, .. } = got else { panic!("{got:?}") };
            assert_eq!(when, at(seconds), "{chance}");
        }
    }

    #[test]
    fn doubt_has_a_schedule_of_its_own() {
        let doubt = |doubts| settle(&Outcome::InDoubt, history(2, doubts), &schedule(), at(0), 0.5);
        let retry = |seconds| Settlement::Retry { at: at(seconds), counts: false, in_doubt: true };
        assert_eq!([doubt(0), doubt(1)], [retry(60), retry(600)]);
        assert_eq!(doubt(2), Settlement::Unknown, "sent three times");
        let late = History { deadline: Some(at(30)), ..history(0, 0) };
        let got = settle(&Outcome::InDoubt, late, &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Unknown, "it may have arrived before its deadline");
        let late = History { deadline: Some(at(5)), ..history(0, 1) };
        let got = settle(&Outcome::Transient, late, &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Unknown, "so may the attempt before this one");
    }

    #[test]
    fn what_waits_for_others_is_given_up_in_the_end() {
        let throttled = Outcome::Throttled { after: None };
        for outcome in [throttled, Outcome::Permanent(Scope::Configuration), Outcome::Transient] {
            let step = |now| settle(&outcome, history(0, 0), &schedule(), at(now), 0.5);
            assert!(matches!(step(99_900), Settlement::Retry { .. }), "{outcome:?}");
            assert_eq!(step(99_999), Settlement::Expired, "{outcome:?}");
        }
    }

    #[test]
    fn a_wrong_password_loses_no_message() {
        let wrong = Outcome::Permanent(Scope::Configuration);
        let got = settle(&wrong, history(9, 0), &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Retry { at: at(60), counts: false, in_doubt: false });
    }

    #[test]
    fn a_provider_cannot_impose_any_pause() {
        let after = Some(Duration::from_secs(1_000_000));
        let got = settle(&Outcome::Throttled { after }, history(0, 0), &schedule(), at(0), 0.0);
        assert_eq!(got, Settlement::Retry { at: at(3600), counts: false, in_doubt: false });
    }

    #[test]
    fn the_deadline_bounds_the_schedule() {
        let history = History { deadline: Some(at(60)), ..history(1, 0) };
        let got = settle(&Outcome::Transient, history, &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Expired);
        let refused = Outcome::Permanent(Scope::Address);
        assert_eq!(settle(&refused, history, &schedule(), at(0), 0.5), Settlement::Dead);
        assert_eq!(settle(&Outcome::Accepted, history, &schedule(), at(99), 0.5), Settlement::Sent);
    }
}
