//! The daemon's own clockwork: metrics, and signs of life for systemd.

use std::sync::Arc;
use std::time::Duration;

use super::health::Readiness;
use super::{descriptors, notify};
use crate::actors::{CommitterHandle, Pulse, Tenants};
use crate::clock;
use crate::telemetry::metrics::{Metrics, UPKEEP_EVERY};
use crate::telemetry::record;
use crate::telemetry::spell::Told;

/// Folds metrics, reports what lives, and tells systemd that the process makes progress: that the
/// committer came round since the last time, or has nothing to do. It comes round where the store
/// fails, too; where it does not answer at all, nothing is said, and systemd starts the daemon
/// anew.
pub async fn upkeep(
    metrics: Metrics,
    tenants: Arc<Tenants>,
    committer: CommitterHandle,
    readiness: Readiness,
) {
    let mut heart = Heart::default();
    let silence = Told::new("the store does not answer", "the store answers again");
    let watchdog = notify::watchdog_interval();
    let every = watchdog.unwrap_or(UPKEEP_EVERY).min(UPKEEP_EVERY).max(Duration::from_millis(100));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        metrics.upkeep();
        tenants.forget_absent();
        record::set_tenants_live(tenants.live());
        for check in readiness() {
            record::set_ready(check.name, check.ok);
        }
        match committer.is_stuck() {
            true => silence.failed(clock::instant(), &"what is to be written waits for it"),
            false => silence.worked(clock::instant()),
        }
        if let Some(open) = descriptors::open() {
            record::set_descriptors(open, descriptors::limit());
        }
        if watchdog.is_some() && heart.beats(committer.pulse()) {
            notify::watchdog();
        }
    }
}

/// Whether the committer makes progress.
#[derive(Debug, Default)]
struct Heart {
    turns: u64,
}

impl Heart {
    /// This is how far it is now.
    fn beats(&mut self, Pulse { waiting, turns }: Pulse) -> bool {
        let moved = turns != self.turns;
        self.turns = turns;
        moved || waiting == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_beats_where_something_moves_or_nothing_waits() {
        let mut heart = Heart::default();
        for (waiting, turns, beats) in
            [(0, 0, true), (3, 1, true), (3, 1, false), (9, 1, false), (9, 2, true), (0, 2, true)]
        {
            assert_eq!(heart.beats(Pulse { waiting, turns }), beats, "{waiting} {turns}");
        }
    }
}
