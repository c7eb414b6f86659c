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

mod outbound;
mod sweeper;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::committer::CommitterHandle;
use super::guardian::Guardian;
use crate::content::Catalogue;
use crate::domain::address::EmailAddress;
use crate::domain::retry::RetrySchedule;
use crate::egress::EmailProviders;
use crate::store::{Incarnation, Store};

pub use outbound::{Outbound, Post};
use sweeper::Sweeper;
use worker::Worker;

/// What sending needs.
pub struct Means {
    /// Who delivers email.
    pub email: EmailProviders,
    /// The texts.
    pub catalogue: Catalogue,
    /// When to try again.
    pub retry: RetrySchedule,
    /// The sender of tenants that name none.
    pub from: EmailAddress,
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
    /// Starts the workers and the sweeper.
    pub fn start(
        means: Means,
        outbound: Arc<Outbound>,
        committer: CommitterHandle,
        guardian: Arc<Guardian>,
        store: Store,
        lease: Incarnation,
        slots: usize,
    ) -> Self {
        let means = Arc::new(means);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for _ in 0..slots {
            let worker = Worker {
                means: means.clone(),
                outbound: outbound.clone(),
                committer: committer.clone(),
                guardian: guardian.clone(),
            };
            tasks.spawn(worker.run(stop.clone()));
        }
        let sweeper = Sweeper { store, outbound: outbound.clone(), lease };
        tasks.spawn(sweeper.run(stop.clone()));
        Self { means, outbound, committer, stop, tasks }
    }

    /// Lets attempts on the wire finish, for at most `patience`, and gives back what has not
    /// been tried. Says whether every attempt finished.
    pub async fn stop(mut self, patience: Duration) -> bool {
        self.stop.cancel();
        self.means.email.close().await;
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(patience, finished).await.is_ok();
        self.tasks.abort_all();
        for post in self.outbound.drain() {
            self.committer.settle(worker::given_back(&post)).await;
        }
        in_time
    }
}
