//! What is given up on one channel goes by another, where the tenant says so.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command,
    config::DOUBTS_SOON,
    eventually,
    gateway::{Does, Gateway, signed},
    http, salon, store,
};

const DEADLINE: Duration = Duration::from_secs(90);
const SALON: &str = "salon-uno";

/// A salon that says these kinds by text message alone, which go by email when they are given up.
fn opens(kinds: &[&str]) -> Command {
    let mut open = salon::open(SALON);
    open.envelope["data"]["fallback"] = json!({ "sms": "email" });
    let by_sms = |kind: &&str| ((*kind).to_owned(), json!({ "sms": true, "email": false }));
    open.envelope["data"]["toggles"] = Value::Object(kinds.iter().map(by_sms).collect());
    open
}

/// A client with a phone and an address.
fn client(name: &str) -> Command {
    let mut client = salon::client(SALON, name);
    client.envelope["data"]["phone"] = json!("+393331234567");
    client
}

async fn world(gateway: &Gateway, keys: &str, tables: &str) -> World {
    let sms_providers = Some(gateway.provider(keys));
    let extra_config = tables.to_owned();
    World::start(Options { sms_providers, extra_config, ..Options::default() }).await
}

/// The first event of this type on that channel.
async fn told(world: &World, kind: &str, channel: &str) -> Value {
    let base = world.http();
    eventually(kind, DEADLINE, || async {
        let events = http::events_of_type(&base, kind).await;
        events.into_iter().find(|event| event["data"]["channel"] == channel)
    })
    .await
}

/// What `bellhop explain` says to people.
fn explained(world: &World, about: &[&str]) -> String {
    let config = world.launch.config.to_str().unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .current_dir(&world.launch.dir)
        .args(["explain", "--config", config, "--tenant", SALON])
        .args(about)
        .envs(world.launch.environment.iter().cloned())
        .output()
        .unwrap();
    String::from_utf8(done.stdout).unwrap()
}

#[tokio::test]
async fn a_text_message_that_is_refused_for_good_goes_by_email() {
    let gateway = Gateway::that(vec![Does::say(400)]).await;
    let world = world(&gateway, "", "").await;
    let booking = salon::booking(SALON, "b1", "ada", salon::START);
    let commands = [opens(&["booking.confirmed"]), client("ada"), booking];
    http::take(&world.http(), &commands).await;

    let dead = told(&world, "message.dead", "sms").await;
    let sent = told(&world, "message.sent", "email").await;
    assert_eq!(dead["data"].get("fallback_of"), None);
    assert_eq!(sent["data"]["fallback_of"], dead["data"]["message"]);
    assert_eq!(sent["data"]["kind"], "booking.confirmed");
    assert_eq!(sent["causationid"], "request-b1", "as the one whose place it takes");
    let mails = world.sink.accepted();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].recipient, salon::address(SALON, "ada"));
    assert_eq!(gateway.asked().len(), 1);

    let url = format!("{}/v1/tenants/{SALON}/bookings/b1/explain", world.http());
    let (_, story) = http::read(&url).await;
    let lines = story["told"].as_array().unwrap();
    let line = |channel: &str, outcome: &str| {
        let is_it = |line: &&Value| line["channel"] == channel && line["outcome"] == outcome;
        lines.iter().find(is_it).unwrap_or_else(|| panic!("no {channel} {outcome}: {story}"))
    };
    assert_eq!(line("sms", "dead")["message"]["message"], dead["data"]["message"]);
    assert_eq!(line("email", "skipped")["reason"], "kind_off");
    assert_eq!(line("email", "sent")["fallback_of"], dead["data"]["message"]);
    let id = sent["data"]["message"].as_str().unwrap();
    let url = format!("{}/v1/tenants/{SALON}/messages/{id}", world.http());
    let (_, message) = http::read(&url).await;
    assert_eq!(message["fallback_of"], dead["data"]["message"]);
    let said = explained(&world, &["--booking", "b1"]);
    assert!(said.contains("in place of the sms that was given up)"), "{said}");
    world.finish().await;
}

#[tokio::test]
async fn a_link_that_would_come_too_late_goes_by_email_at_once() {
    let gateway = Gateway::that(vec![Does::say(503)]).await;
    let world = world(&gateway, "", "[retry]\nsms = [\"PT1H\"]\n").await;
    let link = "https://salon.example/in?code=s3cret";
    let expires_at = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
    let data = json!({ "client": "ada", "url": link, "expires_at": expires_at });
    let link_sent = command(SALON, "link", "account.magic_link", data);
    let commands = [opens(&["account.magic_link"]), client("ada"), link_sent];
    http::take(&world.http(), &commands).await;

    let expired = told(&world, "message.expired", "sms").await;
    let sent = told(&world, "message.sent", "email").await;
    assert_eq!(sent["data"]["fallback_of"], expired["data"]["message"]);
    let mails = world.sink.accepted();
    let plain = mails[0].mail.replace("=\n", "").replace("=3D", "=");
    assert!(plain.contains(link), "{plain}");
    // Neither of them keeps it any longer.
    let kept = "SELECT count(*) FROM messages WHERE instr(facts, 's3cret')";
    eventually("the link is forgotten", DEADLINE, || async {
        (store::number(&world.store_path(), kept).await == 0).then_some(())
    })
    .await;
    world.finish().await;
}

