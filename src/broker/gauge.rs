//! Asking queues how much waits in them.

use std::time::Duration;

use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use tokio::time::timeout;

use super::BrokerError;
use crate::domain::partition::Part;

/// How long a queue may take to answer: one without a leader takes its time.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// A channel of its own: whoever waits for an answer holds up nobody else.
pub struct Gauge {
    channel: Channel,
}

impl Gauge {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel }
    }

    /// How many commands wait in a partition's queue, without those that were delivered; `None` if
    /// it does not answer in time.
    ///
    /// # Errors
    /// [`BrokerError::Lost`], also where the queue is gone.
    pub async fn ready(&self, part: Part) -> Result<Option<u32>, BrokerError> {
        match timeout(ANSWER_MAX, waiting(&self.channel, &part.queue())).await {
            Ok(ready) => Ok(Some(ready?)),
            Err(_) => Ok(None),
        }
    }
}

/// How many messages wait in a queue that is there.
pub(super) async fn waiting(channel: &Channel, name: &str) -> lapin::Result<u32> {
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare(name.into(), passive, FieldTable::default()).await?;
    Ok(queue.message_count())
}
