//! Memory that tenants took is given back when they have gone.

use std::time::Duration;

use crate::support::{Options, World, eventually, http, salon};

/// So many that what they take cannot be overlooked beside what the daemon needs anyway.
const TENANTS: usize = 6_000;
const BATCH: usize = 500;
const DEADLINE: Duration = Duration::from_secs(90);
/// Of the memory that tenants took, no more than this part may stay.
const STAYS: f64 = 0.5;

#[tokio::test]
async fn tenants_that_go_give_their_memory_back() {
    let environment = of_the_unit().collect();
    let extra_config = "[actors]\nidle_after = \"PT10S\"\n".to_owned();
    let world = World::start(Options { environment, extra_config, ..Options::default() }).await;
    let before = memory(world.pid());
    let tenants: Vec<_> =
        (0..TENANTS).map(|number| salon::open(&format!("salon-{number}"))).collect();
    let mut most = before;
    for batch in tenants.chunks(BATCH) {
        http::take(&world.http(), batch).await;
        most = most.max(memory(world.pid()));
    }
    let taken = most - before;
    eventually("most of the memory is given back", DEADLINE, || async {
        (memory(world.pid()) - before <= taken * STAYS).then_some(())
    })
    .await;
    world.finish().await;
}

/// How the service sets the allocator.
fn of_the_unit() -> impl Iterator<Item = (&'static str, String)> {
    let unit = include_str!("../../systemd/bellhop.service").lines();
    let set = unit.filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
    let allocator = set.filter(|(name, _)| name.starts_with("MIMALLOC_"));
    allocator.map(|(name, value)| (name, value.to_owned()))
}

/// What a process has to itself in memory, in KiB (`proc_pid_status(5)`).
fn memory(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
