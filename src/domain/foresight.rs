//! What a tenant's clients will be told, if nothing changes until then.
//!
//! Nothing is reckoned a second time: the timers that stand are played in virtual time, by the
//! daemon's own decisions.

use jiff::Timestamp;

use super::decision::Telling;
use super::rehearsal::{Rehearsal, Stage};
use super::timer::{DueTimer, Timer};

/// The most timers that are played.
pub const LOOK_AHEAD_MAX: usize = 1_000_000;

/// One thing that will be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    pub at: Timestamp,
    /// What comes due then.
    pub timer: Timer,
    /// What would be decided.
    pub telling: Telling,
}

/// Plays what is planned from now on, and returns what is told by it and wanted, in order.
pub fn foresee(
    stage: &Stage<'_>,
    rehearsal: Rehearsal,
    now: Timestamp,
    is_wanted: impl Fn(&Telling) -> bool,
) -> Vec<Foreseen> {
    foresee_until(stage, rehearsal, now, Timestamp::MAX, is_wanted)
}

/// The same of what is due by then.
pub fn foresee_until(
    stage: &Stage<'_>,
    mut rehearsal: Rehearsal,
    now: Timestamp,
    until: Timestamp,
    is_wanted: impl Fn(&Telling) -> bool,
) -> Vec<Foreseen> {
    let mut foreseen = Vec::new();
    for _ in 0..LOOK_AHEAD_MAX {
        let Some(fired) = rehearsal.fire_next(stage, until, now) else { break };
        let (at, DueTimer { timer, .. }) = (fired.at, fired.timer);
        let told = fired.decision.tellings.into_iter().filter(&is_wanted);
        foreseen.extend(told.map(|telling| Foreseen { at, timer: timer.clone(), telling }));
        if rehearsal.next_due().is_some_and(|next| next > at) {
            rehearsal.dispatch();
        }
    }
    foreseen
}
