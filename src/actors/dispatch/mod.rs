//! From a decided message to a provider's answer.
//!
//! ```text
//!  committer ──push──▶ Outbound ──next──▶ Worker × slots ──▶ provider
//!                        ▲   bounded         │
//!  Sweeper ──claims what │ is due            └──outcome──▶ committer
//! ```
//!
//! A worker is a slot: it holds its message until the outcome is durable, so the number of slots
//! bounds both what is on the wire and what a crash may send twice.

mod attempt;
mod doubts;
mod hand;
mod means;
pub mod outbound;
mod queue;
mod settling;
mod strand;
mod sweeper;
mod worker;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::commission::CommitterHandle;
use super::crew::Crew;
use super::intake::Intake;
use super::tenants::Tenants;
use super::uptime::Uptime;
use crate::store::{Slot, Store};
use crate::telemetry::spell::Told;

pub use doubts::DOUBTS_MAX;
use hand::Hand;
pub use means::{Means, Retries};
pub use outbound::Outbound;
use settling::given_back;
use sweeper::Sweeper;
use worker::Worker;

/// How long it may take to write down what was cut off.
const CUT_OFF_MAX: Duration = Duration::from_secs(2);
/// How long giving back what was not tried may take; past it the next start finds it in doubt.
const GIVE_BACK_MAX: Duration = Duration::from_secs(5);

/// What the tasks that send work for.
#[derive(Clone)]
pub struct Principals {
    /// Who writes what became of messages.
    pub committer: CommitterHandle,
    /// Who is told that a message left.
    pub tenants: Arc<Tenants>,
    /// Who is told that an address is no good.
    pub intake: Arc<Intake>,
    /// Where messages are that had no room.
    pub store: Store,
    /// Who knows whether the wall clock can be believed.
    pub uptime: Arc<Uptime>,
}

/// The tasks that send.
pub struct Dispatcher {
    means: Arc<Means>,
    outbound: Arc<Outbound>,
    committer: CommitterHandle,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Dispatcher {
    /// Starts a worker for each slot, and the sweeper.
    pub fn start(
        means: Means,
        outbound: Arc<Outbound>,
        principals: Principals,
        slots: Vec<Slot>,
        crew: &Crew,
    ) -> Self {
        let Principals { committer, tenants, intake, store, uptime } = principals;
        let means = Arc::new(means);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let unnoted = Arc::new(Told::new(
            "what is being sent cannot be noted",
            "what is being sent is noted again",
        ));
        for slot in slots {
            let worker = Worker {
                hand: Hand { slot, trouble: unnoted.clone() },
                means: means.clone(),
                outbound: outbound.clone(),
                committer: committer.clone(),
                tenants: tenants.clone(),
                intake: intake.clone(),
            };
            let (worker, stopped) = (Arc::new(worker), stop.clone());
            let job = move || worker.clone().run(stopped.clone());
            tasks.spawn(crew.kept("worker", stop.clone(), job));
        }
        let trouble = Told::new("due messages cannot be claimed", "due messages are claimed again");
        let sweeper = Sweeper {
            store,
            committer: committer.clone(),
            outbound: outbound.clone(),
            uptime,
            trouble,
        };
        let (sweeper, stopped) = (Arc::new(sweeper), stop.clone());
        let job = move || sweeper.clone().run(stopped.clone());
        tasks.spawn(crew.kept("sweeper", stop.clone(), job));
        Self { means, outbound, committer, stop, tasks }
    }

    /// Lets attempts on the wire finish, for at most `patience`, cuts off the others, and gives
    /// back what has not been tried. What had not reached its final dot counts as not tried, the
    /// rest is written down as in doubt. Says whether the outcome of every attempt is written.
    pub async fn stop(mut self, patience: Duration) -> bool {
        self.stop.cancel();
        self.means.carriers.close().await;
        let mut in_time = self.finished(patience).await;
        if !in_time {
            tracing::info!("attempts that take too long are cut off");
            self.means.carriers.cut();
            in_time = self.finished(CUT_OFF_MAX).await;
        }
        self.tasks.abort_all();
        // All at once: each that waits for the one before would be a transaction of its own.
        let unbegun = self.outbound.drain();
        let given_back = unbegun.iter().map(|post| self.committer.settle(given_back(post, None)));
        let given_back = timeout(GIVE_BACK_MAX, join_all(given_back)).await.is_ok();
        in_time && given_back
    }

    async fn finished(&mut self, patience: Duration) -> bool {
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        tokio::time::timeout(patience, finished).await.is_ok()
    }
}
