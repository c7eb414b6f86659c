//! A connection to the broker is up, and what is owed on it does not come.

use std::{collections::BTreeSet, time::Duration};

use lapin::{
    Connection, ConnectionProperties,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};

use crate::support::{Options, World, daemon::Daemon, events, eventually, http, load::Load};

const DEADLINE: Duration = Duration::from_secs(60);

/// So many connections at least were dropped for this reason.
async fn was_dropped(daemon: &Daemon, reason: &str, times: f64) {
    eventually("the connection is dropped", DEADLINE, || async {
        let dropped = daemon.metric("bellhop_broker_dropped_total").await;
        let is_it = |labels: &str| labels.contains(reason);
        dropped.iter().any(|(labels, count)| is_it(labels) && *count >= times).then_some(())
    })
    .await;
}

/// The broker confirms an event once every queue has it: one that is stuck holds up them all.
#[tokio::test]
async fn events_that_are_not_confirmed_are_told_of() {
    let heartbeat = ("BELLHOP__AMQP__HEARTBEAT", "PT1S".to_owned());
    let options = Options { own_broker: true, environment: vec![heartbeat], ..Options::default() };
    let mut world = World::start(options).await;
    let events = world.events().await;
    events::bind_quorum(&world.vhost.url(), "listener.stuck").await;
    world.vhost.tell_queue("listener.stuck", "suspend").await;
    let load = Load::new(1, 5);
    http::take(&world.http(), &load.commands()).await;
    eventually("it says that events are not confirmed", DEADLINE, || async {
        let (status, body) = http::get(&format!("{}/readyz", world.http())).await?;
        (status == 503 && body.contains("broker_events")).then_some(())
    })
    .await;
    assert_eq!(world.log().matches("the broker does not confirm events").count(), 1);
    let daemon = world.daemon();
    was_dropped(daemon, "unconfirmed", 1.0).await;
    eventually("what is not published is measured", DEADLINE, || async {
        let (_, text) = http::get(&format!("{}/metrics", world.http())).await?;
        let measured = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
            line.and_then(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).unwrap_or(0.0)
        };
        let both = ["bellhop_events_unpublished", "bellhop_events_unpublished_oldest_seconds"];
        both.iter().all(|name| measured(name) > 0.0).then_some(())
    })
    .await;

    world.vhost.tell_queue("listener.stuck", "resume").await;
    world.daemon().wait_ready(DEADLINE).await;
    assert_eq!(world.log().matches("the broker confirms events again").count(), 1);
    load.wait_until_sent(&world).await;
    let sent = || {
        let all = events.of_type("message.sent");
        all.iter().map(|event| event["id"].to_string()).collect::<BTreeSet<_>>()
    };
    eventually("every event, under one id", DEADLINE, || async {
        (sent().len() == 5).then_some(())
    })
    .await;
    world.finish().await;
}

/// A queue with a single active consumer that has commands and a reader, and delivers nothing.
#[tokio::test]
async fn commands_that_wait_and_do_not_come_cost_the_connection() {
    let heartbeat = ("BELLHOP__AMQP__HEARTBEAT", "PT1S".to_owned());
    let mut world =
        World::start(Options { environment: vec![heartbeat], ..Options::default() }).await;
    assert!(world.stop_daemon().await.success());
    let load = Load::new(1, 5);
    let url = world.vhost.url();
    let other = Connection::connect(&url, ConnectionProperties::default());
    let other = other.await.unwrap();
    let channel = other.create_channel().await.unwrap();
    channel.basic_qos(1, BasicQosOptions::default()).await.unwrap();
    let (queue, options) = ("bellhop.p.00".into(), BasicConsumeOptions::default());
    let consuming = channel.basic_consume(queue, "other".into(), options, FieldTable::default());
    let _active = consuming.await.unwrap();
    world.publisher().await.publish_all(&load.commands()).await;

    world.start_daemon().await;
    let daemon = world.daemon();
    was_dropped(daemon, "undelivered", 2.0).await;
    let why = "commands wait in bellhop.p.00 and are not delivered: the connection is dropped";
    assert!(world.log().contains(why), "{}", world.log());
    other.close(200, "makes room".into()).await.unwrap();
    load.wait_until_sent(&world).await;
    world.vhost.wait_until_drained().await;
    world.finish().await;
}
