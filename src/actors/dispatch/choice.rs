//! What an attempt says of its provider, and whether another is asked. Pure.

use std::time::Duration;

use crate::domain::outcome::{Outcome, Scope};
use crate::domain::retry::THROTTLE_PAUSE_MAX;
use crate::egress::Made;
use crate::traffic::Verdict;

/// A provider that wants less and does not say for how long is left alone for so long, at first:
/// one of many connections may be too many…
const THROTTLE_PAUSE: Duration = Duration::from_millis(100);
/// …twice as long each further time, and at most for so long.
const THROTTLE_PAUSE_LONGEST: Duration = Duration::from_secs(30);
/// A message waits so long in memory for a provider that asked for a pause: longer, and it waits in
/// the store.
pub const WAITS_HERE_MAX: Duration = Duration::from_secs(60);

/// What an attempt says of the provider.
pub fn says(made: &Made) -> Verdict {
    match &made.attempt.outcome {
        Outcome::Accepted => Verdict::Works,
        _ if made.of_device => Verdict::Silent,
        Outcome::NotTried { .. } | Outcome::Throttled { .. } => Verdict::Silent,
        Outcome::Permanent(Scope::Configuration) | Outcome::InDoubt => Verdict::Fails,
        Outcome::Transient if made.of_provider => Verdict::Fails,
        // A mailbox that is full for now says nothing of who told us.
        Outcome::Transient => Verdict::Silent,
        Outcome::Permanent(_) => Verdict::Works,
    }
}

/// Whether the message was definitely not taken, and another provider might take it: it would ask
/// the same server of a device.
pub fn is_refused(made: &Made) -> bool {
    match &made.attempt.outcome {
        Outcome::Permanent(Scope::Provider) => true,
        Outcome::Throttled { .. }
        | Outcome::Transient
        | Outcome::Permanent(Scope::Configuration) => !made.of_device,
        Outcome::Accepted
        | Outcome::NotTried { .. }
        | Outcome::Permanent(Scope::Message | Scope::Address)
        | Outcome::InDoubt => false,
    }
}

/// How long the provider is left alone: it wants less, and has said so that many times in a row
/// before.
pub fn holds_up(made: &Made, before: u32) -> Option<Duration> {
    let Outcome::Throttled { after } = &made.attempt.outcome else { return None };
    // Whoever sent it there could hold up everybody.
    if made.of_device {
        return None;
    }
    let doubled = THROTTLE_PAUSE.saturating_mul(1 << before.min(16));
    Some(after.unwrap_or(doubled.min(THROTTLE_PAUSE_LONGEST)).min(THROTTLE_PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    use super::super::attempt::{by_nobody, failed};
    use super::*;

    #[test]
    fn who_wants_less_is_left_alone_for_as_long_as_it_says_or_for_longer_each_time() {
        let made = |outcome, of_device| Made { of_device, ..by_nobody(failed(outcome, "")) };
        let says = |after: Option<u64>| {
            made(Outcome::Throttled { after: after.map(Duration::from_secs) }, false)
        };
        let pause = |before| holds_up(&says(None), before).unwrap().as_millis();
        assert_eq!([0, 1, 4, 8, 9, 99].map(pause), [100, 200, 1600, 25_600, 30_000, 30_000]);
        assert_eq!(holds_up(&says(Some(7)), 3), Some(Duration::from_secs(7)));
        assert_eq!(holds_up(&says(Some(99_999)), 0), Some(THROTTLE_PAUSE_MAX));
        assert_eq!(holds_up(&made(Outcome::Transient, false), 0), None);
    }

    #[test]
    fn what_a_device_s_own_server_says_is_nothing_of_the_provider() {
        let made = |outcome| Made { of_device: true, ..by_nobody(failed(outcome, "")) };
        let after = Some(Duration::from_secs(3600));
        for (outcome, verdict) in [
            (Outcome::Accepted, Verdict::Works),
            (Outcome::Throttled { after }, Verdict::Silent),
            (Outcome::Transient, Verdict::Silent),
            (Outcome::InDoubt, Verdict::Silent),
            (Outcome::Permanent(Scope::Configuration), Verdict::Silent),
            (Outcome::Permanent(Scope::Address), Verdict::Silent),
        ] {
            let made = made(outcome);
            assert_eq!((says(&made), holds_up(&made, 0)), (verdict, None), "{made:?}");
            assert!(!is_refused(&made), "{made:?}");
        }
        assert!(is_refused(&made(Outcome::Permanent(Scope::Provider))));
        assert!(is_refused(&by_nobody(failed(Outcome::Transient, ""))));
    }
}
