//! Dead letters: a gateway refuses for good, is mended, and what was given up is tried again.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    command, eventually, http,
    letters::{SALON, given_up, post, read, until_done},
};

const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_a_gateway_refused_is_sent_once_it_is_mended_where_it_still_may_be() {
    let (gateway, world) = given_up(2, "").await;
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
    let job = until_done(&world, job["id"].as_str().unwrap()).await;
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
    let (_gateway, world) = given_up(1, "").await;
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
