//! Exchanges, queues and bindings, declared the same at every start.

use lapin::options::{
    ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ExchangeKind};

use super::BrokerError;
use crate::domain::partition::{Part, Partitions};

/// Where commands are published, with routing key `cmd.<tenant>`.
pub const COMMANDS_EXCHANGE: &str = "bellhop.commands";
/// Where events go, with routing key `<tenant>.<type>`.
pub const EVENTS_EXCHANGE: &str = "bellhop.events";
/// Where commands lie that could not be read, with the reason in their headers.
pub const DEAD_QUEUE: &str = "bellhop.commands.dead";

/// Spreads tenants over partitions; a tenant keeps its partition across broker restarts, which
/// a consistent-hash exchange does not promise.
const HASH_EXCHANGE: &str = "bellhop.commands.hash";
const TENANT_KEY: &str = "cmd.*";

/// Declares everything; what stands already and is the same is left alone.
pub async fn declare(connection: &Connection, partitions: &Partitions) -> Result<(), BrokerError> {
    let channel = connection.create_channel().await?;
    exchange(&channel, COMMANDS_EXCHANGE, ExchangeKind::Topic).await?;
    exchange(&channel, EVENTS_EXCHANGE, ExchangeKind::Topic).await?;
    queue(&channel, DEAD_QUEUE, false).await?;
    if partitions.count() == 1 {
        let only = Part::default().queue();
        queue(&channel, &only, true).await?;
        bind(&channel, &only, COMMANDS_EXCHANGE, TENANT_KEY).await?;
    } else {
        let hash = ExchangeKind::Custom("x-modulus-hash".to_owned());
        exchange(&channel, HASH_EXCHANGE, hash).await?;
        channel
            .exchange_bind(
                HASH_EXCHANGE.into(),
                COMMANDS_EXCHANGE.into(),
                TENANT_KEY.into(),
                ExchangeBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
        for part in partitions.all() {
            let name = part.queue();
            queue(&channel, &name, true).await?;
            bind(&channel, &name, HASH_EXCHANGE, "").await?;
        }
    }
    channel.close(200, "declared".into()).await?;
    Ok(())
}

async fn exchange(channel: &Channel, name: &str, kind: ExchangeKind) -> Result<(), BrokerError> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(name.into(), kind, options, FieldTable::default()).await?;
    Ok(())
}

async fn queue(channel: &Channel, name: &str, one_reader: bool) -> Result<(), BrokerError> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    if one_reader {
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    }
    channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await?;
    Ok(())
}

async fn bind(
    channel: &Channel,
    queue: &str,
    exchange: &str,
    key: &str,
) -> Result<(), BrokerError> {
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            key.into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await?;
    Ok(())
}
