//! What two looks at the clocks say: how long was it silent, and was the wall clock set? Pure.

use jiff::SignedDuration;

use crate::store::{Beat, Shift};

/// Clocks that are further apart were set: slewing, which keeps them right, makes at most half a
/// millisecond a second.
const STEP_MIN: SignedDuration = SignedDuration::from_secs(1);

/// What lies between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// How long it was, as far as that is known.
    pub silence: SignedDuration,
    /// That the wall clock was set, if it was.
    pub shift: Option<Shift>,
}

/// Between the same start's looks the clock that nobody sets tells exactly. Over a start of the
/// machine only one thing is sure: a last look that lies in the future was at a clock that has
/// been set back, at least by so much.
pub fn between(last: &Beat, now: &Beat) -> Between {
    let passed_by_wall = now.wall.duration_since(last.wall);
    if last.boot.is_empty() || last.boot != now.boot {
        let set_back = passed_by_wall <= -STEP_MIN;
        let shift = set_back.then_some(Shift { from: last.wall, to: now.wall });
        return Between { silence: passed_by_wall.max(SignedDuration::ZERO), shift };
    }
    let silence = now.since_boot.saturating_sub(last.since_boot);
    let silence = SignedDuration::try_from(silence).unwrap_or(SignedDuration::MAX);
    let from = last.wall.checked_add(silence).ok();
    let shift = from.map(|from| Shift { from, to: now.wall });
    Between { silence, shift: shift.filter(|shift| shift.by().abs() >= STEP_MIN) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    /// A look so many seconds after noon by the wall clock, and after the machine's start.
    fn look(boot: &str, wall: i64, since_boot: u64) -> Beat {
        Beat {
            wall: Timestamp::from_second(1_800_000_000 + wall).unwrap(),
            boot: boot.to_owned(),
            since_boot: Duration::from_secs(since_boot),
        }
    }

    fn seen(last: &Beat, now: &Beat) -> (i64, Option<i64>) {
        let Between { silence, shift } = between(last, now);
        (silence.as_secs(), shift.map(|shift| shift.by().as_secs()))
    }

    #[test]
    fn the_same_start_s_looks_tell_a_step_from_a_silence() {
        let last = look("a", 0, 100);
        for (wall, since_boot, expected) in [
            (5, 105, (5, None)),
            (40, 140, (40, None)),
            (-3_595, 105, (5, Some(-3_600))),
            (2 * 86_400 + 5, 105, (5, Some(2 * 86_400))),
            // Asleep for an hour, and the clock set back by two.
            (3_600 - 7_200, 3_700, (3_600, Some(-7_200))),
        ] {
            assert_eq!(seen(&last, &look("a", wall, since_boot)), expected);
        }
        let slewed =
            Beat { wall: last.wall + SignedDuration::from_millis(5_900), ..look("a", 5, 105) };
        assert_eq!(between(&last, &slewed).shift, None);
    }

    #[test]
    fn over_a_start_of_the_machine_only_a_step_back_is_proven() {
        for last in [look("a", 0, 100), look("", 0, 0)] {
            assert_eq!(seen(&last, &look("b", 86_400, 7)), (86_400, None));
            assert_eq!(seen(&last, &look("b", -600, 7)), (0, Some(-600)));
        }
        let nameless = look("", 0, 100);
        assert_eq!(seen(&nameless, &look("", 50, 105)), (50, None), "of which start is not known");
    }
}
