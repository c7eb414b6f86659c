//! How fast a body must come.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use crate::clock;

/// What a body may be behind at any time: a client that waits for something itself.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// The bytes a second that it must bring beyond that.
pub const BYTES_PER_SECOND: u32 = 1024;

/// The time that a body has left. What has come buys more, but never more than the grace: what
/// came fast at first does not make up for dawdling later.
pub(super) struct Pace {
    grace: Duration,
    left: Pin<Box<Sleep>>,
}

impl Pace {
    pub(super) fn begin(grace: Duration) -> Self {
        Self { grace, left: Box::pin(sleep(grace)) }
    }

    /// More of it has come.
    pub(super) fn came(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bought = self.left.deadline() + Duration::from_secs(1) * bytes / BYTES_PER_SECOND;
        let most = Instant::from_std(clock::instant()) + self.grace;
        self.left.as_mut().reset(bought.min(most));
    }

    /// Ends when the body is too far behind.
    pub(super) async fn lost(&mut self) {
        self.left.as_mut().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    async fn is_lost(pace: &mut Pace) -> bool {
        timeout(Duration::ZERO, pace.lost()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_keeps_the_pace_may_take_long_and_who_dawdles_may_not() {
        let mut steady = Pace::begin(GRACE);
        for _ in 0..100 {
            advance(Duration::from_secs(1)).await;
            steady.came(BYTES_PER_SECOND as usize);
            assert!(!is_lost(&mut steady).await);
        }
        // A megabyte at once, and then a byte now and then.
        steady.came(1 << 20);
        let mut seconds = 0;
        while !is_lost(&mut steady).await {
            advance(Duration::from_millis(500)).await;
            steady.came(1);
            seconds += 1;
        }
        assert!((10..=11).contains(&seconds), "{seconds} half seconds");
    }
}
