//! Connections break at the one moment at which nobody knows what has happened.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::proxy::{Cut, Proxy};
use crate::stage::{Setup, Stage, Store};
use crate::support::{
    broker::Broker,
    eventually,
    gateway::{Does, Gateway},
};
use crate::table::rounds;

/// As the daemon says it on a connection of its own.
const COMMIT: &[u8] = b"COMMIT\0";
/// The head of basic.ack in its frame: 13 bytes, class 60, method 80.
const ACK: &[u8] = &[0, 0, 0, 13, 0, 60, 0, 80];
/// What a text ends with, as the gateway's template has it.
const TEXT_ENDS: &[u8] = b"\"callback\":";
const FINAL_DOT: &[u8] = b"\r\n.\r\n";
const DEADLINE: Duration = Duration::from_secs(60);
const CUTS: [Cut; 2] = [Cut::Before, Cut::After];

/// Cuts once, in turn before and behind the word.
async fn cut(proxy: &Proxy, round: usize) -> Instant {
    let before = proxy.cuts();
    proxy.cut_next(CUTS[round % 2]);
    eventually("a connection is cut", DEADLINE, || async { (proxy.cuts() > before).then_some(()) })
        .await;
    Instant::now()
}

#[tokio::test]
async fn the_connection_to_the_database_is_cut_at_a_commit() {
    let rounds = rounds(2);
    let cluster = Cluster::own().await;
    let proxy = Proxy::listening(COMMIT).await;
    proxy.leads_to(cluster.port());
    let (url, port) = (cluster.url.clone(), format!(":{}", cluster.port()));
    let seen_as = url.replace(&port, &format!(":{}", proxy.port()));
    let store = Store::Server { url, seen_as };
    let setup = Setup { store, ..Setup::of("cut at COMMIT, before or behind", rounds, 1) };
    let mut stage = Stage::begin(setup).await;
    for round in 0..rounds {
        stage.moves_on().await;
        let fault = cut(&proxy, round).await;
        stage.recovers(fault).await;
    }
    // A commit that was not answered is asked for: nothing is in doubt.
    stage.ends().await;
    drop(cluster);
}

/// Commands that are taken come again: they are known by their ids, and nothing is sent twice.
#[tokio::test]
async fn the_connection_to_the_broker_is_cut_at_an_ack() {
    let rounds = rounds(2);
    let (broker, proxy) = (Broker::shared(), Proxy::listening(ACK).await);
    proxy.leads_to(broker.port());
    let broker = Some(Arc::new(broker.behind(proxy.port())));
    let fault = "cut at basic.ack, before or behind";
    let mut stage = Stage::begin(Setup { broker, ..Setup::of(fault, rounds, 1) }).await;
    for round in 0..rounds {
        stage.moves_on().await;
        let fault = cut(&proxy, round).await;
        stage.recovers(fault).await;
    }
    stage.ends().await;
}

#[tokio::test]
async fn the_connection_to_the_mail_server_is_cut_at_the_final_dot() {
    let rounds = rounds(2);
    let proxy = Proxy::listening(FINAL_DOT).await;
    let mail = Some(format!("smtp://127.0.0.1:{}", proxy.port()));
    let setup = Setup { mail, ..Setup::of("cut at the final dot, before or behind", rounds, 1) };
    let mut stage = Stage::quiet(setup).await;
    let sink: url::Url = stage.world.sink.url().parse().unwrap();
    proxy.leads_to(sink.port().unwrap());
    stage.publish();
    for round in 0..rounds {
        stage.moves_on().await;
        let fault = cut(&proxy, round).await;
        stage.may_repeat += 1;
        stage.recovers(fault).await;
    }
    stage.ends().await;
}

/// Whether the text arrived nobody knows: it is not sent again.
#[tokio::test]
async fn the_connection_to_the_gateway_is_cut_before_its_answer() {
    let rounds = rounds(2);
    let (proxy, gateway) =
        (Proxy::listening(TEXT_ENDS).await, Gateway::that(vec![Does::take()]).await);
    let url: url::Url = gateway.url.parse().unwrap();
    proxy.leads_to(url.port().unwrap());
    let texts = Some((gateway, proxy.port()));
    let fault = "cut at the gateway's answer, before or behind";
    let mut stage = Stage::begin(Setup { texts, ..Setup::of(fault, rounds, 1) }).await;
    for round in 0..rounds {
        stage.moves_on().await;
        let fault = cut(&proxy, round).await;
        stage.recovers(fault).await;
    }
    stage.ends().await;
}
