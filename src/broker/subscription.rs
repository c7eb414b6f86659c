//! Consuming the partition queues on one channel.

use std::pin::Pin;

use futures_util::stream::{SelectAll, StreamExt, select_all};
use lapin::options::{BasicAckOptions, BasicConsumeOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};

use super::BrokerError;
use super::delivered::Delivered;
use super::topology::partition_queue;

/// The most deliveries handed out at once.
const CHUNK_MAX: usize = 256;

type Chunks = Pin<Box<dyn futures_util::Stream<Item = Vec<Result<Delivered, BrokerError>>> + Send>>;

/// The deliveries of all partitions, in each partition's order.
pub struct Subscription {
    channel: Channel,
    chunks: Chunks,
}

impl Subscription {
    pub(super) async fn start(channel: Channel, partitions: u16) -> Result<Self, BrokerError> {
        let mut consumers = Vec::with_capacity(usize::from(partitions));
        for partition in 0..partitions {
            let queue = partition_queue(partition);
            let consumer: Consumer = channel
                .basic_consume(
                    queue.as_str().into(),
                    queue.as_str().into(),
                    BasicConsumeOptions::default(),
                    FieldTable::default(),
                )
                .await?;
            consumers.push(consumer);
        }
        let merged: SelectAll<Consumer> = select_all(consumers);
        let chunks = merged
            .map(|item| item.map(Delivered::new).map_err(BrokerError::from))
            .ready_chunks(CHUNK_MAX)
            .boxed();
        Ok(Self { channel, chunks })
    }

    /// The deliveries that are there, at least one; waits for it.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] when the channel is gone: everything unacknowledged comes again on
    /// the next subscription.
    pub async fn next(&mut self) -> Result<Vec<Delivered>, BrokerError> {
        let gone = || BrokerError::Lost("the channel was closed".to_owned());
        self.chunks.next().await.ok_or_else(gone)?.into_iter().collect()
    }

    /// Acknowledges everything up to and including this tag.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn ack_up_to(&mut self, tag: u64) -> Result<(), BrokerError> {
        self.channel.basic_ack(tag, BasicAckOptions { multiple: true }).await?;
        Ok(())
    }
}
