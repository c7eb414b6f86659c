//! What must be true after every orderly stop, whatever the scenario did.

use std::time::Duration;

use super::{eventually::eventually, strict::assert_strict, world::World};

/// The broker notices closed connections and refreshes its counters a little later.
const BROKER_DEADLINE: Duration = Duration::from_secs(10);

/// Asserts that the stopped daemon left no delivery unacknowledged, no message leased, that its
/// log can be read by programs, that the AMQP library wrote nothing into it, and that nothing
/// panicked unless the test made it.
///
/// # Panics
/// When one of them is not so.
pub async fn assert_clean(world: &World, expect_panics: bool) {
    eventually("no delivery is left unacknowledged", BROKER_DEADLINE, || async {
        let queues = world.vhost.queues().await;
        queues.iter().all(|queue| queue.unacked == 0).then_some(())
    })
    .await;

    let leased = messages_with_status(world, "sending").await;
    assert_eq!(leased, 0, "messages still leased to a dispatcher that has stopped");

    let log = world.log();
    assert_strict(&log);
    let library = log.lines().find(|line| line.contains("lapin::"));
    assert_eq!(library, None, "what Bellhop tells itself is told again by a library");
    if !expect_panics {
        let signs = ["panicked at", "actor panicked", r#""message":"panic""#];
        let panic = log.lines().find(|line| signs.iter().any(|sign| line.contains(sign)));
        assert_eq!(panic, None, "an actor panicked");
    }
}

/// How many rows of `messages` have this status.
pub async fn messages_with_status(world: &World, status: &str) -> i64 {
    let statuses = "SELECT status, count(*) FROM messages GROUP BY status";
    let counts: Vec<(String, i64)> = world.rows(statuses).await;
    counts.iter().find(|(of, _)| of == status).map_or(0, |(_, count)| *count)
}
