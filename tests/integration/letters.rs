//! Dead letters: a gateway refuses for good, is mended, and what was given up is tried again.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Options, World, command, eventually,
    gateway::{Does, Gateway},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";

/// Refuses the first messages, as many as there are `clients`, and takes what comes then.
async fn given_up(clients: &[&str]) -> (Gateway, World) {
    let mut script = vec![Does::say(400); clients.len()];
    script.push(Does::take());
    let gateway = Gateway::that(script).await;
    let sms_providers = Some(gateway.provider(""));
    let world = World::start(Options { sms_providers, ..Options::default() }).await;
    let mut commands = vec![salon::open(SALON)];
    for (number, client) in clients.iter().enumerate() {
        let phone = format!("+39333123456{number}");
        let data = json!({ "client": client, "name": "Ada", "phone": phone });
        commands.push(command(SALON, &format!("register-{client}"), "client.register", data));
        commands.push(salon::booking(SALON, &format!("b-{client}"), client, salon::START));
    }
    http::take(&world.http(), &commands).await;
    eventually("every message is given up", DEADLINE, || async {
        let dead = http::events_of_type(&world.http(), "message.dead").await;
        (dead.len() == clients.len()).then_some(())
    })
    .await;
    (gateway, world)
}

async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", world.http());
    let answer = http::ask(http::client().post(url).json(&body)).await;
    (answer.status, answer.body)
}

async fn read(world: &World, path: &str) -> Value {
    let (status, body) = http::read(&format!("{}{path}", world.http())).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

async fn until_done(world: &World, job: &Value) -> Value {
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    eventually("the job is done", DEADLINE, || async {
        let job = read(world, &path).await;
        (job["state"] == "done").then_some(job)
    })
    .await
}

#[tokio::test]
async fn what_a_gateway_refused_is_sent_once_it_is_mended_where_it_still_may_be() {
    let (gateway, world) = given_up(&["c1", "c2"]).await;
    let wish = json!({ "client": "c1", "channel": "sms" });
    http::take(&world.http(), &[command(SALON, "stop", "client.opt_out", wish)]).await;
    let rows = read(&world, "/v1/dead-letters?channel=sms&reason=permanent").await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 2, "{rows}");
    assert_eq!(rows["items"][0]["provider"], "gw");

    let filter = json!({ "tenant": SALON, "channel": "sms" });
    let dry = json!({ "filter": filter, "dry_run": true });
    let plan = json!({ "matched": 2, "would_send": 1, "would_skip": { "opted_out": 1 } });
    assert_eq!(post(&world, "/v1/dead-letters/replay", dry).await, (200, plan));
    assert_eq!(gateway.asked().len(), 2, "nothing was sent");

    let wet = json!({ "filter": filter, "reason": "mended", "rate": 100 });
    let (status, job) = post(&world, "/v1/dead-letters/replay", wet).await;
    assert_eq!((status, &job["state"], &job["matched"]), (202, &json!("running"), &json!(2)));
    let job = until_done(&world, &job).await;
    let progress = ["sent", "skipped", "failed"].map(|of| job[of].as_i64().unwrap());
    assert_eq!(progress, [1, 1, 0]);
    let sent = eventually("it is sent", DEADLINE, || async {
        http::events_of_type(&world.http(), "message.sent").await.into_iter().next()
    })
    .await;
    let asked = gateway.asked();
    assert_eq!(asked.len(), 3, "once more, and no more");
    let id = sent["data"]["message"].as_str().unwrap();
    assert!(asked[..2].iter().any(|before| before.reference() == id), "it keeps its id");
    let message = read(&world, &format!("/v1/tenants/{SALON}/messages/{id}")).await;
    let outcomes = [0, 1].map(|n| message["history"][n]["outcome"].as_str().unwrap());
    assert_eq!((message["status"].as_str(), outcomes), (Some("sent"), ["permanent", "accepted"]));
    assert_eq!(read(&world, "/v1/dead-letters").await, json!({ "items": [] }));
    let audit = read(&world, "/v1/audit").await;
    assert_eq!(
        (&audit["items"][0]["what"], &audit["items"][0]["reason"]),
        (&json!("replay"), &json!("mended"))
    );
    world.finish().await;
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_named_and_what_is_thrown_away_is_told() {
    let (_gateway, world) = given_up(&["c1"]).await;
    for (body, field) in [
        (json!({ "reason": "x" }), "filter"),
        (json!({ "filter": { "chanel": "sms" }, "reason": "x" }), "filter.chanel"),
        (json!({ "filter": { "channel": "fax" }, "reason": "x" }), "filter.channel"),
        (json!({ "filter": {} }), "reason"),
        (json!({ "filter": {}, "reason": "x", "rate": 0 }), "rate"),
    ] {
        let (status, problem) = post(&world, "/v1/dead-letters/replay", body).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{problem}");
    }
    for query in ["?status=alive", "?since=now", "?after=x", "?chanel=sms"] {
        let (status, _) = http::read(&format!("{}/v1/dead-letters{query}", world.http())).await;
        assert_eq!(status, 400, "{query}");
    }
    let row = read(&world, "/v1/dead-letters").await["items"][0].clone();
    let path = format!("/v1/dead-letters/{}", row["message"].as_str().unwrap());
    let shown = read(&world, &path).await;
    assert_eq!(shown["history"][0]["provider"], "gw");
    let body = json!({ "messages": [row["message"]], "reason": "told by telephone" });
    let (status, answer) = post(&world, "/v1/dead-letters/discard", body).await;
    assert_eq!((status, &answer["discarded"]), (200, &json!(1)));
    assert_eq!(read(&world, "/v1/dead-letters").await, json!({ "items": [] }));
    let told = http::events_of_type(&world.http(), "message.discarded").await;
    assert_eq!(told[0]["data"]["message"], row["message"]);
    world.finish().await;
}
