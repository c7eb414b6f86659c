//! One configuration follows another, and nobody who speaks to the daemon need know.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{
    Behaviour, Options, World, alone::Alone, eventually, http, load::Load, salon,
};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";
const ROUNDS: usize = 4;

/// Writes the daemon's file anew.
fn rewrite(path: &Path, change: impl Fn(String) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, change(text)).unwrap();
}

async fn took_over(log: impl Fn() -> String, times: usize) {
    eventually("it is taken over", DEADLINE, || async {
        let log = log();
        let taken = log.matches("the configuration is taken over").count() >= times;
        // Once at the start.
        (taken && log.matches("\"ready\"").count() > times).then_some(())
    })
    .await;
}

#[tokio::test]
async fn under_load_nothing_is_lost_and_nothing_comes_twice() {
    let load = Load::new(4, 40);
    let slow = Behaviour { delay: Duration::from_millis(20), ..Behaviour::default() };
    let mut world = World::start(Options { sink: slow, ..Options::default() }).await;
    let commands = load.commands();
    let mut publisher = world.publisher().await;
    for (round, part) in commands.chunks(commands.len().div_ceil(ROUNDS)).enumerate() {
        publisher.publish_all(part).await;
        let most = 4 + round;
        rewrite(world.config_path(), |text| {
            let lines = text.lines().map(|line| match line.starts_with("connections = ") {
                true => format!("connections = {most}\n"),
                false => format!("{line}\n"),
            });
            lines.collect()
        });
        world.daemon().signal("HUP");
        took_over(|| world.log(), round + 1).await;
    }
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "mails were sent twice");
    world.vhost.wait_until_drained().await;
    world.finish().await;
}

#[tokio::test]
async fn who_connects_meanwhile_is_not_refused() {
    let world = World::start(Options::default()).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    let base = world.http();
    let done = CancellationToken::new();
    let stop = done.clone();
    let asking = tokio::spawn(async move {
        // A connection of its own each time: those on which nothing is asked are closed at a stop.
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        while !stop.is_cancelled() {
            match client.get(format!("{base}/healthz")).send().await {
                Ok(answer) => assert_eq!(answer.status(), 200),
                Err(error) => assert!(!error.is_connect(), "refused: {error:?}"),
            }
        }
    });
    for round in 1..=ROUNDS {
        world.daemon_ref().signal("HUP");
        took_over(|| world.log(), round).await;
    }
    done.cancel();
    asking.await.unwrap();
    world.finish().await;
}

#[tokio::test]
async fn tokens_follow_and_what_stays_is_named() {
    let extra = "[[http.tokens]]\nname = \"night\"\ntoken = \"a-token-of-the-night\"\n\
                 role = \"operate\"\n";
    let daemon = Alone::start(extra).await;
    let reload = async |token: &str| {
        let request = reqwest::Client::new().post(format!("{}/v1/reload", daemon.daemon.http()));
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    rewrite(daemon.config_path(), |text| {
        text.replace("a-token-of-the-night", "another-of-the-day")
    });
    rewrite(daemon.config_path(), |text| text.replace("format = \"json\"", "format = \"text\""));
    let (status, changes) = reload("a-token-of-the-night").await;
    assert_eq!((status, changes), (200, json!({"changed": [], "kept": ["log.format"]})));
    took_over(|| daemon.daemon.log(), 1).await;
    assert_eq!(reload("a-token-of-the-night").await.0, 401);

    rewrite(daemon.config_path(), |text| format!("{text}\n[limits]\nintake_maxx = 3\n"));
    let (status, problem) = reload("another-of-the-day").await;
    assert_eq!((status, &problem["reason"]), (409, &json!("not_taken_over")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("unknown key \"intake_maxx\""), "{detail}");
    let (status, _) = reload("another-of-the-day").await;
    assert_eq!(status, 409, "it goes on as it was");
}
