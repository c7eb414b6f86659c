//! Receipts of a gateway: signed, told once, in any order; what was in doubt is settled by them.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command, eventually,
    gateway::{Does, Gateway, signature, signed},
    http, salon, store,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const SECRET: &str = "a-key-for-receipts";
const SIGNED: &str = "receipts = { signature = { header = \"x-signature\", \
    algorithm = \"hmac-sha256\", encoding = \"hex\", secret = \"a-key-for-receipts\" }, \
    message = \"/ref\", id = \"/id\", status = \"/status\", delivered = [\"delivered\"], \
    failed = [\"failed\"], bad_address = [\"unknown\"] }\n";

async fn world(gateway: &Gateway, keys: &str) -> World {
    let sms_providers = Some(gateway.provider(keys));
    let environment = vec![("BELLHOP__HTTP__PUBLIC_URL", "https://bellhop.example".to_owned())];
    World::start(Options { sms_providers, environment, ..Options::default() }).await
}

fn booked(client: &str) -> [Command; 2] {
    let data = json!({ "client": client, "name": "Ada", "phone": "+393331234567" });
    [
        command(SALON, &format!("register-{client}"), "client.register", data),
        salon::booking(SALON, &format!("b-{client}"), client, salon::START),
    ]
}

async fn take(world: &World, client: &str) {
    let commands: Vec<_> = [salon::open(SALON)].into_iter().chain(booked(client)).collect();
    http::take(&world.http(), &commands).await;
}

/// The data of each event of this type about a text message.
async fn told(world: &World, kind: &str) -> Vec<Value> {
    let events = http::events_of_type(&world.http(), kind).await;
    let data = events.into_iter().map(|event| event["data"].clone());
    data.filter(|data| kind == "client.suppressed" || data["channel"] == "sms").collect()
}

async fn first(world: &World, kind: &str) -> Value {
    eventually(kind, DEADLINE, || async { told(world, kind).await.into_iter().next() }).await
}

/// Posts a report with this signature, or none.
async fn hook(world: &World, path: &str, body: &str, signature: Option<String>) -> u16 {
    let url = format!("{}{path}", world.http());
    let mut request = http::client().post(url).body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("x-signature", signature);
    }
    http::ask(request).await.status
}

async fn report(world: &World, body: &Value) -> u16 {
    signed(&format!("{}/hooks/gw", world.http()), body, SECRET).await
}

/// How often something was reported so.
async fn counted(world: &World, status: &str) -> Option<f64> {
    world.daemon_ref().receipts(status).await
}

#[tokio::test]
async fn a_signed_receipt_is_told_once_and_nothing_else_is_believed() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let world = world(&gateway, SIGNED).await;
    take(&world, "c1").await;
    let message = first(&world, "message.sent").await["message"].clone();
    let good = json!({ "ref": message, "id": "gw-1", "status": "delivered" });
    let text = good.to_string();
    for (path, body, signature, expected) in [
        ("/hooks/gw", text.as_str(), None, 401),
        ("/hooks/gw", &text, Some(signature(&text, "another-key")), 401),
        ("/hooks/gw", "{}", Some(signature(&text, SECRET)), 401),
        ("/hooks/nobody", &text, Some(signature(&text, SECRET)), 404),
        ("/hooks/gw", "no json", Some(signature("no json", SECRET)), 400),
        ("/hooks/gw", "{}", Some(signature("{}", SECRET)), 422),
    ] {
        assert_eq!(hook(&world, path, body, signature).await, expected, "{path} {body}");
    }
    for status in ["buffered", "delivered", "delivered", "failed", "delivered"] {
        let body = json!({ "ref": message, "id": "gw-1", "status": status });
        assert_eq!(report(&world, &body).await, 204, "{status}");
    }
    let unknown = json!({ "ref": "0190163d-8694-739b-aea5-966c26f8ad91", "status": "delivered" });
    assert_eq!(report(&world, &unknown).await, 204);
    let delivered = first(&world, "message.delivered").await;
    assert_eq!((&delivered["message"], &delivered["provider"]), (&message, &json!("gw")));
    assert_eq!(delivered["reply"], "delivered");
    eventually("the unknown one is counted", DEADLINE, || counted(&world, "unknown")).await;
    eventually("the late failure is no news", DEADLINE, || counted(&world, "repeated")).await;
    assert_eq!(told(&world, "message.delivered").await.len(), 1);
    assert_eq!(told(&world, "message.undelivered").await.len(), 0);
    assert_eq!(counted(&world, "other").await, Some(1.0));
    let path = format!("/v1/tenants/{SALON}/messages/{}", message.as_str().unwrap());
    let (_, shown) = http::read(&format!("{}{path}", world.http())).await;
    assert_eq!((&shown["status"], &shown["arrival"]), (&json!("sent"), &json!("delivered")));
    world.finish().await;
}

