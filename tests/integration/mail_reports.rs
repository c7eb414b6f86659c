//! Receipts of a mail service by JSON that it signs: found by our names of a mail or by its own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Behaviour, Options, World, eventually,
    gateway::{signature, signed},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const SECRET: &str = "secret-of-the-hook";
const KEYS: &str = "[email.providers.receipts]\nmessage = \"/smtp-id\"\nid = \"/id\"\n\
    status = \"/event\"\ndelivered = [\"delivered\"]\nfailed = [\"soft_bounce\"]\n\
    bad_address = [\"hard_bounce\"]\ncomplained = [\"spam\"]\n\
    [email.providers.receipts.signature]\nheader = \"x-signature\"\n\
    algorithm = \"hmac-sha256\"\nencoding = \"hex\"\nsecret = \"secret-of-the-hook\"\n";

async fn world(sink: Behaviour) -> World {
    World::start(Options { email_keys: KEYS.to_owned(), sink, ..Options::default() }).await
}

async fn report(world: &World, body: &Value) -> u16 {
    signed(&format!("{}/hooks/sink", world.http()), body, SECRET).await
}

async fn first(world: &World, kind: &str) -> Value {
    http::first_of_type(&world.http(), kind).await
}

async fn of(world: &World, kind: &str) -> Vec<Value> {
    let events = http::events_of_type(&world.http(), kind).await;
    events.into_iter().map(|event| event["data"].clone()).collect()
}

/// How often something was reported so.
async fn counted(world: &World, status: &str) -> Option<f64> {
    world.daemon_ref().receipts(status).await
}

#[tokio::test]
async fn what_is_signed_is_told_once_and_nothing_else_is_believed() {
    let world = world(Behaviour::default()).await;
    let mail = world.mail_to(SALON, "c0").await;
    let sent = first(&world, "message.sent").await;
    let event = |event: &str| json!({ "smtp-id": mail.message_id, "id": "m-1", "event": event });
    let good = event("delivered").to_string();
    let code = "?m=0190163d-8694-739b-aea5-966c26f8ad91.AFVy-UNA_NVoSEXTXuAncQ";
    for (path, tag) in [
        ("/hooks/sink".to_owned(), None),
        (format!("/hooks/sink{code}"), None),
        ("/hooks/sink".to_owned(), Some(signature(&good, "another-key"))),
        ("/hooks/sink".to_owned(), Some(signature(&event("spam").to_string(), SECRET))),
    ] {
        let mut request = http::client().post(format!("{}{path}", world.http()));
        if let Some(tag) = &tag {
            request = request.header("x-signature", tag);
        }
        let status = http::ask(request.body(good.clone())).await.status;
        assert_eq!(status, 401, "{path} {tag:?}");
    }
    for status in ["opened", "delivered", "delivered", "soft_bounce"] {
        assert_eq!(report(&world, &event(status)).await, 204, "{status}");
    }
    let told = first(&world, "message.delivered").await;
    assert_eq!((&told["message"], &told["provider"]), (&sent["message"], &json!("sink")));
    assert_eq!((&told["reply"], &told["channel"]), (&json!("delivered"), &json!("email")));
    let another = json!({ "smtp-id": "<1@elsewhere.example>", "id": "m-9", "event": "spam" });
    assert_eq!(report(&world, &another).await, 204);
    assert_eq!(counted(&world, "unknown").await, Some(1.0), "and nobody waits for it");
    eventually("the late failure is no news", DEADLINE, || counted(&world, "repeated")).await;
    assert_eq!(counted(&world, "other").await, Some(1.0));
    assert_eq!(of(&world, "message.delivered").await.len(), 1);
    assert_eq!(of(&world, "message.undelivered").await, [] as [Value; 0]);

    assert_eq!(report(&world, &event("spam")).await, 204);
    assert_eq!(first(&world, "message.complained").await["reply"], "spam");
    let suppressed = first(&world, "client.suppressed").await;
    assert_eq!(
        (&suppressed["client"], &suppressed["reason"]),
        (&json!("c0"), &json!("complained"))
    );
    http::take(&world.http(), &[salon::booking(SALON, "b1", "c0", salon::START)]).await;
    assert_eq!(salon::why_no_mail(&world, "b1").await, "suppressed");
    assert!(!world.log().contains("c0@"), "no address is in the log");
    world.finish().await;
}

/// Many at once, each by another name of its mail; one that is neither keeps back no other.
#[tokio::test]
async fn a_mere_failure_says_nothing_of_an_address_and_a_dead_one_is_written_to_no_more() {
    let sink = Behaviour { stored: Some("250 2.0.0 Ok: queued as m-7"), ..Behaviour::default() };
    let world = world(sink).await;
    world.mail_to(SALON, "c0").await;
    let failed = first(&world, "message.sent").await;
    assert_eq!(failed["reference"], "m-7");
    let by_its_own_name = json!({ "id": "m-7", "event": "soft_bounce" });
    assert_eq!(report(&world, &json!([by_its_own_name, { "event": "sent" }])).await, 422);
    let undelivered = first(&world, "message.undelivered").await;
    assert_eq!(
        (&undelivered["message"], &undelivered["reason"], &undelivered["reply"]),
        (&failed["message"], &json!("failed"), &json!("soft_bounce"))
    );
    let dead = world.mail_to(SALON, "c1").await;
    let id = dead.message_id.trim_matches(['<', '>']).split('@').next().unwrap();
    assert_eq!(report(&world, &json!([{ "smtp-id": id, "event": "hard_bounce" }])).await, 204);
    let suppressed = first(&world, "client.suppressed").await;
    assert_eq!(
        (&suppressed["client"], &suppressed["channel"], &suppressed["reason"]),
        (&json!("c1"), &json!("email"), &json!("bad_address"))
    );
    assert_eq!(of(&world, "client.suppressed").await.len(), 1);
    world.finish().await;
}
