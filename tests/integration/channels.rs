//! Every channel, and what is forgotten once a message has left.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Behaviour, Options, World, command, eventually, http,
    inside::{Inside, in_system},
    salon, store,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const PHONE: &str = "+393331234567";

/// The messages of one channel, once there are so many.
async fn by(daemon: &Inside, channel: &str, count: usize) -> Vec<Value> {
    eventually(channel, DEADLINE, || async {
        let mut notes = daemon.notes();
        notes.retain(|note| note["channel"] == channel);
        (notes.len() >= count).then_some(notes)
    })
    .await
}

#[test]
fn every_channel_lands_in_the_outbox() {
    in_system(async {
        let files = "[[inbox.providers]]\nname = \"inbox-outbox\"\nkind = \"outbox\"\n";
        let daemon = Inside::start(files).await;
        let base = daemon.http();
        let toggles = json!({ "booking.confirmed": { "push": true, "email": false } });
        let settings = json!({
            "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "it",
            "timezone": "Europe/Rome", "approval": "automatic", "toggles": toggles,
            "sender": { "sms": "SalonUno" }, "reminders": [],
        });
        let client = json!({
            "client": "c1", "name": "Ada", "phone": PHONE, "push_tokens": ["phone", "tablet"],
        });
        let post = json!({ "client": "c1", "title": "Ciao", "body": "Siamo chiusi lunedì." });
        http::take(
            &base,
            &[
                command(SALON, "1", "tenant.configure", settings),
                command(SALON, "2", "client.register", client),
                salon::booking(SALON, "b1", "c1", salon::START),
                command(SALON, "4", "inbox.post", post),
            ],
        )
        .await;

        let sms = &by(&daemon, "sms", 1).await[0];
        assert_eq!((&sms["to"], &sms["from"]), (&json!(PHONE), &json!("SalonUno")));
        assert_eq!((&sms["kind"], &sms["segments"]), (&json!("booking.confirmed"), &json!(1)));
        assert!(sms["text"].as_str().unwrap().contains("Salon Uno"), "{sms}");
        let push = &by(&daemon, "push", 1).await[0];
        assert_eq!(push["to"], json!(["phone", "tablet"]));
        assert!(push["title"].is_string() && push["text"].is_string(), "{push}");
        let item = &by(&daemon, "inbox", 1).await[0];
        assert_eq!((&item["to"], &item["title"]), (&json!("c1"), &json!("Ciao")));
        assert_eq!(item["text"], "Siamo chiusi lunedì.");
        daemon.finish().await;
    });
}

#[test]
fn a_tenant_s_own_text_is_what_is_sent() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        let client = json!({ "client": "c1", "name": "Ada", "phone": PHONE });
        let text = json!({
            "kind": "booking.confirmed", "channel": "sms", "locale": "en",
            "body": "See you, {{ client }}!",
        });
        http::take(
            &base,
            &[
                salon::open(SALON),
                command(SALON, "2", "client.register", client),
                command(SALON, "3", "template.set", text),
                salon::booking(SALON, "b1", "c1", salon::START),
            ],
        )
        .await;
        assert_eq!(by(&daemon, "sms", 1).await[0]["text"], "See you, Ada!");
        daemon.finish().await;
    });
}

#[test]
fn a_channel_without_a_provider_is_recorded_as_not_sent() {
    in_system(async {
        let daemon = Inside::start("[sms]\nproviders = []\n").await;
        let base = daemon.http();
        let client = json!({ "client": "c1", "name": "Ada", "phone": PHONE });
        http::take(
            &base,
            &[
                salon::open(SALON),
                command(SALON, "2", "client.register", client),
                salon::booking(SALON, "b1", "c1", salon::START),
            ],
        )
        .await;
        let skipped = http::events_of_type(&base, "message.skipped").await;
        let sms = skipped.iter().find(|event| event["data"]["channel"] == "sms").unwrap();
        assert_eq!(sms["data"]["reason"], "no_provider");
        assert_eq!(daemon.notes(), Vec::<Value>::new());
        daemon.finish().await;
    });
}

/// Files are no better a place for what is to be forgotten than the store.
#[test]
fn files_of_an_outbox_go_with_who_was_erased() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        let client = |id: &str| {
            let data = json!({ "client": id, "name": "Ada", "phone": PHONE });
            command(SALON, &format!("register-{id}"), "client.register", data)
        };
        http::take(
            &base,
            &[
                salon::open(SALON),
                client("goes"),
                client("stays"),
                salon::booking(SALON, "b1", "goes", salon::START),
                salon::booking(SALON, "b2", "stays", salon::START),
            ],
        )
        .await;
        by(&daemon, "sms", 2).await;
        eventually("both are known as sent", DEADLINE, || async {
            (http::events_of_type(&base, "message.sent").await.len() >= 2).then_some(())
        })
        .await;
        let erase = command(SALON, "e", "client.erase", json!({ "client": "goes" }));
        http::take(&base, &[erase]).await;
        let left = eventually("their files are gone", DEADLINE, || async {
            let notes = daemon.notes();
            notes.iter().all(|note| note["client"] != "goes").then_some(notes)
        })
        .await;
        assert!(left.iter().any(|note| note["client"] == "stays"), "{left:?}");
        daemon.finish().await;
    });
}

