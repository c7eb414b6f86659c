//! The wall clock is set, forth and back, under the daemon.
//!
//! By less than what its offers are open for, so that the model, which knows no clock, still holds.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::stage::{Setup, Stage};
use crate::support::eventually;
use crate::table::rounds;

/// What the daemon's clock shows more than ours, one after the other.
const OFFSETS_S: [i64; 4] = [8 * 60, 0, -8 * 60, 0];
/// Dates in the store are by its clock.
const APART: Duration = Duration::from_secs(16 * 60);
/// It looks at its clocks every second.
const DEADLINE: Duration = Duration::from_secs(20);
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/clock.c");

/// The library that stands between the daemon and the clock.
fn library(dir: &Path) -> PathBuf {
    let library = dir.join("clock.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(SOURCE);
    let status = compiler.status().expect("a C compiler, which the daemon is built with too");
    assert!(status.success(), "{SOURCE}: {status}");
    library
}

/// In one write, so that nobody reads half.
fn set(clock: &File, seconds: i64) {
    clock.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
}

#[tokio::test]
async fn the_clock_is_set_forth_and_back() {
    let rounds = rounds(2);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("offset");
    let clock = File::create(&path).unwrap();
    set(&clock, 0);
    let environment = vec![
        ("LD_PRELOAD", library(dir.path()).display().to_string()),
        ("CLOCK_OFFSET", path.display().to_string()),
    ];
    let setup = Setup { environment, ..Setup::of("the clock is set by 8 minutes", rounds, 1) };
    let mut stage = Stage::begin(setup).await;
    stage.on_its_way += APART;
    for round in 0..rounds {
        stage.moves_on().await;
        set(&clock, OFFSETS_S[round % OFFSETS_S.len()]);
        stage.recovers(Instant::now()).await;
        let daemon = stage.daemon(0);
        // What is set back before it looked was never set.
        eventually("the daemon notices that its clock was set", DEADLINE, || async {
            let steps = daemon.metric("bellhop_clock_steps_total").await;
            let steps: f64 = steps.iter().map(|(_, steps)| steps).sum();
            (steps > round as f64).then_some(())
        })
        .await;
    }
    stage.ends().await;
}
