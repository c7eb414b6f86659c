//! When the daemon ran, and when it did not.
//!
//! It writes a sign of life every few seconds. A gap between two of them is an outage: the
//! process was down, asleep with its machine, or without its store. Offers that were open
//! meanwhile stand so much longer.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::timer::Outage;
use crate::store::{Store, StoreError};
use crate::telemetry::spell::Told;

/// The pause between two signs of life.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// A silence of so long is an outage: three signs of life were missed.
const OUTAGE_MIN: SignedDuration = SignedDuration::from_secs(15);
/// An outage is forgotten so long after its end; no offer is open for longer.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// The outages of the last day, the present one of a stopped daemon not among them.
#[derive(Debug)]
pub struct Uptime {
    store: Store,
    outages: RwLock<Arc<[Outage]>>,
    last: Mutex<Timestamp>,
    trouble: Told,
}

impl Uptime {
    /// Finds out since when the daemon did not run. To be called before anything is decided.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn begin(store: Store) -> Result<Arc<Self>, StoreError> {
        let now = clock::now();
        let last = store.last_beat().await?.unwrap_or(now);
        let trouble =
            Told::new("no sign of life can be written", "signs of life are written again");
        let outages = RwLock::new(Arc::from([]));
        let uptime = Self { store, outages, last: Mutex::new(last), trouble };
        uptime.beat(now).await?;
        uptime.reread(now).await?;
        Ok(Arc::new(uptime))
    }

    /// The outages that may still matter, oldest first.
    pub fn outages(&self) -> Arc<[Outage]> {
        self.outages.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives signs of life until `stop`, then a last one.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(BEAT_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = ticks.tick() => {}
            }
            let now = clock::now();
            let written = match self.beat(now).await {
                Ok(()) => self.reread(now).await,
                Err(error) => Err(error),
            };
            match written {
                Ok(()) => self.trouble.worked(clock::instant()),
                Err(error) => self.trouble.failed(clock::instant(), &error),
            }
            if stop.is_cancelled() {
                return;
            }
        }
    }

    async fn beat(&self, now: Timestamp) -> Result<(), StoreError> {
        let last = *self.last();
        if let Some(outage) = outage(last, now) {
            self.store.note_outage(outage).await?;
        }
        self.store.beat(now).await?;
        if outage(last, now).is_some() {
            let seconds = now.duration_since(last).as_secs();
            let what = match self.trouble.is_failing() {
                true => "nothing could be written",
                false => "bellhop did not run",
            };
            tracing::warn!(seconds, "{what}; open offers stand so much longer");
        }
        *self.last() = now;
        Ok(())
    }

    async fn reread(&self, now: Timestamp) -> Result<(), StoreError> {
        let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let outages = self.store.outages(since).await?;
        *self.outages.write().unwrap_or_else(PoisonError::into_inner) = Arc::from(outages);
        Ok(())
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What lies between two signs of life, if it is too long.
fn outage(last: Timestamp, now: Timestamp) -> Option<Outage> {
    (now.duration_since(last) >= OUTAGE_MIN).then_some(Outage { from: last, to: now })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn only_a_long_silence_is_an_outage() {
        assert_eq!(outage(at(0), at(14)), None);
        assert_eq!(outage(at(0), at(15)), Some(Outage { from: at(0), to: at(15) }));
        assert_eq!(outage(at(60), at(0)), None, "the clock was set back");
    }

    #[tokio::test]
    async fn a_start_after_a_silence_notes_the_outage_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&dir.path().join("bellhop.db"), 1).await.unwrap();
        assert!(Uptime::begin(store.clone()).await.unwrap().outages().is_empty(), "a first start");
        let hour_ago = clock::now().checked_sub(SignedDuration::from_hours(1)).unwrap();
        store.beat(hour_ago).await.unwrap();
        for _ in 0..2 {
            let outages = Uptime::begin(store.clone()).await.unwrap().outages();
            let [outage] = *outages else { panic!("{outages:?}") };
            assert_eq!(outage.from.as_millisecond(), hour_ago.as_millisecond());
            assert!(outage.to.duration_since(outage.from) >= SignedDuration::from_hours(1));
        }
        let long_ago = clock::now().checked_sub(SignedDuration::from_hours(50)).unwrap();
        let end = clock::now().checked_sub(SignedDuration::from_hours(25)).unwrap();
        store.note_outage(Outage { from: long_ago, to: end }).await.unwrap();
        let outages = Uptime::begin(store.clone()).await.unwrap().outages();
        assert_eq!(outages.len(), 1, "what is long over does not matter");
        store.close().await;
    }
}