#[tokio::test]
async fn a_link_is_forgotten_when_it_was_sent() {
    const SECRET: &str = "t0p-s3cret";
    const HOLDERS: &str = "SELECT (SELECT count(*) FROM messages WHERE facts LIKE '%t0p-s3cret%') \
        + (SELECT count(*) FROM events WHERE data LIKE '%t0p-s3cret%') \
        + (SELECT count(*) FROM records WHERE body LIKE '%t0p-s3cret%')";
    let mut world = World::start(Options { sink_silent: true, ..Options::default() }).await;
    let base = world.http();
    let link = json!({
        "client": "c1", "url": format!("https://salon.example/reset?t={SECRET}"),
        "expires_at": "2099-12-24T10:00:00Z",
    });
    let payment = json!({
        "payment": "p1", "client": "c1", "reason": "Ten lessons",
        "amount": { "amount": "12.50", "currency": "EUR" },
        "url": format!("https://salon.example/pay?t={SECRET}"),
    });
    let mut open = salon::open(SALON);
    open.envelope["data"]["toggles"] = json!({ "payment.requested": { "email": true } });
    let commands = [
        open,
        salon::client(SALON, "c1"),
        command(SALON, "3", "account.password_reset", link),
        command(SALON, "4", "payment.request", payment),
    ];
    http::take(&base, &commands).await;
    assert_eq!(store::number(&world.store_path(), HOLDERS).await, 2, "they are to be sent yet");
    world.sink.listen();
    eventually("the mails", DEADLINE, || async { (world.sink.count() == 2).then_some(()) }).await;
    eventually("nobody knows the link", DEADLINE, || async {
        (store::number(&world.store_path(), HOLDERS).await == 0).then_some(())
    })
    .await;
    assert!(!world.log().contains(SECRET), "it is in the log");
    let (_, told) = http::read(&format!("{base}/v1/tenants/{SALON}/clients/c1/messages")).await;
    for message in told["items"].as_array().unwrap() {
        // What was not sent is none.
        let Some(id) = message["message"].as_str() else { continue };
        let (status, shown) = http::read(&format!("{base}/v1/tenants/{SALON}/messages/{id}")).await;
        assert!(status == 200 && !shown.to_string().contains(SECRET), "{shown}");
    }
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_bounced_is_written_to_no_more() {
    let refuse = Behaviour { refuse_550_percent: 100, ..Behaviour::default() };
    let world = World::start(Options { sink: refuse, ..Options::default() }).await;
    let base = world.http();
    http::take(&base, &salon::busy(SALON, 1)).await;
    let suppressed = eventually("it is suppressed", DEADLINE, || async {
        http::events_of_type(&base, "client.suppressed").await.pop()
    })
    .await;
    let data = &suppressed["data"];
    assert_eq!(
        [&data["client"], &data["channel"], &data["reason"]],
        ["c0", "email", "bad_address"]
    );
    // SHA-256 of c0@salon-uno.example, by sha256sum.
    let hash = "03da88d2b77038d3013936e7cfe1f0e63453dccd21d73f8b519f50f0a9413e6b";
    assert_eq!(data["address_hash"], hash);

    http::take(&base, &[salon::booking(SALON, "b1", "c0", salon::START)]).await;
    let skipped = http::events_of_type(&base, "message.skipped").await;
    let skipped = skipped.iter().filter(|event| event["data"]["channel"] == "email");
    let reasons: Vec<_> = skipped.map(|event| event["data"]["reason"].clone()).collect();
    assert_eq!(reasons, ["suppressed"]);
    assert_eq!(http::events_of_type(&base, "message.dead").await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn staff_are_told_and_their_bounce_is_not_the_client_s() {
    let world = World::start(Options::default()).await;
    let base = world.http();
    let mut open = salon::open(SALON);
    open.envelope["data"]["staff"] =
        json!({ "emails": ["desk@salon.example"], "kinds": ["staff.booking_requested"] });
    let client = json!({ "client": "c1", "name": "Ada" });
    let booking = salon::booking(SALON, "b1", "c1", salon::START);
    http::take(&base, &[open, command(SALON, "2", "client.register", client), booking]).await;
    eventually("the alert", DEADLINE, || async { (world.sink.count() == 1).then_some(()) }).await;
    assert!(world.sink.by_recipient().contains_key("desk@salon.example"));

    world.sink.behave(Behaviour { refuse_550_percent: 100, ..Behaviour::default() });
    http::take(&base, &[salon::booking(SALON, "b2", "c1", salon::START)]).await;
    eventually("it is refused", DEADLINE, || async {
        http::events_of_type(&base, "message.dead").await.pop()
    })
    .await;
    assert!(http::events_of_type(&base, "client.suppressed").await.is_empty());
    world.finish().await;
}
