//! Several partitions: the broker spreads tenants as Bellhop computes it, and one daemon reads
//! them all, each in its order, whatever dies.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bellhop::domain::{
    id::TenantId,
    partition::{Part, Partitions},
};
use futures_util::StreamExt;
use lapin::{Connection, ConnectionProperties, options::BasicConsumeOptions, types::FieldTable};
use serde_json::Value;

use crate::support::{
    Options, World,
    broker::Broker,
    config::DOUBTS_SOON,
    eventually,
    load::{Load, progress},
    salon, store,
};

const COUNT: u16 = 4;
const TENANTS: usize = 50;
const DEADLINE: Duration = Duration::from_secs(120);

async fn options() -> Options {
    Options {
        broker: Some(Broker::with_plugins().await),
        environment: vec![("BELLHOP__AMQP__PARTITIONS", COUNT.to_string())],
        extra_config: DOUBTS_SOON.to_owned(),
        ..Options::default()
    }
}

fn part_of(tenant: &str) -> Part {
    Partitions::new(COUNT).of(&TenantId::parse(tenant).unwrap())
}

/// The routing keys of everything that waits in a queue; all of it goes back.
async fn keys_in(url: &str, queue: &str, count: usize) -> Vec<String> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let options = BasicConsumeOptions::default();
    let consumer = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
    let deliveries = consumer.await.unwrap().take(count);
    let keys = deliveries.map(|delivery| delivery.unwrap().routing_key.to_string());
    let keys = tokio::time::timeout(DEADLINE, keys.collect()).await.unwrap();
    connection.close(200, "seen".into()).await.unwrap();
    keys
}

/// Where an event stands: its partition, its number there, its tenant.
type Place = (i64, i64, String);

/// Everything that was said, as it is kept.
async fn stored(world: &World) -> Vec<Place> {
    store::rows(&world.store_path(), "SELECT part, seq, tenant FROM events ORDER BY part, seq")
        .await
}

fn place(event: &Value) -> Place {
    let partition = event["partition"].as_i64().unwrap();
    let sequence = event["sequence"].as_str().unwrap().parse().unwrap();
    (partition, sequence, event["tenant"].as_str().unwrap().to_owned())
}

/// Numbers in the order in which each came first, by partition.
fn by_partition(places: Vec<Place>) -> BTreeMap<i64, Vec<i64>> {
    let mut partitions = BTreeMap::<i64, Vec<i64>>::new();
    let mut seen = BTreeSet::new();
    for (partition, sequence, tenant) in places {
        assert_eq!(partition, i64::from(part_of(&tenant).number()), "{tenant}");
        if seen.insert((partition, sequence)) {
            partitions.entry(partition).or_default().push(sequence);
        }
    }
    partitions
}

fn assert_in_order(partitions: &BTreeMap<i64, Vec<i64>>) {
    assert_eq!(partitions.len(), usize::from(COUNT), "some partition had nothing to say");
    for (partition, sequences) in partitions {
        let whole: Vec<i64> = (1..).take(sequences.len()).collect();
        assert_eq!(*sequences, whole, "partition {partition}");
    }
}

#[tokio::test]
async fn the_broker_puts_each_tenant_where_bellhop_looks_for_it() {
    let mut world = World::start(options().await).await;
    // What was declared stays when the daemon goes.
    assert!(world.stop_daemon().await.success());
    let tenants: Vec<String> = (0..TENANTS).map(|number| format!("salon-{number}")).collect();
    let opened: Vec<_> = tenants.iter().map(|tenant| salon::open(tenant)).collect();
    world.publisher().await.publish_all(&opened).await;

    let mut found = 0;
    for part in Partitions::new(COUNT).all() {
        let here = tenants.iter().filter(|tenant| part_of(tenant) == part);
        let mut expected: Vec<String> = here.map(|tenant| format!("cmd.{tenant}")).collect();
        let mut keys = keys_in(&world.vhost.url(), &part.queue(), expected.len()).await;
        found += keys.len();
        keys.sort();
        expected.sort();
        assert_eq!(keys, expected, "{part}");
    }
    assert_eq!(found, TENANTS);

    world.start_daemon().await;
    let accepted = "SELECT count(*) FROM events WHERE type = 'command.accepted'";
    eventually("every command is accepted", DEADLINE, || async {
        let count = store::number(&world.store_path(), accepted).await;
        (count == i64::try_from(TENANTS).unwrap()).then_some(())
    })
    .await;
    world.vhost.wait_until_drained().await;
    assert!(world.vhost.is_read(COUNT).await, "a queue has no consumer, or several");
    world.finish().await;
}

#[tokio::test]
async fn kills_lose_nothing_of_any_partition_and_leave_each_in_order() {
    const KILLS: i64 = 3;
    const BOOKINGS: usize = 600;
    let load = Load::new(TENANTS, BOOKINGS);
    let commands = load.commands();
    let last = i64::try_from(commands.len() + BOOKINGS).unwrap();
    let mut world = World::start(options().await).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    let publishing = tokio::spawn(async move { publisher.publish_all(&commands).await });
    for kill in 1..=KILLS {
        let point = last * kill / (KILLS + 1);
        eventually("the next point to kill at", DEADLINE, || async {
            (progress(&world).await >= point).then_some(())
        })
        .await;
        world.crash_daemon();
    }
    publishing.await.unwrap();
    world.daemon().wait_ready(DEADLINE).await;
    load.wait_until_sent(&world).await;
    load.assert_taken_once_and_told(&world).await;

    world.vhost.wait_until_drained().await;
    let stored = by_partition(stored(&world).await);
    assert_in_order(&stored);
    let published = || by_partition(events.all().iter().map(place).collect());
    let count = |of: &BTreeMap<i64, Vec<i64>>| of.values().map(Vec::len).sum::<usize>();
    eventually("every event is published", DEADLINE, || async {
        (count(&published()) >= count(&stored)).then_some(())
    })
    .await;
    assert_eq!(published(), stored);
    world.finish().await;
}
