//! The database goes away, or ends its sessions, under two daemons.

use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::stage::{SLOTS, Setup, Stage, Store};
use crate::table::rounds;

/// What leaves as soon as the database is back.
const MOMENT: Duration = Duration::from_secs(1);

#[tokio::test]
#[ignore = "a server of its own, which recovers: tests/run faults"]
async fn the_database_crashes_and_comes_back() {
    let rounds = rounds(1);
    let (cluster, mut stage) = begin("pg_ctl stop -m immediate, start", rounds).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        let fault = Instant::now();
        cluster.crash().await;
        stage.may_repeat += SLOTS;
        cluster.start().await;
        // What is in hand stands still until it can be noted that it leaves.
        let away = stage.recovers(fault).await;
        stage.on_its_way = stage.on_its_way.max(MOMENT + away);
        stage.revives().await;
    }
    stage.ends().await;
    drop(cluster);
}

#[tokio::test]
async fn the_database_ends_all_sessions() {
    let rounds = rounds(1);
    let (cluster, mut stage) = begin("pg_terminate_backend of all", rounds).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        let fault = Instant::now();
        assert!(cluster.terminate_all().await > 0, "nobody was connected");
        stage.may_repeat += SLOTS;
        // What is in hand stands still until it can be noted that it leaves.
        let away = stage.recovers(fault).await;
        stage.on_its_way = stage.on_its_way.max(MOMENT + away);
        stage.revives().await;
    }
    stage.ends().await;
    drop(cluster);
}

async fn begin(fault: &'static str, rounds: usize) -> (Cluster, Stage) {
    let cluster = Cluster::own().await;
    let store = Store::Server { url: cluster.url.clone(), seen_as: cluster.url.clone() };
    let stage = Stage::begin(Setup { store, ..Setup::of(fault, rounds, 2) }).await;
    (cluster, stage)
}
