//! The daemon on PostgreSQL.

use std::time::Duration;

use serde_json::Value;

use crate::retention::{LEFT, SHORT};
use crate::support::{
    Options, World,
    config::{SLOTS, few_in_hand},
    eventually, http,
    load::Load,
    scripted_sink::Behaviour,
    second::Second,
};

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_road_and_what_looks_at_it() {
    let load = Load::new(2, 20);
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "sent twice");
    let (ok, said) = world.bellhop(&["explain", "--tenant", "salon-0", "--booking", "b0"]);
    assert!(ok && said.contains("sent"), "{said}");
    let (ok, said) = world.bellhop(&["check-config"]);
    assert!(ok && said.contains("postgres://"), "{said}");
    // Beside the daemon, which goes on.
    let (ok, said) = world.bellhop(&["migrate"]);
    assert!(ok && said.contains("is up to date"), "{said}");
    let more = Load::new(2, 22);
    world.publisher().await.publish_all(&more.commands()).await;
    more.wait_until_sent(&world).await;
    assert!(world.daemon().log().contains("postgres://"), "the log says where the store is");
    world.finish().await;
}

async fn standing_by(world: &World) -> (Second, String) {
    let second = Second::beside(world).await;
    assert!(second.stands_by().await, "{}", second.daemon.log());
    let (_, said) = http::get(&format!("{}/v1/instances", second.http())).await.unwrap();
    (second, said)
}

/// A second daemon stands by: it answers what the first does, and takes over at once when that
/// stops.
#[tokio::test]
async fn a_second_daemon_stands_by_until_the_first_stops() {
    let load = Load::new(2, 6);
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    let (mut second, instances) = standing_by(&world).await;
    let instances: serde_json::Value = serde_json::from_str(&instances).unwrap();
    let states: Vec<_> = instances.as_array().unwrap().iter().map(|of| &of["state"]).collect();
    assert_eq!(states, ["active", "standing_by"]);
    // Whom one asks does not matter.
    let path = "/v1/tenants/salon-0/messages?limit=3";
    let [one, other] = [world.http(), second.http()].map(|base| format!("{base}{path}"));
    assert_eq!(http::get(&one).await, http::get(&other).await);
    let more = Load::new(2, 7);
    let commands = more.commands();
    http::take(&second.http(), &commands[commands.len() - 2..]).await;
    more.wait_until_sent(&world).await;
    assert!(world.stop_daemon().await.success());
    works(&second).await;
    let more = Load::new(2, 20);
    world.publisher().await.publish_all(&more.commands()).await;
    more.wait_until_sent(&world).await;
    more.assert_taken_once_and_told(&world).await;
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}

/// A daemon whose mails take a while, some of them on their way, and one that stands by.
async fn amid_mails() -> (World, Second, Load) {
    let load = Load::new(2, 30);
    let options = Options {
        postgres: true,
        sink: Behaviour { delay: Duration::from_millis(200), ..Behaviour::default() },
        extra_config: few_in_hand(),
        ..Options::default()
    };
    let world = World::start(options).await;
    let (second, _) = standing_by(&world).await;
    world.publisher().await.publish_all(&load.commands()).await;
    eventually("some are sent", DEADLINE, || async {
        (world.sink.accepted().len() > 5).then_some(())
    })
    .await;
    (world, second, load)
}

async fn works(second: &Second) {
    eventually("the second works", DEADLINE, || async {
        (!second.stands_by().await).then_some(())
    })
    .await;
}

/// Whoever is killed is followed, and nothing that waited in its memory is in doubt.
#[tokio::test]
async fn a_second_daemon_takes_over_from_one_that_was_killed() {
    let (mut world, mut second, load) = amid_mails().await;
    world.daemon().sigkill();
    works(&second).await;
    load.wait_until_sent(&world).await;
    let twice = load.assert_taken_once_and_told(&world).await;
    assert!(twice <= SLOTS as usize, "{twice} were sent twice");
    let doubts = "SELECT count(*) FROM messages WHERE doubts > 0";
    assert!(world.number(doubts).await <= i64::from(SLOTS), "only what had left");
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}

/// One that stood still sends nothing when it goes on, and ends.
#[tokio::test]
async fn a_daemon_that_stood_still_is_followed_and_ends() {
    let (mut world, mut second, load) = amid_mails().await;
    world.daemon().signal("STOP");
    works(&second).await;
    world.daemon().signal("CONT");
    let status = world.daemon().wait(DEADLINE).await;
    assert!(!status.success(), "it lost its store, and ended with {status}");
    load.wait_until_sent(&world).await;
    let twice = load.assert_taken_once_and_told(&world).await;
    assert!(twice <= SLOTS as usize, "{twice} were sent twice");
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}

/// What is finished goes, and the store says what is left.
#[tokio::test]
async fn what_is_finished_goes_and_tables_are_measured_and_cleared_up() {
    let load = Load::new(2, 20);
    let options = Options { postgres: true, extra_config: SHORT.to_owned(), ..Options::default() };
    let world = World::start(options).await;
    world.publisher().await.publish_all(&load.commands()).await;
    eventually("all is sent, and nothing is left of it", DEADLINE, || async {
        let sent = world.sink.count() >= 20;
        (sent && world.number(LEFT).await == 0).then_some(())
    })
    .await;
    let (ok, said) = world.bellhop(&["store", "stats", "--format", "json"]);
    let stats: Value = serde_json::from_str(&said).unwrap();
    assert!(ok && stats.get("file").is_none(), "{said}");
    let rows = |table: &str| {
        let tables = stats["tables"].as_array().unwrap();
        tables.iter().find(|of| of["table"] == table).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!(["messages", "attempts", "inbox"].map(rows), [0, 0, 0], "{stats}");
    assert!(rows("records") > 20, "{stats}");
    let (ok, said) = world.bellhop(&["store", "compact"]);
    assert!(ok && said.contains("postgres://") && said.contains("autovacuum"), "{said}");
    world.finish().await;
}
