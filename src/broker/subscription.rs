//! Consuming the partition queues on one channel.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{StreamExt, select_all};
use lapin::options::{BasicAckOptions, BasicConsumeOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};

use super::BrokerError;
use super::arrivals::Arrivals;
use super::delivered::Delivered;
use crate::domain::partition::Partitions;

/// The most deliveries handed out at once.
const CHUNK_MAX: usize = 256;

type Chunks = Pin<Box<dyn futures_util::Stream<Item = Vec<Result<Delivered, BrokerError>>> + Send>>;

/// What an acknowledgement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Everything up to and including this tag; it must not be acknowledged yet.
    UpTo(u64),
    /// This tag alone.
    One(u64),
}

/// The deliveries of all partitions, in each partition's order.
pub struct Subscription {
    channel: Channel,
    chunks: Chunks,
    arrivals: Arc<Arrivals>,
}

impl Subscription {
    pub(super) async fn start(
        channel: Channel,
        arrivals: Arc<Arrivals>,
        partitions: &Partitions,
    ) -> Result<Self, BrokerError> {
        let mut consumers = Vec::with_capacity(usize::from(partitions.count()));
        for part in partitions.all() {
            let queue = part.queue();
            let consumer: Consumer = channel
                .basic_consume(
                    queue.as_str().into(),
                    queue.as_str().into(),
                    BasicConsumeOptions::default(),
                    FieldTable::default(),
                )
                .await?;
            consumers.push(consumer.map(move |item| (part, item)));
        }
        let known = arrivals.clone();
        let chunks = select_all(consumers)
            .map(move |(part, item)| {
                let delivery = item?;
                let arrival = known.get(delivery.delivery_tag);
                Ok(Delivered::new(part, delivery, arrival))
            })
            .ready_chunks(CHUNK_MAX)
            .boxed();
        Ok(Self { channel, chunks, arrivals })
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

    /// Acknowledges.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn ack(&mut self, ack: Ack) -> Result<(), BrokerError> {
        match ack {
            Ack::UpTo(tag) => {
                self.channel.basic_ack(tag, BasicAckOptions { multiple: true }).await?;
                self.arrivals.closed_up_to(tag);
            }
            Ack::One(tag) => {
                self.channel.basic_ack(tag, BasicAckOptions::default()).await?;
                self.arrivals.closed([tag]);
            }
        }
        Ok(())
    }

    /// Whether nothing more is read until something is acknowledged.
    pub fn is_full(&self) -> bool {
        self.arrivals.is_full()
    }
}
