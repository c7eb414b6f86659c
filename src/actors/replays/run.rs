//! The jobs that run.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Replays;
use crate::actors::intake::Untold;
use crate::actors::work::Work;
use crate::clock;
use crate::domain::letter::JobId;
use crate::domain::message::MessageId;
use crate::store::{FoundLetter, StoreError};

/// Letters that are read at once; whether the job still runs is asked before each page.
const PAGE: u32 = 20;
/// How long a job waits for a store that cannot be read or written.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Why a letter could not be decided, by name.
const UNREADABLE: &str = "unreadable";
const SET_ASIDE: &str = "set_aside";
const GONE: &str = "no_dead_letter";

/// The daemon stops; the next run goes on.
struct Closed;

impl Replays {
    /// Runs the jobs that are to run, those of an earlier run of the daemon first; ends never. Each
    /// has a task of its own, and they are no more than may be open.
    pub async fn run(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        let mut at_work = HashSet::new();
        loop {
            match self.store.running_jobs().await {
                Ok(jobs) => {
                    self.trouble.worked(clock::instant());
                    for (job, rate) in jobs.into_iter().filter(|(job, _)| at_work.insert(*job)) {
                        let replays = self.clone();
                        tasks.spawn(async move {
                            replays.works(job, rate).await;
                            job
                        });
                    }
                }
                Err(error) => {
                    self.trouble.failed(clock::instant(), &error);
                    sleep(STORE_PAUSE).await;
                    continue;
                }
            }
            tokio::select! {
                () = self.wake.notified() => {}
                Some(ended) = tasks.join_next() => match ended {
                    Ok(job) => {
                        at_work.remove(&job);
                    }
                    // Nobody knows whose it was; whoever else runs begins with all of them.
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                },
            }
        }
    }

    /// One job, until it has ended or does not run any more.
    async fn works(&self, job: JobId, rate: f64) {
        let pause = Duration::from_secs_f64(1.0 / rate);
        // The first at once; one that was late is not made up for.
        let mut turns = interval(pause);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        loop {
            turns.tick().await;
            match self.page(job, last, &mut turns).await {
                Ok(Ok(Some(end))) => last = Some(end),
                Ok(Ok(None) | Err(Closed)) => return,
                Err(error) => {
                    self.trouble.failed(clock::instant(), &error);
                    sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// The next letters of a job, the first of them at once; returns the last, or nothing where the
    /// job has ended.
    async fn page(
        &self,
        job: JobId,
        last: Option<MessageId>,
        turns: &mut tokio::time::Interval,
    ) -> Result<Result<Option<MessageId>, Closed>, StoreError> {
        let Some(page) = self.store.next_letters(job, last, self.page_of(turns)).await? else {
            return Ok(Ok(None));
        };
        let Some(end) = page.last().map(|found| found.message) else {
            self.ends(job).await?;
            return Ok(Ok(None));
        };
        for (place, found) in page.into_iter().enumerate() {
            if place > 0 {
                turns.tick().await;
            }
            if self.decides(job, found).await?.is_err() {
                return Ok(Err(Closed));
            }
        }
        Ok(Ok(Some(end)))
    }

    /// Letters of about a second at most, so that a pause is heard soon.
    fn page_of(&self, turns: &tokio::time::Interval) -> u32 {
        let a_second = Duration::from_secs(1).as_millis() / turns.period().as_millis().max(1);
        u32::try_from(a_second).unwrap_or(PAGE).clamp(1, PAGE)
    }

    async fn decides(
        &self,
        job: JobId,
        found: FoundLetter,
    ) -> Result<Result<(), Closed>, StoreError> {
        let Some(letter) = found.letter else {
            self.store.letter_failed(job, found.message, UNREADABLE).await?;
            return Ok(Ok(()));
        };
        let work = Work::Replay(Box::new(letter), job);
        match self.intake.came_of_a_message(&found.tenant, work).await {
            Ok(()) => Ok(Ok(())),
            Err(Untold::Closed) => Ok(Err(Closed)),
            Err(Untold::SetAside) => {
                self.store.letter_failed(job, found.message, SET_ASIDE).await?;
                Ok(Ok(()))
            }
        }
    }

    /// What is left was no dead letter any more when its turn came.
    async fn ends(&self, job: JobId) -> Result<(), StoreError> {
        while let Some(left) = self.store.next_letters(job, None, PAGE).await?
            && !left.is_empty()
        {
            for found in left {
                self.store.letter_failed(job, found.message, GONE).await?;
            }
        }
        self.store.job_done(job).await
    }
}
