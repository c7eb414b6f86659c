//! Who runs for as long as the daemon does, and what happens when one of them falls.
//!
//! ```text
//!   vital   nothing can go on without it: the daemon stops, and says that it failed
//!   kept    it has nothing to lose: it begins again after a pause, which grows while it keeps
//!           falling
//! ```
//!
//! A task that panics ends, and nobody hears of it who does not ask. Here somebody does.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::clock;
use crate::telemetry::record;

/// The first and the longest pause before a task begins again.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// A task that ran for so long is well: the next pause is the first again.
const WELL_AFTER: Duration = Duration::from_secs(60);

/// Everybody who runs.
#[derive(Debug, Clone, Default)]
pub struct Crew(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    fallen: Mutex<Option<&'static str>>,
    falls: CancellationToken,
    /// How many of each name wait to begin again.
    waiting: Mutex<BTreeMap<&'static str, usize>>,
}

impl Crew {
    /// Runs a job without which nothing goes on. Where it ends before `stop`, it has fallen.
    pub fn vital<J: Future<Output = ()>>(
        &self,
        name: &'static str,
        stop: CancellationToken,
        job: J,
    ) -> impl Future<Output = ()> + use<J> {
        let crew = self.clone();
        async move {
            let ended = AssertUnwindSafe(job).catch_unwind().await;
            if stop.is_cancelled() {
                return;
            }
            let how = if ended.is_err() { "panicked" } else { "ended" };
            tracing::error!(task = name, how, "nothing can go on without this task");
            lock(&crew.0.fallen).get_or_insert(name);
            crew.0.falls.cancel();
        }
    }

    /// Runs a job again each time that it panics, until `stop`. One that ends by itself is done.
    pub fn kept<F: Fn() -> J, J: Future<Output = ()>>(
        &self,
        name: &'static str,
        stop: CancellationToken,
        job: F,
    ) -> impl Future<Output = ()> + use<F, J> {
        let crew = self.clone();
        async move {
            let mut patience = Patience::new(PAUSE, PAUSE_MAX);
            record::actor_began(name);
            loop {
                let began = clock::instant();
                if AssertUnwindSafe(async { job().await }).catch_unwind().await.is_ok()
                    || stop.is_cancelled()
                {
                    return;
                }
                if clock::since(began) >= WELL_AFTER {
                    patience.reset();
                }
                let pause = patience.pause();
                tracing::error!(task = name, ?pause, "a task panicked; it begins again");
                record::actor_restarted(name);
                let _waits = Waits::of(&crew, name);
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }

    /// Resolves when a vital task has fallen, with its name.
    pub async fn fell(&self) -> &'static str {
        self.0.falls.cancelled().await;
        lock(&self.0.fallen).unwrap_or_default()
    }

    /// Whether everybody runs: nobody has fallen, or waits to begin again.
    pub fn is_whole(&self) -> bool {
        lock(&self.0.fallen).is_none() && lock(&self.0.waiting).is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One who waits to begin again.
struct Waits<'a> {
    crew: &'a Crew,
    name: &'static str,
}

impl<'a> Waits<'a> {
    fn of(crew: &'a Crew, name: &'static str) -> Self {
        *lock(&crew.0.waiting).entry(name).or_default() += 1;
        Self { crew, name }
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.crew.0.waiting);
        if let Some(count) = waiting.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A job that panics so many times.
    fn stumbling(
        times: usize,
        begun: &Arc<AtomicUsize>,
    ) -> impl Fn() -> std::future::Ready<()> + use<> {
        let begun = begun.clone();
        move || {
            assert!(begun.fetch_add(1, Ordering::Relaxed) >= times, "injected by a test");
            std::future::ready(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_falls_begins_again_after_pauses_that_grow() {
        let (crew, begun) = (Crew::default(), Arc::default());
        let began = clock::instant();
        crew.kept("one", CancellationToken::new(), stumbling(4, &begun)).await;
        assert_eq!(begun.load(Ordering::Relaxed), 5, "one that ends by itself is done");
        assert_eq!(clock::since(began).as_millis(), 100 + 200 + 400 + 800);
        assert!(crew.is_whole());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_to_begin_again_is_missed_and_hears_of_a_stop() {
        let (crew, begun, stop) = (Crew::default(), Arc::default(), CancellationToken::new());
        let job = stumbling(usize::MAX, &begun);
        let running = tokio::spawn(crew.kept("one", stop.clone(), job));
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert!(!crew.is_whole());
        let times = begun.load(Ordering::Relaxed);
        assert!((20..40).contains(&times), "every half minute in the end: {times}");
        stop.cancel();
        running.await.unwrap();
        assert!(crew.is_whole());
    }

    #[tokio::test]
    async fn where_one_falls_without_whom_nothing_goes_on_that_is_told() {
        for panics in [true, false] {
            let crew = Crew::default();
            let job = async move { assert!(!panics, "injected by a test") };
            let running = tokio::spawn(crew.vital("heart", CancellationToken::new(), job));
            assert_eq!(crew.fell().await, "heart");
            running.await.unwrap();
            assert!(!crew.is_whole());
        }
    }
}
