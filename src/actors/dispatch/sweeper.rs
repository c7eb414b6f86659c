//! Fetches from the store what is due and had no room, or is due again.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use crate::actors::commission::CommitterHandle;
use crate::actors::uptime::Uptime;
use crate::clock;
use crate::store::{NextDue, Store};
use crate::telemetry::spell::Told;

/// At the latest after this the store is asked again.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// The pause while the wall clock was set and what pauses has not been moved yet.
const STEP_PAUSE: Duration = Duration::from_millis(100);

/// Has the committer claim what is due in the store, when there is room.
pub struct Sweeper {
    pub store: Store,
    pub committer: CommitterHandle,
    pub desk: Arc<Desk>,
    pub uptime: Arc<Uptime>,
    pub trouble: Told,
}

impl Sweeper {
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            // A claim that is cut off would leave its messages leased and unknown: it is not
            // part of the select.
            let pause = self.sweep().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.desk.sweep_wanted() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims what there is room for; returns how long to wait before the next sweep.
    async fn sweep(&self) -> Duration {
        if !self.uptime.is_in_step() {
            return STEP_PAUSE;
        }
        let next = match self.store.next_due(self.desk.channel).await {
            Ok(next) => next,
            Err(error) => return self.failed(&error),
        };
        let due = waits(&next).map(|wait| wait.is_some_and(|wait| wait.is_zero()));
        self.desk.sees_store(due.contains(&true));
        if !due.contains(&true) && !self.desk.is_in_the_dark() {
            return until(&next);
        }
        match self.committer.claim(self.desk.channel, due).await {
            Ok(0) => SWEEP_EVERY.min(until(&next).max(STEP_PAUSE)),
            Ok(_) => {
                self.trouble.worked(clock::instant());
                until(&next)
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &crate::store::StoreError) -> Duration {
        self.trouble.failed(clock::instant(), error);
        SWEEP_EVERY
    }
}

/// How long until something of each lane is due.
fn waits(next: &NextDue) -> [Option<Duration>; 4] {
    let now = clock::now();
    next.map(|due| due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default()))
}

/// How long until something is due that is not yet.
fn until(next: &NextDue) -> Duration {
    let later = waits(next).into_iter().flatten().filter(|wait| !wait.is_zero());
    later.min().unwrap_or(SWEEP_EVERY).min(SWEEP_EVERY)
}
