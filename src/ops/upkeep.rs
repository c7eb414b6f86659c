//! The daemon's own clockwork: metrics, and signs of life for systemd.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::notify;
use crate::actors::{Guardian, Outbound};
use crate::clock;
use crate::domain::kind::Lane;
use crate::store::Store;
use crate::telemetry::metrics::{Metrics, UPKEEP_EVERY};
use crate::telemetry::record;

/// Folds metrics, reports what lives, and tells systemd that the process makes progress.
pub async fn upkeep(
    metrics: Metrics,
    guardian: Arc<Guardian>,
    outbound: Arc<Outbound>,
    store: Store,
) {
    let reporting = tokio::spawn(report_backlog(store));
    let _reporting = AbortOnDropHandle::new(reporting);
    let watchdog = notify::watchdog_interval();
    let every = watchdog.unwrap_or(UPKEEP_EVERY).min(UPKEEP_EVERY).max(Duration::from_millis(100));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        metrics.upkeep();
        record::set_tenants_live(guardian.live());
        outbound.report_depth();
        if watchdog.is_some() {
            notify::watchdog();
        }
    }
}

/// Reports what waits in the store, what is to happen, and what was given up. A task of its own: a slow store must
/// not keep the watchdog waiting.
async fn report_backlog(store: Store) {
    let mut ticks = tokio::time::interval(UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        let Ok(backlog) = store.backlog().await else { continue };
        if let Ok(timers) = store.count_timers().await {
            record::set_timers_pending(usize::try_from(timers).unwrap_or(usize::MAX));
        }
        record::set_dead_letters("dead", usize::try_from(backlog.dead).unwrap_or(usize::MAX));
        let unknown = usize::try_from(backlog.unknown).unwrap_or(usize::MAX);
        record::set_dead_letters("unknown", unknown);
        let now = clock::now();
        for lane in Lane::ALL {
            let of_lane = backlog.oldest_due.iter().filter(|(kind, _)| kind.lane() == lane);
            let oldest = of_lane.map(|(_, due)| now.duration_since(*due)).max();
            let age = oldest.and_then(|age| Duration::try_from(age).ok()).unwrap_or_default();
            record::set_oldest_due(lane.as_str(), age);
        }
    }
}
