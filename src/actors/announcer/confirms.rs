//! Waiting for the broker to confirm.
//!
//! It confirms an event once every queue that is bound to the exchange has it: one listener's
//! queue that takes none holds up everybody's events. To publish them again would not help, and
//! would give them twice to all the others; so it is told of, and waited for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::announced::Announced;
use super::upstream::{Confirmed, Standing};
use crate::broker::BrokerError;
use crate::clock;
use crate::telemetry::spell::Told;

/// How long a stop waits for a confirm: what was not confirmed is published again.
const STOP_WAIT_MAX: Duration = Duration::from_secs(2);
/// How often a stop looks whether the broker takes anything.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Whoever waits for confirms.
pub struct Confirms {
    announced: Arc<Announced>,
    /// How long none may come before that is told of.
    patience: Duration,
    trouble: Told,
}

impl Confirms {
    pub fn new(announced: Arc<Announced>, patience: Duration) -> Self {
        let trouble = Told::new(
            "the broker does not confirm events: perhaps a queue bound to bellhop.events is stuck",
            "the broker confirms events again",
        );
        Self { announced, patience, trouble }
    }

    /// Waits until the broker has confirmed. False if told to stop meanwhile, and it does not.
    ///
    /// # Errors
    /// As [`Confirmed`].
    pub async fn wait(
        &self,
        mut confirmed: Confirmed,
        standing: &Standing,
        stop: &CancellationToken,
    ) -> Result<bool, BrokerError> {
        let given_up = given_up(standing, stop);
        tokio::pin!(given_up);
        loop {
            tokio::select! {
                biased;
                done = &mut confirmed => {
                    done?;
                    self.came();
                    return Ok(true);
                }
                () = &mut given_up => return Ok(false),
                () = sleep(self.patience) => self.is_late(standing),
            }
        }
    }

    fn came(&self) {
        self.announced.set_unconfirmed(false);
        self.trouble.worked(clock::instant());
    }

    /// An alarm of the broker's is told of already.
    fn is_late(&self, standing: &Standing) {
        if !standing.is_blocked() {
            self.announced.set_unconfirmed(true);
            let seconds = self.patience.as_secs();
            self.trouble.failed(clock::instant(), &format!("none for {seconds} s"));
        }
    }
}

/// Resolves when a stop need not wait any longer.
async fn given_up(standing: &Standing, stop: &CancellationToken) {
    stop.cancelled().await;
    let blocked = async {
        while !standing.is_blocked() {
            sleep(LOOK_EVERY).await;
        }
    };
    let _ = tokio::time::timeout(STOP_WAIT_MAX, blocked).await;
}
