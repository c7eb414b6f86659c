//! The broker is killed under a daemon and its publishers.

use std::time::Instant;

use crate::stage::{Setup, Stage};
use crate::table::rounds;

#[tokio::test]
async fn the_broker_is_killed_and_comes_back() {
    let rounds = rounds(1);
    let setup = Setup { own_broker: true, ..Setup::of("kill -9 of the broker, start", rounds, 2) };
    let mut stage = Stage::begin(setup).await;
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
