//! What is to happen later: fires each tenant's timers when their time has come.
//!
//! ```text
//!   committer ─ set, cancelled within the minute ─▶ ┌────────┐
//!                                                   │ Agenda │ ─ due ─▶ Intake ─▶ line ─▶ actor
//!   store ── passes, page by page, in order of due ▶└────────┘ ◀─ fired, failed, refused ─┘
//! ```
//!
//! The store holds every timer; memory holds the next minute. A timer stands until the unit that
//! answers it is durable, so that a crash fires it again and a second firing finds it gone.
//! However many are overdue, at most as many as the intake takes are on their way, and the
//! next page is read when most of this one are.

mod agenda;
mod held;
pub mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::patience::Patience;
use crate::clock;
use crate::domain::id::TenantId;
use crate::domain::timer::DueTimer;
use crate::store::Store;
use crate::telemetry::spell::Told;
use agenda::{PAGE, Wanted};
use schedule::Flight;

pub use schedule::Schedule;

/// The most timers fired between two pages.
const BURST: usize = PAGE / 4;
/// At the latest after this the wall clock is looked at again: it can be set.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The first and the longest pause while the store cannot be read.
const STORE_PAUSE: Duration = Duration::from_millis(50);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Fires timers until told to stop.
#[derive(Clone)]
pub struct Scheduler {
    /// Where all timers are.
    pub store: Store,
    /// Where the next ones are.
    pub schedule: Arc<Schedule>,
    pub intake: Arc<Intake>,
}

/// How reading from the store goes.
struct Reading {
    patience: Patience,
    trouble: Told,
}

impl Scheduler {
    /// Runs until `stop`; what is on its way then becomes durable.
    pub async fn run(self, stop: CancellationToken) {
        let firing = async {
            let mut reading = Reading {
                patience: Patience::new(STORE_PAUSE, STORE_PAUSE_MAX),
                trouble: Told::new("timers cannot be read", "timers can be read again"),
            };
            loop {
                self.step(&mut reading).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = firing => {}
        }
    }

    /// Reads a page where there is room for one, and fires what is due, both within limits, so
    /// that neither keeps the other waiting. Waits where there is nothing to do.
    async fn step(&self, reading: &mut Reading) {
        let now = clock::now();
        let wanted = self.schedule.agenda().wanted(now);
        if let Some(wanted) = &wanted {
            self.read(wanted, reading).await;
        }
        for _ in 0..BURST {
            let due = self.schedule.agenda().take_due(now);
            let Some((tenant, timer)) = due else {
                if wanted.is_none() {
                    self.wait(now).await;
                }
                return;
            };
            self.fire(tenant, timer).await;
        }
    }

    async fn wait(&self, now: Timestamp) {
        let next = self.schedule.agenda().next();
        tokio::select! {
            () = self.schedule.was_changed() => {}
            () = tokio::time::sleep(until(next, now)) => {}
        }
    }

    async fn fire(&self, tenant: TenantId, timer: DueTimer) {
        let flight = Flight {
            schedule: self.schedule.clone(),
            tenant: tenant.clone(),
            timer: timer.clone(),
        };
        let landed = Box::new(move |answer| flight.landed(&answer));
        self.intake.fire(tenant, timer, landed).await;
    }

    async fn read(&self, wanted: &Wanted, reading: &mut Reading) {
        let Reading { patience, trouble } = reading;
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        match self.store.timers_due(wanted.until, wanted.after.as_ref(), limit).await {
            Ok(page) => {
                patience.reset();
                trouble.worked(clock::instant());
                self.schedule.agenda().read(page, clock::now());
            }
            Err(error) => {
                trouble.failed(clock::instant(), &error);
                tokio::time::sleep(patience.pause()).await;
            }
        }
    }
}

fn until(next: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(next) = next else { return LOOK_EVERY };
    Duration::try_from(next.duration_since(now)).unwrap_or_default().min(LOOK_EVERY)
}
