//! The jobs that run.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Replays;
use super::flight::Flight;
use crate::actors::intake::Untold;
use crate::actors::work::Work;
use crate::clock;
use crate::domain::letter::JobId;
use crate::store::{FoundLetter, StoreError};

/// Letters that are read at once; whether the job still runs is asked before each page.
const PAGE: u32 = 100;
/// How long a job waits for a store that cannot be read or written.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Why a letter could not be decided, by name.
const UNREADABLE: &str = "unreadable";
const SET_ASIDE: &str = "set_aside";
const GONE: &str = "no_dead_letter";

/// Why a job goes no further for now.
enum Halt {
    /// The daemon stops; the next run goes on.
    Closed,
    /// It goes on once the store can be read and written.
    Store(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How far a job came.
enum Came {
    /// Past its last letter.
    Through,
    /// It does not run any more.
    Halted,
}

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
        loop {
            match self.round(job, rate).await {
                Ok(()) | Err(Halt::Closed) => return,
                Err(Halt::Store(error)) => {
                    self.trouble.failed(clock::instant(), &error);
                    sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Tries the letters that are not decided. However it ends, nothing is under way then: who
    /// begins anew finds every letter either decided or not begun.
    async fn round(&self, job: JobId, rate: f64) -> Result<(), Halt> {
        let mut flight = Flight::new(rate);
        let came = self.goes_through(job, &mut flight, |found| self.decides(job, found)).await;
        let ended = flight.ends().await;
        if let Came::Through = came? {
            ended?;
            self.ends(job).await?;
        }
        Ok(())
    }

    async fn goes_through<F: Future<Output = Result<(), Halt>>>(
        &self,
        job: JobId,
        flight: &mut Flight<F>,
        decides: impl Fn(FoundLetter) -> F,
    ) -> Result<Came, Halt> {
        // Letters of about a second at most, so that a pause is heard soon.
        let page = u32::try_from(flight.in_a_second()).unwrap_or(PAGE).clamp(1, PAGE);
        let mut last = None;
        loop {
            let Some(letters) = self.store.next_letters(job, last, page).await? else {
                return Ok(Came::Halted);
            };
            let Some(end) = letters.last() else { return Ok(Came::Through) };
            last = Some(end.message);
            for found in letters {
                flight.begins(decides(found)).await?;
            }
        }
    }

    async fn decides(&self, job: JobId, found: FoundLetter) -> Result<(), Halt> {
        let Some(letter) = found.letter else {
            return Ok(self.store.letter_failed(job, found.message, UNREADABLE).await?);
        };
        let work = Work::Replay(Box::new(letter), job);
        match self.intake.came_of_a_message(&found.tenant, work).await {
            Ok(()) => Ok(()),
            Err(Untold::Closed) => Err(Halt::Closed),
            Err(Untold::SetAside) => {
                Ok(self.store.letter_failed(job, found.message, SET_ASIDE).await?)
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
