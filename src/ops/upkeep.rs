//! The daemon's own clockwork: metrics, and signs of life for systemd.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::health::Readiness;
use super::{descriptors, notify};
use crate::actors::Guardian;
use crate::telemetry::metrics::{Metrics, UPKEEP_EVERY};
use crate::telemetry::record;

/// Folds metrics, reports what lives, runs `reporting` beside it, and tells systemd that the process makes progress.
pub async fn upkeep(
    metrics: Metrics,
    guardian: Arc<Guardian>,
    reporting: impl Future<Output = ()> + Send + 'static,
    readiness: Readiness,
) {
    let reporting = tokio::spawn(reporting);
    let _reporting = AbortOnDropHandle::new(reporting);
    let watchdog = notify::watchdog_interval();
    let every = watchdog.unwrap_or(UPKEEP_EVERY).min(UPKEEP_EVERY).max(Duration::from_millis(100));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        metrics.upkeep();
        guardian.forget_absent();
        record::set_tenants_live(guardian.live());
        for check in readiness() {
            record::set_ready(check.name, check.ok);
        }
        if let Some(open) = descriptors::open() {
            record::set_descriptors(open, descriptors::limit());
        }
        if watchdog.is_some() {
            notify::watchdog();
        }
    }
}