/// The gateway took it, and says later that it did not arrive: however often.
#[tokio::test]
async fn a_text_message_that_did_not_arrive_goes_by_email_once() {
    const SECRET: &str = "a-key-for-receipts";
    let gateway = Gateway::that(vec![Does::take()]).await;
    let receipts = "receipts = { signature = { header = \"x-signature\", \
        algorithm = \"hmac-sha256\", encoding = \"hex\", secret = \"a-key-for-receipts\" }, \
        message = \"/ref\", status = \"/status\", \
        delivered = [\"delivered\"], failed = [\"failed\", \"expired\"] }";
    let world = world(&gateway, receipts, "").await;
    let book = |booking: &str| salon::booking(SALON, booking, "ada", salon::START);
    let commands = [opens(&["booking.confirmed"]), client("ada"), book("b1")];
    http::take(&world.http(), &commands).await;
    let taken = told(&world, "message.sent", "sms").await["data"]["message"].clone();
    let report = async |message: &Value, status: &str| {
        let body = json!({ "ref": message, "status": status });
        assert_eq!(signed(&format!("{}/hooks/gw", world.http()), &body, SECRET).await, 204);
    };
    report(&taken, "failed").await;
    let sent = told(&world, "message.sent", "email").await;
    for status in ["failed", "expired", "failed"] {
        report(&taken, status).await;
    }
    assert_eq!(sent["data"]["fallback_of"], taken);
    assert_eq!(sent["causationid"], "request-b1", "as the one whose place it takes");
    let said = explained(&world, &["--booking", "b1"]);
    assert!(said.contains("in place of the sms that did not arrive)"), "{said}");
    // What is cancelled by then is told of in other words, if at all.
    http::take(&world.http(), &[book("b2")]).await;
    let second = eventually("the second", DEADLINE, || async {
        let sent = http::events_of_type(&world.http(), "message.sent").await;
        let mut texts = sent.into_iter().filter(|event| event["data"]["channel"] == "sms");
        texts.find(|event| event["data"]["message"] != taken)
    })
    .await["data"]["message"]
        .clone();
    http::take(&world.http(), &[salon::cancel(SALON, "b2")]).await;
    report(&second, "failed").await;
    let skipped = eventually("why not", DEADLINE, || async {
        let skipped = http::events_of_type(&world.http(), "message.skipped").await;
        skipped.into_iter().find(|event| event["data"]["fallback_of"] == second)
    })
    .await;
    assert_eq!(skipped["data"]["reason"], "superseded");
    let confirmations = "SELECT count(*) FROM messages WHERE fallback_of IS NOT NULL";
    assert_eq!(store::number(&world.store_path(), confirmations).await, 1);
    world.finish().await;
}

/// Every other one of these would be lost, or said twice, if the two were not one transaction.
#[tokio::test]
async fn a_kill_between_the_two_loses_nothing_and_says_nothing_twice() {
    const CLIENTS: usize = 60;
    const KILLS: i64 = 4;
    let gateway = Gateway::that(vec![Does::say(400)]).await;
    // One at a time, so that few are on the wire when the daemon dies.
    let mut world = world(&gateway, "connections = 1", DOUBTS_SOON).await;
    let names: Vec<String> = (0..CLIENTS).map(|number| format!("c{number}")).collect();
    let mut commands = vec![opens(&["booking.confirmed"])];
    commands.extend(names.iter().map(|name| client(name)));
    http::take(&world.http(), &commands).await;
    let book = |name: &String| salon::booking(SALON, &format!("b-{name}"), name, salon::START);
    let bookings: Vec<Command> = names.iter().map(book).collect();
    http::take(&world.http(), &bookings).await;

    let dead = "SELECT count(*) FROM messages WHERE channel = 'sms' AND status = 'dead'";
    let file = world.store_path();
    for kill in 1..=KILLS {
        eventually("some are given up", DEADLINE, || async {
            (store::number(&file, dead).await >= 10 * kill).then_some(())
        })
        .await;
        world.crash_daemon();
    }
    world.daemon().wait_ready(DEADLINE).await;
    eventually("every message has ended", DEADLINE, || async {
        let open = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
        (store::number(&file, open).await == 0).then_some(())
    })
    .await;

    let spares = "SELECT count(*) FROM messages AS spare JOIN messages AS old \
                  ON old.message = spare.fallback_of WHERE old.status = 'dead' \
                  AND spare.status = 'sent' AND spare.client = old.client";
    let unknown = "SELECT count(*) FROM messages WHERE channel = 'sms' AND status = 'unknown'";
    let [dead, spares, unknown] = [
        store::number(&file, dead).await,
        store::number(&file, spares).await,
        store::number(&file, unknown).await,
    ];
    assert_eq!(spares, dead);
    assert_eq!(usize::try_from(dead + unknown).unwrap(), CLIENTS);
    assert!(unknown <= KILLS, "{unknown} were on the wire");
    let mut mails = BTreeMap::<String, Vec<String>>::new();
    for mail in world.sink.accepted() {
        let ids = mails.entry(mail.recipient).or_default();
        if !ids.contains(&mail.message_id) {
            ids.push(mail.message_id);
        }
    }
    assert_eq!(i64::try_from(mails.len()).unwrap(), dead);
    assert!(mails.values().all(|ids| ids.len() == 1), "{mails:?}");
    world.finish().await;
}
