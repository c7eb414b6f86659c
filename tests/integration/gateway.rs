//! Text messages by a gateway that speaks HTTP: what it is asked, and what follows from what it
//! says.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command, eventually,
    gateway::{Does, Gateway, gaps},
    http, salon, store,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const PHONE: &str = "+393331234567";
const SECRET: &str = "k3y-of-the-gateway";

/// A world whose text messages go by this gateway, with more keys of its table and more tables.
async fn world(gateway: &Gateway, keys: &str, tables: &str) -> World {
    let sms_providers = Some(gateway.provider(keys));
    let extra_config = tables.to_owned();
    World::start(Options { sms_providers, extra_config, ..Options::default() }).await
}

/// A client who has nothing but a phone, and a booking that is confirmed to them.
fn booked(client: &str) -> [Command; 2] {
    let data = json!({ "client": client, "name": "Ada", "phone": PHONE });
    [
        command(SALON, &format!("register-{client}"), "client.register", data),
        salon::booking(SALON, &format!("b-{client}"), client, salon::START),
    ]
}

async fn take(world: &World, clients: &[&str]) {
    let booked = clients.iter().flat_map(|client| booked(client));
    let commands: Vec<_> = std::iter::once(salon::open(SALON)).chain(booked).collect();
    http::take(&world.http(), &commands).await;
}

/// The data of the first event of this type about a text message.
async fn told(world: &World, kind: &str) -> Value {
    let base = world.http();
    eventually(kind, DEADLINE, || async {
        let events = http::events_of_type(&base, kind).await;
        let mut data = events.into_iter().map(|event| event["data"].clone());
        data.find(|data| data["channel"] == "sms")
    })
    .await
}

async fn count(world: &World, kind: &str) -> usize {
    let events = http::events_of_type(&world.http(), kind).await;
    events.iter().filter(|event| event["data"]["channel"] == "sms").count()
}

