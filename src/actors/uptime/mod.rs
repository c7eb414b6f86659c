//! When the daemon ran, and when it did not; and when the wall clock was set.
//!
//! It writes a sign of life every few seconds. A gap between two of them is an outage: the
//! process was down, asleep with its machine, or without its store; over a restart it is not
//! known which. Offers that were open meanwhile are extended by as much.
//!
//! A gap is measured by the clock that nobody sets, so that a wall clock that was set forward is
//! no outage. What pauses in the store and in memory is moved with the wall clock; what has a
//! date of its own keeps it.

mod clocks;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::timer::Outage;
use crate::store::{Beat, Shift, Store, StoreError};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use clocks::{Between, between};

/// The pause between two looks at the clocks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The pause between two signs of life.
const BEAT_EVERY: Duration = Duration::from_secs(5);

/// The outages of the last day, the present one of a stopped daemon not among them.
#[derive(Debug)]
pub struct Uptime {
    store: Store,
    boot: String,
    outages: RwLock<Arc<[Outage]>>,
    /// The last sign of life that was written, and whether it was by the present wall clock.
    last: Mutex<Beat>,
    trouble: Told,
    /// Cancelled when the store is not where it was.
    lost_store: CancellationToken,
}

impl Uptime {
    /// Finds out since when the daemon did not run, and moves what pauses where the wall clock was
    /// set meanwhile. To be called before anything is claimed or decided.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn begin(store: Store) -> Result<Arc<Self>, StoreError> {
        let boot = clock::boot_id();
        let now = look(&boot);
        let last = store.last_beat().await?.unwrap_or_else(|| now.clone());
        let trouble =
            Told::new("no sign of life can be written", "signs of life are written again");
        let outages = RwLock::new(Arc::from([]));
        let lost_store = CancellationToken::new();
        let last = Mutex::new(last);
        let uptime = Self { store, boot, outages, last, trouble, lost_store };
        uptime.beat(&now).await?;
        Ok(Arc::new(uptime))
    }

    /// Cancelled when the store is not where it was opened: nothing may be asked of it any more.
    pub fn lost_store(&self) -> CancellationToken {
        self.lost_store.clone()
    }

    /// The outages that may still matter, oldest first.
    pub fn outages(&self) -> Arc<[Outage]> {
        self.outages.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the wall clock was not set since the last look. Until what pauses was moved with it,
    /// nothing is due by it.
    pub fn is_in_step(&self) -> bool {
        between(&self.last(), &look(&self.boot)).shift.is_none()
    }

    /// Gives signs of life until `stop`, then a last one. `on_shift` moves what pauses in memory,
    /// each time that the wall clock was set.
    pub async fn run(self: Arc<Self>, on_shift: impl Fn(Shift), stop: CancellationToken) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = ticks.tick() => {}
            }
            let there = self.store.still_there().await;
            if let Err(error @ (StoreError::Replaced(_) | StoreError::InUse(_))) = there {
                tracing::error!(%error, "the store is lost");
                self.lost_store.cancel();
                return;
            }
            let now = look(&self.boot);
            if stop.is_cancelled() || self.is_due(&now) {
                match self.beat(&now).await {
                    Ok(shift) => {
                        self.trouble.worked(clock::instant());
                        shift.into_iter().for_each(&on_shift);
                    }
                    Err(error) => self.trouble.failed(clock::instant(), &error),
                }
            }
            if stop.is_cancelled() {
                return;
            }
        }
    }

    /// A step is written at once: what is claimed before is claimed by the wrong time.
    fn is_due(&self, now: &Beat) -> bool {
        let Between { silence, shift } = between(&self.last(), now);
        shift.is_some() || silence >= SignedDuration::try_from(BEAT_EVERY).unwrap_or_default()
    }

    /// Writes a sign of life, and what follows from the time since the last.
    async fn beat(&self, now: &Beat) -> Result<Option<Shift>, StoreError> {
        let Between { silence, shift } = between(&self.last(), now);
        let from = now.wall.checked_sub(silence).unwrap_or(now.wall);
        let outage = Outage::between(from, now.wall);
        if let Some(outage) = outage {
            self.store.note_outage(outage).await?;
        }
        self.store.beat(now, shift).await?;
        if outage.is_some() {
            let what = match self.trouble.is_failing() {
                true => "nothing could be written",
                false => "bellhop did not run, or could not write",
            };
            let seconds = silence.as_secs();
            tracing::warn!(seconds, "{what}; open offers are extended by as much");
        }
        if let Some(shift) = shift {
            let (direction, seconds) = match shift.by() {
                by if by.is_negative() => ("back", by.abs().as_secs()),
                by => ("forward", by.as_secs()),
            };
            record::clock_stepped(direction);
            tracing::warn!(seconds, "the wall clock was set {direction}; what pauses goes with it");
        }
        *self.last() = now.clone();
        self.reread(now.wall).await?;
        Ok(shift)
    }

    async fn reread(&self, now: Timestamp) -> Result<(), StoreError> {
        let outages = self.store.outages(Outage::remembered_since(now)).await?;
        *self.outages.write().unwrap_or_else(PoisonError::into_inner) = Arc::from(outages);
        Ok(())
    }

    fn last(&self) -> MutexGuard<'_, Beat> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look(boot: &str) -> Beat {
    Beat { wall: clock::now(), boot: boot.to_owned(), since_boot: clock::since_boot() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Holder;
    use uuid::Uuid;

    async fn store(dir: &tempfile::TempDir) -> Store {
        let (file, holder) = (dir.path().join("bellhop.db"), Holder::new(Uuid::nil(), 1));
        Store::open_sqlite(&file, 1, &holder).await.unwrap()
    }

    fn ago(hours: i64) -> Beat {
        let wall = clock::now().checked_sub(SignedDuration::from_hours(hours)).unwrap();
        Beat { wall, boot: String::new(), since_boot: Duration::ZERO }
    }

    #[tokio::test]
    async fn a_start_after_a_silence_notes_the_outage_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir).await;
        assert!(Uptime::begin(store.clone()).await.unwrap().outages().is_empty(), "a first start");
        let hour_ago = ago(1);
        store.beat(&hour_ago, None).await.unwrap();
        for _ in 0..2 {
            let outages = Uptime::begin(store.clone()).await.unwrap().outages();
            let [outage] = *outages else { panic!("{outages:?}") };
            assert_eq!(outage.from.as_millisecond(), hour_ago.wall.as_millisecond());
            assert!(outage.to.duration_since(outage.from) >= SignedDuration::from_hours(1));
        }
        store.note_outage(Outage { from: ago(50).wall, to: ago(25).wall }).await.unwrap();
        let outages = Uptime::begin(store.clone()).await.unwrap().outages();
        assert_eq!(outages.len(), 1, "what is long over does not matter");
        store.close().await;
    }

    #[tokio::test]
    async fn a_clock_set_forward_while_running_is_no_outage() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(&dir).await;
        let uptime = Uptime::begin(store.clone()).await.unwrap();
        let mut now = look(&uptime.boot);
        now.wall += SignedDuration::from_hours(48);
        assert!(uptime.is_due(&now) && uptime.is_in_step());
        let shift = uptime.beat(&now).await.unwrap().unwrap();
        assert!(
            (shift.by() - SignedDuration::from_hours(48)).abs() < SignedDuration::from_secs(60)
        );
        assert!(uptime.outages().is_empty());
        assert!(!uptime.is_due(&now), "told once");
        assert!(!uptime.is_in_step(), "the test's clock was set, the machine's was not");
        // Asleep for an hour: the monotonic clock stood still, this one did not.
        now.wall += SignedDuration::from_hours(1);
        now.since_boot += Duration::from_secs(3600);
        assert_eq!(uptime.beat(&now).await.unwrap(), None);
        let [outage] = *uptime.outages() else { panic!("no outage") };
        assert_eq!(outage.to.duration_since(outage.from), SignedDuration::from_hours(1));
        store.close().await;
    }
}
