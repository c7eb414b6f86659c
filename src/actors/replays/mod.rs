//! Dead letters that are tried again, or thrown away.
//!
//! ```text
//!   plan     which of them would go, and which not: the rules are asked, nothing is written
//!   begin    a job, durable with the letters that match; it goes on after a restart
//!   run      the jobs that run, each at its rate: letters go the line of their tenant, some at
//!            once, and what becomes of each is written in one transaction with the job's progress
//!   discard  thrown away, and told upstream
//! ```
//!
//! The tenant decides on a letter as on anything else, by its state at that moment. A letter whose
//! decision is durable is never decided again for the same job, however the daemon ends.

mod discard;
mod flight;
mod plan;
mod run;

use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use super::commission::CommitterHandle;
use super::intake::Intake;
use super::tenants::Rules;
use crate::store::{Deed, JobState, JobView, LetterFilter, NewJob, Store, StoreError};
use crate::telemetry::spell::Told;

use crate::domain::letter::JobId;

pub use plan::PlanOfReplay;

/// See the module.
pub struct Replays {
    store: Store,
    intake: Arc<Intake>,
    committer: CommitterHandle,
    rules: Rules,
    /// A job began or goes on.
    wake: Notify,
    trouble: Told,
}

impl Replays {
    /// Nothing runs yet: see [`Replays::run`].
    pub fn new(
        store: Store,
        intake: Arc<Intake>,
        committer: CommitterHandle,
        rules: Rules,
    ) -> Arc<Self> {
        let trouble = Told::new("jobs wait for the store", "jobs go on");
        Arc::new(Self { store, intake, committer, rules, wake: Notify::new(), trouble })
    }

    /// Begins a job; `None` if too many have not ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(
        &self,
        filter: LetterFilter,
        rate: f64,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let job = NewJob { id: JobId(Uuid::now_v7()), filter, rate };
        let begun = self.store.begin_job(&job, deed).await?;
        self.wake.notify_one();
        Ok(begun)
    }

    /// Pauses, resumes or cancels a job; one that has ended stays so. `None` if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn moves(
        &self,
        job: JobId,
        to: JobState,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let moved = self.store.move_job(job, to, deed).await?;
        self.wake.notify_one();
        Ok(moved)
    }
}
