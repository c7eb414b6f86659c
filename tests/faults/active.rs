//! The daemon that works dies, while another stands by.

use std::time::{Duration, Instant};

use crate::stage::{SLOTS, Setup, Stage, Store};
use crate::table::{is_whole, rounds};

/// How long one stands still: longer than others wait for a sign of life.
const STILL: Duration = Duration::from_secs(8);
const STILL_IN_FULL: Duration = Duration::from_secs(40);
const DEADLINE: Duration = Duration::from_secs(60);
/// Those who come and go.
const MANY: usize = 3;
const BETWEEN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn the_active_one_of_two_is_killed() {
    let rounds = rounds(1);
    let mut stage = Stage::begin(Setup::of("kill -9 of the active of two", rounds, 2)).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        let active = stage.active().await;
        stage.daemon(active).sigkill();
        let fault = Instant::now();
        stage.may_repeat += SLOTS;
        stage.recovers(fault).await;
        stage.start(active).await;
    }
    stage.ends().await;
}

#[tokio::test]
async fn the_only_one_is_killed_on_sqlite() {
    let rounds = rounds(2);
    let setup = Setup { store: Store::Sqlite, ..Setup::of("kill -9 of one on SQLite", rounds, 1) };
    let mut stage = Stage::begin(setup).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        stage.daemon(0).sigkill();
        let fault = Instant::now();
        stage.may_repeat += SLOTS;
        stage.start(0).await;
        stage.recovers(fault).await;
    }
    stage.ends().await;
}

/// One that stood still sends nothing when it goes on, but for what was half said, and ends.
#[tokio::test]
#[ignore = "one stands still for 8 s, and another takes over: tests/run faults"]
async fn the_active_one_stands_still() {
    let rounds = rounds(1);
    let still = if is_whole() { STILL_IN_FULL } else { STILL };
    let mut stage = Stage::begin(Setup::of("SIGSTOP of the active, then CONT", rounds, 2)).await;
    stage.on_its_way += still;
    for _ in 0..rounds {
        stage.moves_on().await;
        let active = stage.active().await;
        stage.daemon(active).signal("STOP");
        let fault = Instant::now();
        stage.may_repeat += SLOTS;
        stage.recovers(fault).await;
        tokio::time::sleep(still.saturating_sub(fault.elapsed())).await;
        assert_ne!(stage.active().await, active, "nobody took over");
        stage.daemon(active).signal("CONT");
        let status = stage.daemon(active).wait(DEADLINE).await;
        assert!(!status.success(), "it lost its store, and ended with {status}");
        stage.start(active).await;
    }
    stage.ends().await;
}

/// An orderly stop loses nothing and repeats nothing, whoever else comes or goes.
#[tokio::test]
async fn instances_join_and_leave() {
    let rounds = rounds(2);
    let mut stage = Stage::begin(Setup::of("instances join and leave", rounds, MANY)).await;
    let mut up = [true; MANY];
    for _ in 0..rounds {
        stage.moves_on().await;
        // The last one stays.
        let last = up.iter().filter(|up| **up).count() == 1;
        let may: Vec<usize> = (0..MANY).filter(|number| !(last && up[*number])).collect();
        let number = *stage.chance.one_of(&may).unwrap();
        up[number] = !up[number];
        if up[number] {
            stage.spawn(number);
        } else {
            // It is told to stop as soon as it listens to that.
            let status = stage.leaves(number).await;
            assert!(status.success(), "it stopped with {status}");
        }
        let fault = Instant::now();
        stage.recovers(fault).await;
        tokio::time::sleep(BETWEEN.saturating_sub(fault.elapsed())).await;
    }
    for number in (0..MANY).filter(|number| !up[*number]) {
        stage.instances[number].daemon = None;
    }
    stage.ends().await;
}
