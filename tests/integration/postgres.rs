//! The daemon on PostgreSQL.

use std::{process::Command, time::Duration};

use serde_json::Value;

use crate::retention::{LEFT, SHORT};
use crate::support::{Options, World, daemon::Launch, eventually, load::Load, ports::free_port};

const DEADLINE: Duration = Duration::from_secs(60);

fn bellhop(world: &World, args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(args)
        .arg("--config")
        .arg(world.config_path())
        .envs(world.launch.environment.iter().cloned())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    (output.status.success(), said.concat())
}

#[tokio::test]
async fn the_road_and_what_looks_at_it() {
    let load = Load::new(2, 20);
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "sent twice");
    let (ok, said) = bellhop(&world, &["explain", "--tenant", "salon-0", "--booking", "b0"]);
    assert!(ok && said.contains("sent"), "{said}");
    let (ok, said) = bellhop(&world, &["check-config"]);
    assert!(ok && said.contains("postgres://"), "{said}");
    // Beside the daemon, which goes on.
    let (ok, said) = bellhop(&world, &["migrate"]);
    assert!(ok && said.contains("is up to date"), "{said}");
    let more = Load::new(3, 21);
    world.publisher().await.publish_all(&more.commands()).await;
    eventually("what came later is taken", DEADLINE, || async {
        (world.number("SELECT count(*) FROM tenants").await == 3).then_some(())
    })
    .await;
    assert!(world.daemon().log().contains("postgres://"), "the log says where the store is");
    world.finish().await;
}

/// A second daemon on the same database takes it over, and the first ends.
#[tokio::test]
async fn whoever_starts_last_has_the_store() {
    let load = Load::new(1, 5);
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    let (dir, http_port) = (world.launch.dir.join("rival"), free_port());
    std::fs::create_dir(&dir).unwrap();
    let mut environment = world.launch.environment.clone();
    environment.push(("BELLHOP__HTTP__LISTEN".to_owned(), format!("127.0.0.1:{http_port}")));
    let rival = Launch { dir, http_port, environment, ..world.launch.clone() };
    let mut rival = rival.start().await;
    let status = world.daemon().wait(DEADLINE).await;
    assert!(!status.success(), "it lost its store, and ended with {status}");
    let more = Load::new(2, 10);
    world.publisher().await.publish_all(&more.commands()).await;
    more.wait_until_sent(&world).await;
    more.assert_taken_once_and_told(&world).await;
    assert_eq!(world.number("SELECT epoch FROM partitions WHERE part = 0").await, 2);
    assert!(rival.sigterm_and_wait(DEADLINE).await.success());
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
    let (ok, said) = bellhop(&world, &["store", "stats", "--format", "json"]);
    let stats: Value = serde_json::from_str(&said).unwrap();
    assert!(ok && stats.get("file").is_none(), "{said}");
    let rows = |table: &str| {
        let tables = stats["tables"].as_array().unwrap();
        tables.iter().find(|of| of["table"] == table).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!(["messages", "attempts", "inbox"].map(rows), [0, 0, 0], "{stats}");
    assert!(rows("records") > 20, "{stats}");
    let (ok, said) = bellhop(&world, &["store", "compact"]);
    assert!(ok && said.contains("postgres://") && said.contains("autovacuum"), "{said}");
    world.finish().await;
}
