//! Waiting for the broker to confirm.
//!
//! It confirms an event once every queue that is bound to the exchange has it: one listener's
//! queue that takes none holds up everybody's events. That is told of, and waited for.
//!
//! It may also have forgotten what it owes: where a quorum queue's leader was not there for a
//! moment, a channel of RabbitMQ's can wait for ever for what it sent to nobody
//! (<https://github.com/rabbitmq/rabbitmq-server/pull/14589>). Another channel is not held up by
//! that. So after a while the connection is given up and the events are published again, which
//! gives them twice to all who have them; and therefore the next while is twice as long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::announced::Announced;
use super::upstream::{Confirmed, Standing};
use crate::actors::patience::Patience;
use crate::broker::{BrokerError, Stall};
use crate::clock;
use crate::telemetry::spell::Told;

/// How long a stop waits for a confirm: what was not confirmed is published again.
const STOP_WAIT_MAX: Duration = Duration::from_secs(2);
/// How often a stop looks whether the broker takes anything.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A connection is given up when none came for twice as long as until that is told of.
const GIVE_UP_AFTER: u32 = 2;
/// The longest that a connection is kept without a confirm.
const GIVE_UP_MAX: Duration = Duration::from_secs(15 * 60);

/// Whoever waits for confirms.
pub struct Confirms {
    announced: Arc<Announced>,
    /// How long none may come before that is told of.
    late: Duration,
    /// How long none may come before the connection is given up.
    limit: Duration,
    patience: Patience,
    trouble: Told,
}

impl Confirms {
    /// Of a confirm that does not come within `late` it is told.
    pub fn new(announced: Arc<Announced>, late: Duration) -> Self {
        let trouble = Told::new(
            "the broker does not confirm events: perhaps a queue bound to bellhop.events is stuck",
            "the broker confirms events again",
        );
        let first = late.saturating_mul(GIVE_UP_AFTER);
        let mut patience = Patience::new(first, GIVE_UP_MAX.max(first));
        Self { announced, late, limit: patience.pause(), patience, trouble }
    }

    /// Waits until the broker has confirmed. False if told to stop meanwhile, and it does not.
    ///
    /// # Errors
    /// As [`Confirmed`]; [`BrokerError::Stalled`] if it does not for too long.
    pub async fn wait(
        &mut self,
        mut confirmed: Confirmed,
        standing: &Standing,
        stop: &CancellationToken,
    ) -> Result<bool, BrokerError> {
        let stopped = stopped(standing, stop);
        tokio::pin!(stopped);
        let mut waited = Duration::ZERO;
        loop {
            tokio::select! {
                biased;
                done = &mut confirmed => {
                    done?;
                    self.came();
                    return Ok(true);
                }
                () = &mut stopped => return Ok(false),
                // An alarm of the broker's is told of already, and holds up every connection.
                () = sleep(self.late) => if !standing.is_blocked() {
                    waited += self.late;
                    self.is_late(waited)?;
                }
            }
        }
    }

    fn came(&mut self) {
        self.patience.reset();
        self.limit = self.patience.pause();
        self.announced.set_unconfirmed(false);
        self.trouble.worked(clock::instant());
    }

    fn is_late(&mut self, waited: Duration) -> Result<(), BrokerError> {
        self.announced.set_unconfirmed(true);
        self.trouble.failed(clock::instant(), &format!("none for {} s", waited.as_secs()));
        if waited < self.limit {
            return Ok(());
        }
        self.limit = self.patience.pause();
        Err(BrokerError::Stalled(Stall::Unconfirmed))
    }
}

/// Resolves when a stop need not wait any longer.
async fn stopped(standing: &Standing, stop: &CancellationToken) {
    stop.cancelled().await;
    let blocked = async {
        while !standing.is_blocked() {
            sleep(LOOK_EVERY).await;
        }
    };
    let _ = tokio::time::timeout(STOP_WAIT_MAX, blocked).await;
}
