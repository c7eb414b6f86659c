//! A replay outlasts whatever becomes of the daemon.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    World, command, eventually,
    gateway::Gateway,
    http,
    letters::{SALON, given_up, post, read, until_done},
    salon, store,
};

const DEADLINE: Duration = Duration::from_secs(60);

/// How often the gateway was asked for each message.
fn asked(gateway: &Gateway) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for asked_for in gateway.asked() {
        *asked.entry(asked_for.reference().to_owned()).or_default() += 1;
    }
    asked
}

async fn until_asked(gateway: &Gateway, times: usize) {
    eventually("letters go again", DEADLINE, || async {
        (gateway.asked().len() >= times).then_some(())
    })
    .await;
}

async fn crash(world: &mut World) {
    world.crash_daemon();
    world.daemon().wait_ready(DEADLINE).await;
}

async fn begin(world: &World, rate: f64) -> String {
    let wish = json!({ "filter": { "tenant": SALON }, "reason": "mended", "rate": rate });
    let (status, job) = post(world, "/v1/dead-letters/replay", wish).await;
    assert_eq!(status, 202, "{job}");
    job["id"].as_str().unwrap().to_owned()
}

async fn job(world: &World, id: &str) -> Value {
    read(world, &format!("/v1/jobs/{id}")).await
}

async fn step(world: &World, id: &str, step: &str) -> (u16, Value) {
    post(world, &format!("/v1/jobs/{id}/{step}"), json!({})).await
}

fn progress(job: &Value) -> [usize; 4] {
    ["matched", "sent", "skipped", "failed"].map(|of| job[of].as_u64().unwrap() as usize)
}

#[tokio::test]
async fn a_job_goes_on_after_a_kill_and_tries_no_letter_twice() {
    const LETTERS: usize = 200;
    const KILLS: usize = 3;
    const SLOTS: usize = 3;
    let slots = format!("[dispatch.sms]\nslots = {SLOTS}\n");
    let (gateway, mut world) = given_up(LETTERS, &slots).await;
    // More than the disk keeps up with, letter by letter.
    let id = begin(&world, 500.0).await;
    for kill in 1..=KILLS {
        until_asked(&gateway, LETTERS + kill * LETTERS / 5).await;
        crash(&mut world).await;
    }
    until_done(&world, &id).await;
    let open = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
    eventually("none is under way", DEADLINE, || async {
        (store::number(&world.store_path(), open).await == 0).then_some(())
    })
    .await;
    let asked = asked(&gateway);
    assert_eq!(asked.len(), LETTERS);
    assert!(asked.values().all(|times| *times <= 2), "{asked:?}");

    // A text message that was on its way when the daemon died is not sent once more.
    let unknown = read(&world, "/v1/dead-letters?status=unknown").await;
    let unknown = unknown["items"].as_array().unwrap().len();
    assert!(unknown <= KILLS * SLOTS, "{unknown} were under way at the kills");
    let job = job(&world, &id).await;
    assert_eq!(progress(&job), [LETTERS, LETTERS - unknown, 0, unknown], "{job}");
    world.finish().await;
}

#[tokio::test]
async fn that_a_job_is_paused_or_cancelled_outlasts_a_kill() {
    const LETTERS: usize = 16;
    let (gateway, mut world) = given_up(LETTERS, "").await;
    let id = begin(&world, 4.0).await;
    until_asked(&gateway, LETTERS + 1).await;
    let (status, paused) = step(&world, &id, "pause").await;
    assert_eq!((status, &paused["state"]), (200, &json!("paused")));
    crash(&mut world).await;
    let before = job(&world, &id).await;
    assert_eq!(before["state"], "paused");
    let again = asked(&gateway);
    told_something_else(&world, "d1").await;
    assert_eq!(job(&world, &id).await, before, "it goes on though it is paused");
    assert_eq!(asked(&gateway).len(), again.len() + 1, "nothing but the other message left");

    let (status, _) = step(&world, &id, "resume").await;
    assert_eq!(status, 200);
    let resumed = gateway.asked().len();
    until_asked(&gateway, resumed + 1).await;
    let (status, _) = step(&world, &id, "cancel").await;
    assert_eq!(status, 200);
    crash(&mut world).await;
    told_something_else(&world, "d2").await;
    let cancelled = job(&world, &id).await;
    let [matched, sent, skipped, failed] = progress(&cancelled);
    assert_eq!(
        (&cancelled["state"], matched, skipped, failed),
        (&json!("cancelled"), LETTERS, 0, 0)
    );
    let left = read(&world, "/v1/dead-letters?status=dead").await;
    assert_eq!(left["items"].as_array().unwrap().len(), LETTERS - sent, "{cancelled}");
    assert!(asked(&gateway).values().all(|times| *times <= 2));
    let (status, _) = step(&world, &id, "resume").await;
    assert_eq!(status, 409, "what has ended stays so");
    world.finish().await;
}

/// Somebody else is told something, and it arrives.
async fn told_something_else(world: &World, client: &str) {
    let data = json!({ "client": client, "name": "Ada", "phone": "+393330000000" });
    let commands = [
        command(SALON, &format!("register-{client}"), "client.register", data),
        salon::booking(SALON, &format!("b-{client}"), client, salon::START),
    ];
    http::take(&world.http(), &commands).await;
    eventually("it is sent", DEADLINE, || async {
        let sent = http::events_of_type(&world.http(), "message.sent").await;
        sent.iter().any(|event| event["data"]["client"] == client).then_some(())
    })
    .await;
}
