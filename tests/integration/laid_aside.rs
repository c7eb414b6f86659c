//! Commands that nobody could read, as operators find them among dead letters.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    cli::done,
    support::{
        World, eventually, http,
        letters::{SALON, given_up, post, read},
        publish::properties,
        store,
    },
};

const DEADLINE: Duration = Duration::from_secs(30);
const SECRET: &str = "+39 333 7654321";

/// Two commands that cannot be read, and one for nobody.
async fn publish(world: &World) {
    let mut publisher = world.publisher().await;
    let key = format!("cmd.{SALON}");
    let broken = format!("{{\"phone\":\"{SECRET}\"");
    publisher.publish_raw(&key, broken.as_bytes(), properties()).await;
    publisher.publish_raw(&key, b"{}", properties()).await;
    publisher.publish_raw("cmd.NOBODY", b"{}", properties()).await;
}

/// The rows of a page, once there are so many.
async fn listed(world: &World, query: &str, count: usize) -> Vec<Value> {
    let path = format!("/v1/dead-letters{query}");
    eventually(&path, DEADLINE, || async {
        let page = read(world, &path).await;
        let items = page["items"].as_array().unwrap().clone();
        (items.len() == count).then_some(items)
    })
    .await
}

fn reasons(rows: &[Value]) -> Vec<&str> {
    let mut reasons: Vec<_> = rows.iter().map(|row| row["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    reasons
}

#[tokio::test]
async fn what_was_laid_aside_is_listed_shown_and_forgotten_without_what_it_said() {
    let (_gateway, world) = given_up(1, "").await;
    publish(&world).await;
    let rows = listed(&world, "?status=unreadable", 3).await;
    assert_eq!(reasons(&rows), ["invalid_envelope", "not_allowed", "not_json"]);
    let row = rows.iter().find(|row| row["reason"] == "not_json").unwrap();
    let expected = json!({
        "message": row["message"], "tenant": SALON, "client": null, "kind": null,
        "channel": null, "status": "unreadable", "reason": "not_json", "provider": null,
        "reply": null, "attempts": 0, "at": row["at"], "detail": row["detail"], "bytes": 26,
    });
    assert_eq!(row, &expected);
    assert!(row["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{row}");
    let all = listed(&world, "", 4).await;
    assert_eq!(reasons(&all), ["invalid_envelope", "not_allowed", "not_json", "permanent"]);
    assert_eq!(
        reasons(&listed(&world, &format!("?tenant={SALON}&status=unreadable"), 2).await),
        ["invalid_envelope", "not_json"]
    );
    listed(&world, "?status=dead", 1).await;
    let answer = http::post(&world.http(), http::ONE, "{").await;
    assert_eq!(answer.status, 400, "over HTTP whoever sent it is told at once");

    let config = world.launch.config.to_str().unwrap().to_owned();
    let id = row["message"].as_str().unwrap().to_owned();
    let told = run(&["dead", "list", "--status", "unreadable", "--config", &config]).await;
    assert!(told.contains(&id) && told.contains("not_json: "), "{told}");
    let shown = run(&["dead", "show", &id, "--format", "json", "--config", &config]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["reason"], &shown["history"]), (&json!("not_json"), &json!([])));
    let thrown = run(&["dead", "discard", &id, "--why", "mended", "--config", &config]).await;
    assert_eq!(thrown, "thrown away: 1\n");
    assert_eq!(
        reasons(&listed(&world, "?status=unreadable", 2).await),
        ["invalid_envelope", "not_allowed"]
    );

    let filter = json!({ "filter": { "status": "unreadable" }, "reason": "told the app's people" });
    let (status, answer) = post(&world, "/v1/dead-letters/discard", filter).await;
    assert_eq!((status, &answer["discarded"]), (200, &json!(2)));
    listed(&world, "", 1).await;
    let audit = read(&world, "/v1/audit").await;
    assert_eq!(
        (&audit["items"][0]["what"], &audit["items"][0]["messages"]),
        (&json!("discard"), &json!(2))
    );
    assert!(!world.log().contains(SECRET));
    let said = "SELECT count(*) FROM laid_aside WHERE detail LIKE '%7654321%'";
    assert_eq!(store::number(&world.store_path(), said).await, 0);
    world.finish().await;
}

/// The command line, which waits for the daemon in this test's own broker's place.
async fn run(args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let ran = tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        done(&args)
    });
    ran.await.unwrap()
}
