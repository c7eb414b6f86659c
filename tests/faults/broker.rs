//! The broker is killed under a daemon and its publishers: all of it, or one node of three.

use std::sync::Arc;
use std::time::Instant;

use crate::nodes::Nodes;
use crate::stage::{Setup, Stage};
use crate::support::broker::Broker;
use crate::table::rounds;

/// A channel of a broker that came back may confirm nothing ever again, and is given up after four
/// of these.
fn short_heartbeat() -> Vec<(&'static str, String)> {
    vec![("BELLHOP__AMQP__HEARTBEAT", "PT2S".to_owned())]
}

#[tokio::test]
#[ignore = "a broker of its own, which takes its time to start: tests/run faults"]
async fn the_broker_is_killed_and_comes_back() {
    let rounds = rounds(1);
    let broker = Some(Arc::new(Broker::own().await));
    let environment = short_heartbeat();
    let fault = "kill -9 of the broker, start";
    let mut stage =
        Stage::begin(Setup { broker, environment, ..Setup::of(fault, rounds, 2) }).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        let fault = Instant::now();
        stage.world.broker.kill().await;
        stage.world.broker.start().await;
        // What was taken before goes on meanwhile: counts from the broker's return.
        stage.recovers(fault).await;
    }
    stage.ends().await;
}

/// Everybody speaks to some node that lives.
#[tokio::test]
#[ignore = "three brokers of its own: tests/run faults"]
async fn a_node_that_leads_the_queue_is_killed() {
    let rounds = rounds(1);
    let nodes = Nodes::three().await;
    let (broker, environment) = (Some(nodes.seen()), short_heartbeat());
    let fault = "kill -9 of the broker's node that leads";
    let mut stage =
        Stage::begin(Setup { broker, environment, ..Setup::of(fault, rounds, 2) }).await;
    for round in 0..rounds {
        stage.moves_on().await;
        let leader = nodes.leader(stage.world.vhost.name(), "bellhop.p.00").await;
        let fault = Instant::now();
        nodes.kill(leader);
        // Those that spoke to the leader look for another; in turn with those that did not.
        nodes.lead_to((leader + 1 + round % 2) % nodes.count());
        stage.recovers(fault).await;
        nodes.start(leader).await;
        nodes.lead_to((leader + round % 2) % nodes.count());
    }
    stage.ends().await;
}