#[tokio::test]
async fn a_dead_number_is_suppressed_and_a_doubt_is_settled() {
    let gateway = Gateway::that(vec![Does::take(), Does::Cut]).await;
    let world = world(&gateway, SIGNED).await;
    take(&world, "c1").await;
    first(&world, "message.sent").await;
    // By the gateway's own name for it.
    let dead = json!({ "id": "gw-1", "status": "unknown" });
    assert_eq!(report(&world, &dead).await, 204);
    let undelivered = first(&world, "message.undelivered").await;
    assert_eq!(
        (&undelivered["reason"], &undelivered["reply"]),
        (&json!("bad_address"), &json!("unknown"))
    );
    let suppressed = first(&world, "client.suppressed").await;
    assert_eq!((&suppressed["client"], &suppressed["channel"]), (&json!("c1"), &json!("sms")));
    assert_eq!(suppressed["reason"], "bad_address");
    // SHA-256 of +393331234567, by sha256sum.
    let hash = "78f00e1ca317fb2af02c89b17b8b07382ff70336aba0997ad1f3ef3645b4e682";
    assert_eq!(suppressed["address_hash"], hash);

    http::take(&world.http(), &booked("c2")).await;
    let unknown = first(&world, "message.unknown").await;
    let body = json!({ "ref": unknown["message"], "status": "delivered" });
    assert_eq!(report(&world, &body).await, 204);
    let delivered = first(&world, "message.delivered").await;
    assert_eq!(delivered["message"], unknown["message"]);
    let (_, letters) = http::read(&format!("{}/v1/dead-letters", world.http())).await;
    assert_eq!(letters, json!({ "items": [] }));
    assert_eq!(gateway.asked().len(), 2, "never twice");
    world.finish().await;
}

/// A gateway without signatures proves itself by the address that it was given, and forms are read
/// like objects.
#[tokio::test]
async fn the_address_given_for_a_message_proves_a_report_and_outlives_kill() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let keys = "receipts = { message = \"/ref\", status = \"/MessageStatus\", \
                delivered = [\"delivered\"] }\n";
    let mut world = world(&gateway, keys).await;
    take(&world, "c1").await;
    let message = first(&world, "message.sent").await["message"].clone();
    let callback = gateway.asked()[0].body["callback"].as_str().unwrap().to_owned();
    let path = callback.strip_prefix("https://bellhop.example").unwrap().to_owned();
    let form = format!("ref={}&MessageStatus=delivered", message.as_str().unwrap());
    let post = async |world: &World, path: &str| {
        let request = http::client().post(format!("{}{path}", world.http()));
        let form_type = "application/x-www-form-urlencoded";
        let request = request.header("content-type", form_type).body(form.clone());
        http::ask(request).await.status
    };
    let mut forged = path.clone();
    forged.pop();
    for wrong in ["/hooks/gw", "/hooks/gw?m=", forged.as_str()] {
        assert_eq!(post(&world, wrong).await, 401, "{wrong}");
    }
    assert_eq!(post(&world, &path).await, 204);
    world.daemon().sigkill();
    world.start_daemon().await;
    let delivered = first(&world, "message.delivered").await;
    assert_eq!(delivered["message"], message);
    world.finish().await;
}