#[tokio::test]
async fn a_gateway_is_asked_as_configured_and_no_secret_is_kept() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let keys = format!(
        "headers = {{ authorization = \"Bearer {{{{ secrets.key }}}}\" }}\n\
         secrets = {{ key = \"{SECRET}\" }}"
    );
    let sms_providers = Some(gateway.provider(&keys));
    let environment = vec![
        ("BELLHOP__HTTP__PUBLIC_URL", "https://bellhop.example/b".to_owned()),
        ("RUST_LOG", "trace".to_owned()),
    ];
    let world = World::start(Options { sms_providers, environment, ..Options::default() }).await;
    take(&world, &["c1"]).await;
    let sent = told(&world, "message.sent").await;
    assert_eq!((&sent["provider"], &sent["reference"]), (&json!("gw"), &json!("gw-1")));
    assert_eq!(sent["attempt"], 1);

    let asked = gateway.asked();
    let [asked] = &asked[..] else { panic!("one request, not {}", asked.len()) };
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.uri, "/send?to=%2B393331234567");
    assert_eq!(asked.headers["authorization"], format!("Bearer {SECRET}"));
    assert_eq!(asked.headers["content-type"], "application/json");
    assert_eq!((&asked.body["to"], &asked.body["ref"]), (&json!(PHONE), &sent["message"]));
    assert!(asked.body["text"].as_str().unwrap().contains("Salon Uno"));
    assert!(asked.body["ttl"].as_i64().unwrap() > 24 * 3600);
    let callback = asked.body["callback"].as_str().unwrap();
    let message = sent["message"].as_str().unwrap();
    let begin = format!("https://bellhop.example/b/hooks/gw?m={message}.");
    let code = callback.strip_prefix(&begin).unwrap_or_else(|| panic!("{callback}"));
    assert_eq!(code.len(), 22, "{callback}");
    let log = world.log();
    for hidden in [SECRET, PHONE, code, "Salon Uno"] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_gateway_that_wants_less_is_left_alone_and_no_attempt_is_counted() {
    let wait = |seconds: &str| {
        Does::Answer(429, vec![("retry-after", seconds.to_owned())], "slow down".to_owned())
    };
    let gateway = Gateway::that(vec![wait("2"), wait("1"), wait("1"), Does::take()]).await;
    // One further attempt, if these were any.
    let world = world(&gateway, "", "[retry]\nsms = [\"PT0.05S\"]\n").await;
    take(&world, &["c1"]).await;
    assert_eq!(told(&world, "message.sent").await["attempt"], 1);
    let asked = gateway.asked();
    let gaps = gaps(&asked);
    assert_eq!(gaps.len(), 3);
    assert!(gaps[0] >= Duration::from_secs(2), "{gaps:?}");
    assert!(gaps[1..].iter().all(|gap| *gap >= Duration::from_secs(1)), "{gaps:?}");
    assert!(asked.iter().all(|asked| asked.reference() == asked.body["ref"]));
    world.finish().await;
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown_and_never_sent_again() {
    for does in [Does::Cut, Does::Hang] {
        let gateway = Gateway::that(vec![does.clone()]).await;
        let world = world(&gateway, "answer_timeout = \"PT1S\"", "").await;
        take(&world, &["c1"]).await;
        let unknown = told(&world, "message.unknown").await;
        assert_eq!(unknown["provider"], "gw", "{does:?}");
        // Another message goes its way; this one does not.
        gateway.now(Does::take());
        http::take(&world.http(), &booked("c2")).await;
        let sent = told(&world, "message.sent").await;
        let references: Vec<_> =
            gateway.asked().iter().map(|asked| asked.reference().to_owned()).collect();
        assert_eq!(
            references,
            [&unknown["message"], &sent["message"]].map(|id| id.as_str().unwrap())
        );
        assert_eq!(count(&world, "message.retrying").await, 0);
        world.finish().await;
    }
}

#[tokio::test]
async fn a_gateway_that_knows_a_message_again_is_asked_again() {
    let gateway = Gateway::that(vec![Does::Cut, Does::take()]).await;
    let world = world(&gateway, "idempotent = true", "").await;
    take(&world, &["c1"]).await;
    let sent = told(&world, "message.sent").await;
    let asked = gateway.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|asked| *asked.reference() == *sent["message"].as_str().unwrap()));
    assert!(gaps(&asked)[0] < Duration::from_secs(30));
    assert_eq!(count(&world, "message.unknown").await, 0);
    world.finish().await;
}

#[tokio::test]
async fn what_is_to_be_asked_again_holds_up_nobody_meanwhile() {
    let gateway = Gateway::that(vec![Does::Cut, Does::take()]).await;
    let world = world(&gateway, "idempotent = true\nconnections = 1", "").await;
    take(&world, &["c1", "c2"]).await;
    eventually("both are sent", DEADLINE, || async {
        (count(&world, "message.sent").await == 2).then_some(())
    })
    .await;
    let asked = gateway.asked();
    let references: Vec<&str> = asked.iter().map(|asked| asked.reference()).collect();
    assert_eq!(references.len(), 3);
    assert_eq!(references[0], references[2], "the first was asked again");
    assert_ne!(references[0], references[1], "the other had its place meanwhile");
    world.finish().await;
}

