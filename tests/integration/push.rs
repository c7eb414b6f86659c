//! Notifications by a gateway that speaks HTTP: a request for each device.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{
    alone::Alone,
    command, eventually,
    gateway::{Asked, Does, Gateway, signed},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";

/// The daemon with a gateway of kind `http`, and a salon as in [`with`].
async fn opened(gateway: &Gateway, more: &str, devices: &[&str]) -> Alone {
    let provider = format!(
        "[[push.providers]]\nname = \"gw\"\nkind = \"http\"\nid = \"/id\"\nurl = \"{}/push\"\n\
         body = '{{\"ref\":{{{{ message|tojson }}}},\"token\":{{{{ token|tojson }}}},\
         \"title\":{{{{ title|tojson }}}},\"text\":{{{{ text|tojson }}}},\
         \"data\":{{{{ data|tojson }}}}}}'\n{more}\n",
        gateway.url
    );
    with(&provider, devices).await
}

/// The daemon, and a salon that confirms bookings by push alone to `c1` with these devices.
async fn with(provider: &str, devices: &[&str]) -> Alone {
    let daemon = Alone::start(&format!("{provider}[retry]\npush = [\"PT1S\", \"PT1S\"]\n")).await;
    let mut open = salon::open(SALON);
    open.envelope["data"]["toggles"] =
        json!({ "booking.confirmed": { "push": true, "email": false, "sms": false } });
    open.envelope["data"]["app_links"] = json!({ "booking.confirmed": "salon://b/{booking}" });
    http::take(daemon.daemon.http(), &[open, client("register", devices)]).await;
    daemon
}

/// The client with these devices.
fn client(id: &str, devices: &[&str]) -> crate::support::Command {
    let data = json!({ "client": "c1", "name": "Ada", "push_tokens": devices });
    command(SALON, id, "client.register", data)
}

async fn books(daemon: &Alone, booking: &str) {
    http::take(daemon.daemon.http(), &[salon::booking(SALON, booking, "c1", salon::START)]).await;
}

/// The latest event of this type.
async fn told(daemon: &Alone, kind: &str) -> Value {
    eventually(kind, DEADLINE, || async {
        http::events_of_type(daemon.daemon.http(), kind).await.pop()
    })
    .await["data"]
        .clone()
}

fn tokens(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|one| one.body["token"].as_str().unwrap()).collect()
}

fn says(status: u16, body: &str) -> Does {
    Does::Answer(status, Vec::new(), body.to_owned())
}

const GONE: &str = "outcomes = [{ status = 410, outcome = \"bad_address\" }]";

#[tokio::test]
async fn every_device_is_asked_for_and_told_what_the_app_needs() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let daemon = opened(&gateway, "", &["phone", "tablet"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    assert_eq!((&sent["provider"], &sent["reference"]), (&json!("gw"), &json!("gw-1")));
    let asked = gateway.asked();
    assert_eq!(tokens(&asked), ["phone", "tablet"]);
    let data = &asked[0].body["data"];
    assert_eq!(data, &asked[1].body["data"]);
    let expected = ["salon-uno", "c1", "booking.confirmed", "b1"].map(|text| json!(text));
    let given = ["tenant", "client", "kind", "booking"].map(|name| data[name].clone());
    assert_eq!(given, expected);
    assert_eq!((&data["message"], &data["link"]), (&sent["message"], &json!("salon://b/b1")));
    assert_eq!(data["collapse"].as_str().unwrap().len(), 32);
    assert!(asked[0].body["title"].is_string() && asked[0].body["text"].is_string());
    // What is said next of the same booking takes its place.
    let mut toggles = salon::open(SALON);
    toggles.envelope["id"] = json!("open-again");
    toggles.envelope["data"]["toggles"] =
        json!({ "booking.cancelled": { "push": true, "email": false, "sms": false } });
    http::take(daemon.daemon.http(), &[toggles, salon::cancel(SALON, "b1")]).await;
    let later = eventually("it is told", DEADLINE, || async {
        gateway.asked().get(2).map(|asked| asked.body["data"]["collapse"].clone())
    })
    .await;
    assert_eq!(later, data["collapse"]);
    daemon.finish().await;
}

/// What a push service reports is heard as that of any gateway; it says nothing of an address,
/// for it does not say which device it means.
#[tokio::test]
async fn receipts_of_a_notification_are_told() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let receipts = "receipts = { signature = { header = \"x-signature\", \
        algorithm = \"hmac-sha256\", encoding = \"hex\", secret = \"a-key-for-receipts\" }, \
        message = \"/ref\", status = \"/status\", delivered = [\"shown\"], \
        failed = [\"failed\"] }";
    let daemon = opened(&gateway, receipts, &["phone"]).await;
    let reports = async |message: &Value, status: &str| {
        let body = json!({ "ref": message, "status": status });
        let url = daemon.url("/hooks/gw");
        assert_eq!(signed(&url, &body, "a-key-for-receipts").await, 204);
    };
    books(&daemon, "b1").await;
    let shown = told(&daemon, "message.sent").await["message"].clone();
    reports(&shown, "shown").await;
    let delivered = told(&daemon, "message.delivered").await;
    assert_eq!((&delivered["message"], &delivered["channel"]), (&shown, &json!("push")));
    books(&daemon, "b2").await;
    let failed = eventually("the second", DEADLINE, || async {
        let sent = told(&daemon, "message.sent").await["message"].clone();
        (sent != shown).then_some(sent)
    })
    .await;
    reports(&failed, "failed").await;
    let undelivered = told(&daemon, "message.undelivered").await;
    assert_eq!((&undelivered["message"], &undelivered["reason"]), (&failed, &json!("failed")));
    let suppressed = http::events_of_type(daemon.daemon.http(), "client.suppressed").await;
    assert_eq!(suppressed, [] as [Value; 0]);
    daemon.finish().await;
}