/// A gateway may find out late that a number is none. Whoever knows better lifts it.
#[tokio::test]
async fn that_an_address_is_none_counts_behind_a_mere_failure_and_can_be_lifted() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let world = world(&gateway, SIGNED).await;
    take(&world, "c1").await;
    let message = first(&world, "message.sent").await["message"].clone();
    for status in ["failed", "unknown"] {
        let body = json!({ "ref": message, "status": status });
        assert_eq!(report(&world, &body).await, 204);
        first(&world, "message.undelivered").await;
    }
    let told_of = first(&world, "client.suppressed").await;
    assert_eq!(told(&world, "message.undelivered").await.len(), 1, "told once");
    let list = format!("{}/v1/tenants/{SALON}/suppressions", world.http());
    let (status, page) = http::read(&list).await;
    assert_eq!(status, 200);
    let expected = json!({ "items": [{ "client": "c1", "suppressed": [{
        "channel": "sms", "reason": "bad_address", "since": told_of["since"],
        "address_hash": told_of["address_hash"],
    }]}]});
    assert_eq!(page, expected);
    let config = world.config_path().display().to_string();
    let bellhop = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop"));
        let output = command.args(args).args(["--config", &config]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = bellhop(&["suppressions", SALON]);
    assert!(shown.contains("bad_address") && !shown.contains("333123"), "{shown}");
    let lift = ["unsuppress", SALON, "c1", "--channel", "sms", "--why", "she called"];
    let lifted = bellhop(&lift);
    assert_eq!(lifted, "c1 is written to again by sms\n");
    assert_eq!(http::read(&list).await.1, json!({ "items": [] }));
    assert_eq!(bellhop(&["unsuppress", SALON, "c1"]), "c1 was not suppressed\n");
    // What the provider says once more of the same message is no news by then.
    let before = counted(&world, "repeated").await;
    assert_eq!(report(&world, &json!({ "ref": message, "status": "unknown" })).await, 204);
    eventually("it is heard", DEADLINE, || async {
        (counted(&world, "repeated").await > before).then_some(())
    })
    .await;
    assert_eq!(http::read(&list).await.1, json!({ "items": [] }));
    let (_, audit) = http::read(&format!("{}/v1/audit", world.http())).await;
    let [line] = &audit["items"].as_array().unwrap()[..] else { panic!("{audit}") };
    let told = ["what", "reason", "subject"].map(|of| line[of].clone());
    let subject = json!({ "tenant": SALON, "client": "c1", "channel": "sms" });
    assert_eq!(told, [json!("unsuppress"), json!("she called"), subject], "none where none was");
    assert!(line["who"].as_str().unwrap().starts_with("anonymous"), "{line}");
    world.finish().await;
}

/// However many come at once: what anybody was told is kept outlasts a kill.
#[tokio::test]
async fn a_burst_is_kept_whole_before_anybody_is_told_so() {
    const REPORTS: usize = 100;
    const AT_ONCE: usize = 32;
    let gateway = Gateway::that(vec![Does::take()]).await;
    let mut world = world(&gateway, SIGNED).await;
    // Of messages that the gateway took and has not answered for, for all that is known: they wait.
    let waits = |name: usize| json!({ "id": format!("gw-later-{name}"), "status": "delivered" });
    let url = format!("{}/hooks/gw", world.http());
    let reports: Vec<Value> = (0..2 * REPORTS).map(|name| waits(name % REPORTS)).collect();
    let posts = reports.iter().map(|body| signed(&url, body, SECRET));
    let answers: Vec<_> = stream::iter(posts).buffer_unordered(AT_ONCE).collect().await;
    assert!(answers.iter().all(|status| *status == 204), "{answers:?}");
    world.daemon().sigkill();
    let kept = "SELECT count(*) FROM receipts";
    assert_eq!(store::number(&world.store_path(), kept).await, 100, "each once");
    // Many in one body go together, and one that is neither keeps back no other.
    world.start_daemon().await;
    let mut many: Vec<Value> = (0..REPORTS).map(|name| waits(REPORTS + name)).collect();
    many.insert(7, json!({ "neither": true }));
    assert_eq!(report(&world, &json!(many)).await, 422);
    assert_eq!(store::number(&world.store_path(), kept).await, 200);
    world.finish().await;
}
