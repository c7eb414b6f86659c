//! The daemon dies at any moment, by SIGKILL, and starts again on the same store.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use crate::support::{
    Behaviour, Options, World,
    config::DOUBTS_SOON,
    eventually,
    load::{Load, progress},
};

/// `dispatch.email.slots`: attempts whose outcome is not durable, so that a crash repeats them.
const DISPATCH_SLOTS: usize = 256;
const DEADLINE: Duration = Duration::from_secs(120);
/// Chooses the points of [`ten_kills_at_random_lose_nothing`] again.
const SEED_VARIABLE: &str = "BELLHOP_TEST_SEED";

#[tokio::test]
async fn ten_kills_at_random_lose_nothing() {
    kills_at_random_lose_nothing(10, 2_495, false).await;
}

#[tokio::test]
async fn five_kills_at_random_lose_nothing_on_postgres() {
    kills_at_random_lose_nothing(5, 1_245, true).await;
}

async fn kills_at_random_lose_nothing(kills: usize, bookings: usize, postgres: bool) {
    let load = Load::new(10, bookings);
    let commands = load.commands();
    assert_eq!(commands.len(), 10 + 2 * bookings);
    // Short of the end, so that each kill leaves work to those after it.
    let last = (commands.len() + bookings) * 9 / 10;
    let points = random_points(kills, last);

    let extra_config = DOUBTS_SOON.to_owned();
    let mut world = World::start(Options { extra_config, postgres, ..Options::default() }).await;
    let mut publisher = world.publisher().await;
    let publishing = tokio::spawn(async move { publisher.publish_all(&commands).await });
    for point in points {
        eventually("the next point to kill at", DEADLINE, || async {
            (progress(&world).await >= point).then_some(())
        })
        .await;
        world.crash_daemon();
    }
    publishing.await.unwrap();
    world.daemon().wait_ready(DEADLINE).await;
    load.wait_until_sent(&world).await;

    let duplicates = load.assert_taken_once_and_told(&world).await;
    eprintln!("{duplicates} mails were sent twice");
    assert!(duplicates <= kills * DISPATCH_SLOTS, "{duplicates} mails were sent twice");
    world.vhost.wait_until_drained().await;
    world.finish().await;
}

/// Every connection is between the final dot and its reply when the kill comes.
#[tokio::test]
async fn kills_amid_many_mails_in_flight_repeat_only_those() {
    const KILLS: usize = 3;
    const CONNECTIONS: u32 = 64;
    const IN_FLIGHT: usize = 32;
    let load = Load::new(3, 200);
    let slow = Behaviour { delay: Duration::from_secs(2), ..Behaviour::default() };
    let (connections, extra_config) = (Some(CONNECTIONS), DOUBTS_SOON.to_owned());
    let options = Options { sink: slow, connections, extra_config, ..Options::default() };
    let mut world = World::start(options).await;
    world.publisher().await.publish_all(&load.commands()).await;
    for _ in 0..KILLS {
        let before = world.sink.count();
        eventually("mails are in flight", DEADLINE, || async {
            (world.sink.count() >= before + IN_FLIGHT).then_some(())
        })
        .await;
        world.crash_daemon();
    }
    world.sink.behave(Behaviour::default());
    world.daemon().wait_ready(DEADLINE).await;
    load.wait_until_sent(&world).await;

    let duplicates = load.assert_taken_once_and_told(&world).await;
    eprintln!("{duplicates} mails were sent twice");
    assert!(duplicates >= KILLS, "no kill hit a mail in flight");
    assert!(duplicates <= KILLS * DISPATCH_SLOTS, "{duplicates} mails were sent twice");
    world.vhost.wait_until_drained().await;
    world.finish().await;
}

/// Different numbers from 1 to `last`, rising.
fn random_points(count: usize, last: usize) -> BTreeSet<i64> {
    let seed = match std::env::var(SEED_VARIABLE) {
        Ok(seed) => seed.parse().expect("the seed is a number"),
        Err(_) => RandomState::new().hash_one(count),
    };
    eprintln!("to repeat: {SEED_VARIABLE}={seed}");
    let mut points = BTreeSet::new();
    let mut state = seed;
    while points.len() < count {
        // The constants of a well known linear congruential generator (Knuth's MMIX).
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        points.insert(1 + i64::try_from((state >> 33) % last as u64).unwrap());
    }
    points
}
