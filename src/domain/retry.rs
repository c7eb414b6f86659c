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
    /// How often a message in doubt is resent before it is given up as unknown.
    pub recoveries_max: u32,
}

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
/// schedule; doubt has a limit of its own.
pub fn settle(
    outcome: &Outcome,
    history: History,
    schedule: &RetrySchedule,
    now: Timestamp,
    chance: f64,
) -> Settlement {
    let (pause, counts, in_doubt) = match outcome {
        Outcome::Accepted => return Settlement::Sent,
        // Our own mistake, not the message's: it waits until an operator has mended it.
        Outcome::Permanent(Scope::Configuration) => (CONFIGURATION_PAUSE, false, false),
        Outcome::Permanent(_) => return Settlement::Dead,
        Outcome::InDoubt if history.doubts >= schedule.recoveries_max => {
            return Settlement::Unknown;
        }
        Outcome::InDoubt => {
            (schedule.pauses.first().copied().unwrap_or(THROTTLE_PAUSE), false, true)
        }
        Outcome::Throttled { after } => {
            (after.unwrap_or(THROTTLE_PAUSE).min(THROTTLE_PAUSE_MAX), false, false)
        }
        Outcome::Transient => match schedule.pauses.get(history.attempts as usize) {
            Some(pause) => (*pause, true, false),
            None => return Settlement::Dead,
        },
    };
    let stretched = pause.mul_f64(1.0 + schedule.jitter * (2.0 * chance - 1.0));
    let at = SignedDuration::try_from(stretched)
        .ok()
        .and_then(|pause| now.checked_add(pause).ok())
        .unwrap_or(Timestamp::MAX);
    match history.deadline {
        Some(deadline) if at >= deadline => Settlement::Expired,
        _ => Settlement::Retry { at, counts, in_doubt },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> RetrySchedule {
        let pauses = vec![Duration::from_secs(10), Duration::from_secs(60)];
        RetrySchedule { pauses, jitter: 0.2, recoveries_max: 3 }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn history(attempts: u32, doubts: u32) -> History {
        History { attempts, doubts, deadline: None }
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
    fn throttling_and_doubt_cost_no_attempt() {
        let after = Some(Duration::from_secs(7));
        let throttled =
            settle(&Outcome::Throttled { after }, history(2, 0), &schedule(), at(0), 0.5);
        assert_eq!(throttled, Settlement::Retry { at: at(7), counts: false, in_doubt: false });
        let doubt = |doubts| settle(&Outcome::InDoubt, history(2, doubts), &schedule(), at(0), 0.5);
        assert_eq!(doubt(0), Settlement::Retry { at: at(10), counts: false, in_doubt: true });
        assert_eq!(doubt(3), Settlement::Unknown);
    }

    #[test]
    fn a_wrong_password_loses_no_message() {
        let wrong = Outcome::Permanent(Scope::Configuration);
        let got = settle(&wrong, history(9, 0), &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Retry { at: at(60), counts: false, in_doubt: false });
    }

    #[test]
    fn a_provider_cannot_hold_a_message_for_ever() {
        let after = Some(Duration::from_secs(1_000_000));
        let got = settle(&Outcome::Throttled { after }, history(0, 0), &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Retry { at: at(3600), counts: false, in_doubt: false });
    }

    #[test]
    fn the_deadline_bounds_the_schedule() {
        let history = History { attempts: 1, doubts: 0, deadline: Some(at(60)) };
        let got = settle(&Outcome::Transient, history, &schedule(), at(0), 0.5);
        assert_eq!(got, Settlement::Expired);
        let refused = Outcome::Permanent(Scope::Address);
        assert_eq!(settle(&refused, history, &schedule(), at(0), 0.5), Settlement::Dead);
        assert_eq!(settle(&Outcome::Accepted, history, &schedule(), at(99), 0.5), Settlement::Sent);
    }
}
