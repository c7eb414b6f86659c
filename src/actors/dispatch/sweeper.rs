//! Fetches from the store what is due and had no room, or is due again.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::outbound::Outbound;
use crate::actors::commission::CommitterHandle;
use crate::actors::uptime::Uptime;
use crate::clock;
use crate::store::Store;
use crate::telemetry::spell::Told;

/// The most messages claimed at once.
const CLAIM_MAX: usize = 256;
/// At the latest after this the store is asked again.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The pause while the wall clock was set and what pauses has not been moved yet.
const STEP_PAUSE: Duration = Duration::from_millis(100);

pub struct Sweeper {
    pub store: Store,
    pub committer: CommitterHandle,
    pub outbound: Arc<Outbound>,
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
                () = self.outbound.sweep_wanted() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims what there is room for; returns how long to wait before the next sweep.
    async fn sweep(&self) -> Duration {
        if !self.uptime.is_in_step() {
            return STEP_PAUSE;
        }
        let room = self.outbound.take_room(CLAIM_MAX);
        if room == 0 {
            return SWEEP_EVERY;
        }
        match self.committer.claim(room).await {
            Ok(claimed) => {
                self.trouble.worked(clock::instant());
                if claimed == room { Duration::ZERO } else { self.until_next_due().await }
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                SWEEP_EVERY
            }
        }
    }

    async fn until_next_due(&self) -> Duration {
        let Ok(Some(due)) = self.store.next_due().await else { return SWEEP_EVERY };
        let wait = due.duration_since(clock::now());
        Duration::try_from(wait).unwrap_or_default().min(SWEEP_EVERY)
    }
}
