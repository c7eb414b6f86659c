//! Waiting for a condition instead of for some time.

use std::{
    future::Future,
    time::{Duration, Instant},
};

const PAUSE: Duration = Duration::from_millis(50);

/// Asks `probe` until it has an answer.
///
/// # Panics
/// When `deadline` passes first, naming `what` was waited for.
#[track_caller]
pub fn eventually<T, F, Fut>(
    what: &str,
    deadline: Duration,
    mut probe: F,
) -> impl Future<Output = T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let asked_at = std::panic::Location::caller();
    async move {
        let started = Instant::now();
        loop {
            if let Some(answer) = probe().await {
                return answer;
            }
            assert!(
                started.elapsed() < deadline,
                "{what}: not within {deadline:?}, waited for at {asked_at}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}
