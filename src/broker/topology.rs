//! Exchanges, queues and bindings, declared the same at every start.

use lapin::options::{
    ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ExchangeKind};

use super::BrokerError;
use super::needs::{Binding, Exchange, Needs, Queue, Target};
use crate::domain::partition::Partitions;

/// Declares everything; what stands already and is the same is left alone.
pub async fn declare(connection: &Connection, partitions: &Partitions) -> Result<(), BrokerError> {
    let needs = Needs::of(partitions);
    let channel = connection.create_channel().await?;
    for each in &needs.exchanges {
        exchange(&channel, each).await?;
    }
    for each in &needs.queues {
        queue(&channel, each).await?;
    }
    for each in &needs.bindings {
        bind(&channel, each).await?;
    }
    channel.close(200, "declared".into()).await?;
    Ok(())
}

/// Declares an exchange.
pub(super) async fn exchange(channel: &Channel, exchange: &Exchange) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    // A type that the library has a name of its own for goes out under the same one.
    let kind = ExchangeKind::Custom(exchange.kind.to_owned());
    channel.exchange_declare(exchange.name.into(), kind, options, FieldTable::default()).await
}

/// Declares a queue.
pub(super) async fn queue(channel: &Channel, queue: &Queue) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    if queue.one_reader {
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    }
    let options = QueueDeclareOptions::durable();
    channel.queue_declare(queue.name.as_str().into(), options, arguments).await?;
    Ok(())
}

/// Binds; what is bound already stays as it is.
pub(super) async fn bind(channel: &Channel, binding: &Binding) -> lapin::Result<()> {
    let Binding { source, target, key } = binding;
    let (source, key) = ((*source).into(), (*key).into());
    match target {
        Target::Exchange(name) => {
            let options = ExchangeBindOptions::default();
            let name = (*name).into();
            channel.exchange_bind(name, source, key, options, FieldTable::default()).await
        }
        Target::Queue(name) => {
            let options = QueueBindOptions::default();
            let name = name.as_str().into();
            channel.queue_bind(name, source, key, options, FieldTable::default()).await
        }
    }
}
