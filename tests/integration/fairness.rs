//! One tenant does its worst: it is the others' least concern.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use serde_json::json;

use crate::support::{
    Command, eventually, http,
    inside::{Inside, SLOW, in_system},
    salon, store,
};

const DEADLINE: Duration = Duration::from_secs(20);

/// A client whose command takes long to decide.
fn slow(tenant: &str, number: usize) -> Command {
    salon::client(tenant, &format!("c{number}")).under_id(&format!("{SLOW}-{number}"))
}

#[test]
fn over_http_a_tenant_has_its_share_and_the_others_have_theirs() {
    const BUSY: &str = "busy";
    const CALM: &str = "calm";
    const WINDOW: usize = 4;
    in_system(async {
        let limits = format!("[limits]\ntenant_window = {WINDOW}\n[actors]\narbiters = 2\n");
        let daemon = Inside::start(&limits).await;
        let base = daemon.http();
        http::take(&base, &[salon::open(BUSY)]).await;
        http::take(&base, &[salon::open(CALM)]).await;

        // More than its window: a batch is taken whole, or not at all.
        let batch: Vec<_> = (0..3 * WINDOW).map(|number| slow(BUSY, number)).collect();
        let (of_batch, to) = (batch.clone(), base.clone());
        let taken = tokio::spawn(async move { http::post_many(&to, &of_batch).await });
        eventually("the batch is in flight", DEADLINE, || async {
            (daemon.app.core.intake.in_flight() >= 2 * WINDOW).then_some(())
        })
        .await;
        let refused = http::post_one(&base, &slow(BUSY, 99)).await;
        assert_eq!((refused.status, &refused.body["reason"]), (429, &json!("tenant_busy")));
        assert!(refused.body["detail"].as_str().unwrap().contains("[limits] tenant_window"));
        let seconds: u32 = refused.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(seconds > 0);
        http::take(&base, &[salon::client(CALM, "c")]).await;
        assert!(!taken.is_finished(), "it was over before the others came");

        let results = taken.await.unwrap();
        assert!(results.iter().all(|result| result["result"] == "accepted"), "{results:?}");
        http::take(&base, &[slow(BUSY, 99)]).await;
        daemon.finish().await;
    });
}

/// Whoever posted it hears that it may be sent again; what was decided is durable.
#[test]
fn a_stop_leaves_what_is_not_decided_to_whoever_posted_it() {
    const BUSY: &str = "leaving";
    const COMMANDS: usize = 60;
    in_system(async {
        let daemon = Inside::start("[shutdown]\ningress = \"PT1S\"\n").await;
        let base = daemon.http();
        http::take(&base, &[salon::open(BUSY)]).await;
        let posts: Vec<_> = (0..COMMANDS)
            .map(|number| {
                let base = base.clone();
                tokio::spawn(async move { http::post_one(&base, &slow(BUSY, number)).await })
            })
            .collect();
        // What was not read yet would hear nothing.
        eventually("all have come in", DEADLINE, || async {
            let over = posts.iter().filter(|post| post.is_finished()).count();
            (over + daemon.app.core.intake.in_flight() >= COMMANDS).then_some(())
        })
        .await;

        let path = daemon.store_path();
        let (app, _folder) = daemon.apart();
        assert!(app.stop().await, "it was cut short");
        let mut taken = 0;
        for post in posts {
            let answer = post.await.unwrap();
            match answer.status {
                202 => taken += 1,
                503 => assert_eq!(answer.body["reason"], "unavailable"),
                status => panic!("{status}: {}", answer.body),
            }
        }
        assert!(taken < COMMANDS, "it was over before the stop");
        let durable = "SELECT count(*) FROM inbox WHERE command LIKE 'slow-%'";
        let durable = store::number(&path, durable).await;
        assert!(durable >= taken as i64, "{taken} were told so, {durable} are");
    });
}