#[tokio::test]
async fn whoever_asks_learns_what_a_message_waits_for() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let world = world(&gateway, "rate = 0.01", "").await;
    take(&world, &["c1", "c2", "c3"]).await;
    told(&world, "message.sent").await;
    let mut expected = Vec::new();
    for client in ["c1", "c2", "c3"] {
        let url = format!("{}/v1/tenants/{SALON}/bookings/b-{client}/explain", world.http());
        let (_, story) = http::read(&url).await;
        let told = story["told"].as_array().unwrap();
        let line = told.iter().find(|line| line["channel"] == "sms").unwrap();
        let queue = &line["queue"];
        let id = line["message"]["message"].as_str().unwrap();
        let url = format!("{}/v1/tenants/{SALON}/messages/{id}", world.http());
        let (_, message) = http::read(&url).await;
        assert_eq!(message["queue"]["waits_for"], queue["waits_for"]);
        if queue.is_null() {
            continue;
        }
        let waits_for = json!({ "what": "provider_rate", "provider": "gw" });
        assert_eq!(queue["waits_for"], waits_for, "{queue}");
        assert_eq!((&queue["held_in"], &queue["will_miss"]), (&json!("memory"), &json!(false)));
        expected.push(queue["expected"].as_str().unwrap().parse::<Timestamp>().unwrap());
    }
    assert_eq!(expected.len(), 2, "one was sent");
    let between = expected[1].duration_since(expected[0]).as_secs();
    assert!((95..=105).contains(&between), "one in a hundred seconds: {between}");
    let config = world.launch.config.to_str().unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .current_dir(&world.launch.dir)
        .args(["explain", "--config", config, "--tenant", SALON, "--client", "c3"])
        .envs(world.launch.environment.iter().cloned())
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.contains("waits for the rate of gw; its turn is expected on "), "{said}");
    world.finish().await;
}

#[tokio::test]
async fn what_fails_for_now_is_tried_again_and_what_is_refused_is_not() {
    let gateway = Gateway::that(vec![Does::say(503), Does::say(500), Does::take()]).await;
    let world = world(&gateway, "", "[retry]\nsms = [\"PT0.05S\", \"PT0.05S\"]\n").await;
    take(&world, &["c1"]).await;
    assert_eq!(told(&world, "message.sent").await["attempt"], 3);
    assert_eq!(count(&world, "message.retrying").await, 2);

    let refused = r#"{"error":"no such route","to":"+39 333 1234567"}"#.to_owned();
    gateway.now(Does::Answer(400, Vec::new(), refused));
    http::take(&world.http(), &booked("c2")).await;
    let dead = told(&world, "message.dead").await;
    assert_eq!(gateway.asked().len(), 4, "once and no more");
    let reply = dead["reply"].as_str().unwrap();
    assert_eq!(reply, r#"400 Bad Request: {"error":"no such route","to":"***"}"#);
    assert!(http::events_of_type(&world.http(), "client.suppressed").await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn a_number_that_is_none_is_written_to_no_more() {
    let says = |status: &str| {
        Does::Answer(200, Vec::new(), format!(r#"{{"messages":[{{"status":"{status}"}}]}}"#))
    };
    let gateway = Gateway::that(vec![says("6")]).await;
    let rule = "outcomes = [{ status = 200, pointer = \"/messages/0/status\", equals = \"6\", \
                outcome = \"bad_address\" }]";
    let world = world(&gateway, rule, "").await;
    take(&world, &["c1"]).await;
    assert_eq!(told(&world, "message.dead").await["client"], "c1");
    let suppressed = told(&world, "client.suppressed").await;
    assert_eq!(suppressed["client"], "c1");
    http::take(&world.http(), &[salon::booking(SALON, "b2", "c1", salon::START)]).await;
    assert_eq!(told(&world, "message.skipped").await["reason"], "suppressed");
    assert_eq!(gateway.asked().len(), 1);
    let waiting = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
    assert_eq!(store::number(&world.store_path(), waiting).await, 0);
    world.finish().await;
}

/// While one connection hangs, the others serve; and it is no longer than it may.
#[tokio::test]
async fn more_than_the_connections_are_never_asked_at_once() {
    let gateway = Gateway::that(vec![Does::Hang]).await;
    let world = world(&gateway, "connections = 2\nanswer_timeout = \"PT2S\"", "").await;
    take(&world, &["c1", "c2", "c3", "c4"]).await;
    eventually("all are given up", DEADLINE, || async {
        (count(&world, "message.unknown").await == 4).then_some(())
    })
    .await;
    let asked = gateway.asked();
    assert_eq!(asked.len(), 4);
    let third = asked[2].at.saturating_duration_since(asked[0].at);
    assert!(third >= Duration::from_millis(1900), "{third:?}");
    world.finish().await;
}