#[tokio::test]
async fn a_device_that_is_gone_is_dropped_and_the_others_go_on() {
    let gateway = Gateway::that(vec![says(410, "gone"), Does::take()]).await;
    let daemon = opened(&gateway, GONE, &["old", "phone"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    assert!(sent["reply"].as_str().unwrap().starts_with("1 of 2 devices took it"), "{sent}");
    let mut suppressed = told(&daemon, "client.suppressed").await;
    let since = suppressed.as_object_mut().unwrap().remove("since").unwrap();
    assert!(since.as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let hash: String = Sha256::digest("old").iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!({
        "client": "c1", "channel": "push", "address_hash": hash, "reason": "bad_address",
    });
    assert_eq!(suppressed, expected);
    // Also where the app says it again, as it does every night.
    http::take(daemon.daemon.http(), &[client("again", &["old", "phone"])]).await;
    books(&daemon, "b2").await;
    eventually("the next", DEADLINE, || async { (gateway.asked().len() == 3).then_some(()) }).await;
    assert_eq!(tokens(&gateway.asked()), ["old", "phone", "phone"]);
    assert_eq!(http::events_of_type(daemon.daemon.http(), "client.suppressed").await.len(), 1);
    daemon.finish().await;
}

#[tokio::test]
async fn where_every_device_is_gone_the_message_is_given_up_and_the_next_has_nowhere_to_go() {
    let gateway = Gateway::that(vec![says(410, "gone")]).await;
    let daemon = opened(&gateway, GONE, &["old", "older"]).await;
    books(&daemon, "b1").await;
    let dead = told(&daemon, "message.dead").await;
    assert!(dead["reply"].as_str().unwrap().starts_with("every device is gone"), "{dead}");
    books(&daemon, "b2").await;
    let skipped = eventually("no address", DEADLINE, || async {
        let skipped = http::events_of_type(daemon.daemon.http(), "message.skipped").await;
        skipped.into_iter().rfind(|event| event["data"]["channel"] == "push")
    })
    .await;
    assert_eq!(skipped["data"]["reason"], "no_address");
    assert_eq!(gateway.asked().len(), 2);
    daemon.finish().await;
}

/// What each of them took, wherever attempts are shown; nobody reads a token there.
#[tokio::test]
async fn what_each_device_took_is_told_without_its_token() {
    let answers = vec![Does::take(), says(410, "phone-2 is gone"), says(400, "no")];
    let gateway = Gateway::that(answers).await;
    let daemon = opened(&gateway, GONE, &["phone-1", "phone-2", "phone-3"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    assert!(sent["reply"].as_str().unwrap().starts_with("1 of 3 devices took it"), "{sent}");
    let id = sent["message"].as_str().unwrap();
    let message = daemon.read(&format!("/v1/tenants/{SALON}/messages/{id}")).await;
    let devices = message["history"][0]["devices"].as_array().unwrap();
    let short = |token: &str| {
        let digest = Sha256::digest(token);
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let told: Vec<(&Value, &Value)> =
        devices.iter().map(|device| (&device["device"], &device["outcome"])).collect();
    let expected = ["phone-1", "phone-2", "phone-3"].map(|token| json!(short(token)));
    let outcomes = ["accepted", "permanent", "permanent"].map(|outcome| json!(outcome));
    assert_eq!(told, expected.iter().zip(&outcomes).collect::<Vec<_>>());
    assert!(!message.to_string().contains("phone-"), "{message}");
    daemon.finish().await;
}

#[tokio::test]
async fn a_device_that_took_it_is_not_asked_again_when_another_is() {
    let gateway = Gateway::that(vec![Does::take(), Does::say(503), Does::take()]).await;
    let daemon = opened(&gateway, "", &["phone", "tablet"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    assert!(sent["reply"].as_str().unwrap().starts_with("200 OK"), "both took it: {sent}");
    assert_eq!(tokens(&gateway.asked()), ["phone", "tablet", "tablet"]);
    daemon.finish().await;
}

#[tokio::test]
async fn what_no_device_took_is_tried_again_as_after_any_failure() {
    let away = || Does::say(503);
    let gateway = Gateway::that(vec![away(), away(), Does::take()]).await;
    let daemon = opened(&gateway, "", &["phone", "tablet"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    assert_eq!(sent["attempt"], 2, "{sent}");
    assert_eq!(tokens(&gateway.asked()), ["phone", "tablet", "phone", "tablet"]);
    daemon.finish().await;
}

#[tokio::test]
async fn firebase_is_asked_by_a_token_of_its_account() {
    let token = says(200, r#"{"access_token":"ya29.s3cret","expires_in":3600}"#);
    let taken = says(200, r#"{"name":"projects/salons-1a2b3/messages/1"}"#);
    let gateway = Gateway::that(vec![token, taken]).await;
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("firebase.json");
    let stand_in = include_str!("../../src/gateways/fcm/stand-in.json");
    let written = stand_in.replace("https://oauth2.googleapis.com", &gateway.url);
    std::fs::write(&account, written).unwrap();
    let provider = format!(
        "[[push.providers]]\nname = \"fcm\"\nkind = \"fcm\"\nbase_url = \"{}\"\n\
         service_account = {{ file = \"{}\" }}\n",
        gateway.url,
        account.display()
    );
    let daemon = with(&provider, &["phone", "tablet"]).await;
    books(&daemon, "b1").await;
    let sent = told(&daemon, "message.sent").await;
    let name = json!("projects/salons-1a2b3/messages/1");
    assert_eq!((&sent["provider"], &sent["reference"]), (&json!("fcm"), &name));
    let asked = gateway.asked();
    let places: Vec<&str> = asked.iter().map(|one| one.uri.path()).collect();
    let messages = "/v1/projects/salons-1a2b3/messages:send";
    assert_eq!(places, ["/token", messages, messages]);
    assert_eq!(asked[1].headers["authorization"], "Bearer ya29.s3cret");
    let message = &asked[1].body["message"];
    assert_eq!((&message["token"], &message["data"]["booking"]), (&json!("phone"), &json!("b1")));
    assert_eq!(message["android"]["collapse_key"], message["data"]["collapse"]);
    assert!(message["android"]["ttl"].is_string(), "{message}");
    daemon.finish().await;
}

#[tokio::test]
async fn an_endpoint_in_a_network_of_ours_is_a_device_that_is_gone() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let provider = "[[push.providers]]\nname = \"webpush\"\nkind = \"webpush\"\n\
                    subject = \"mailto:push@example.com\"\n";
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop")).arg("vapid").output();
    let made = String::from_utf8(made.unwrap().stdout).unwrap();
    let (said, pem) = made.split_once('\n').unwrap();
    let public = said.strip_prefix("applicationServerKey: ").unwrap();
    let keys = json!({ "p256dh": public, "auth": "BTBZMqHH6r4Tts7J_aSIgg" });
    let token = json!({ "endpoint": format!("{}/p", gateway.url), "keys": keys }).to_string();
    let closed = format!("{provider}vapid = \"\"\"{pem}\"\"\"\n");
    let daemon = with(&closed, &[&token]).await;
    books(&daemon, "b1").await;
    let dead = told(&daemon, "message.dead").await;
    let why = "every device is gone: the token has an endpoint without https";
    assert_eq!(dead["reply"], why);
    assert_eq!(told(&daemon, "client.suppressed").await["channel"], "push");
    daemon.finish().await;
    assert!(gateway.asked().is_empty());

    let daemon = with(&format!("{closed}allow_loopback = true\n"), &[&token]).await;
    books(&daemon, "b1").await;
    assert_eq!(told(&daemon, "message.sent").await["provider"], "webpush");
    let asked = gateway.asked();
    assert_eq!(asked[0].headers["content-encoding"], "aes128gcm");
    let vapid = asked[0].headers["authorization"].to_str().unwrap();
    assert!(vapid.ends_with(&format!(", k={public}")), "{vapid}");
    daemon.finish().await;
}

#[tokio::test]
async fn an_inbox_elsewhere_is_asked_over_http() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let provider = format!(
        "[[inbox.providers]]\nname = \"app\"\nkind = \"http\"\nid = \"/id\"\nurl = \"{}/inbox\"\n\
         body = '{{\"ref\":{{{{ message|tojson }}}},\"client\":{{{{ client|tojson }}}},\
         \"title\":{{{{ title|tojson }}}},\"body\":{{{{ body|tojson }}}}}}'\n",
        gateway.url
    );
    let daemon = Alone::start(&provider).await;
    let post = json!({ "to": { "client": "c1" }, "title": "Ciao", "body": "A presto." });
    let post = command(SALON, "post", "inbox.post", post);
    let base = daemon.daemon.http();
    http::take(base, &[salon::open(SALON), salon::client(SALON, "c1"), post]).await;
    let sent = told(&daemon, "message.sent").await;
    let asked = gateway.asked().remove(0);
    let expected =
        json!({ "ref": sent["message"], "client": "c1", "title": "Ciao", "body": "A presto." });
    assert_eq!(asked.body, expected);
    let inbox = daemon.read(&format!("/v1/tenants/{SALON}/clients/c1/inbox")).await;
    assert_eq!(inbox, json!({ "items": [] }), "it is kept elsewhere");
    daemon.finish().await;
}
