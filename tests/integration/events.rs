//! What upstream is told, over the broker and without one.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Command, Options, ScriptedSink, World, command,
    config::{DOUBTS_SOON, SMS_OUTBOX, Settings},
    daemon::Launch,
    eventually, http,
    load::{Load, configure},
    ports::free_port,
    publish::properties,
    replies::Replies,
    store, tamper,
};

const DEADLINE: Duration = Duration::from_secs(60);
const OPEN_MESSAGES: &str = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";

/// One row of the table of events: id, type, cause, data.
type Row = (String, String, String, String);

async fn stored(world: &World) -> Vec<Row> {
    store::rows(&world.store_path(), "SELECT id, type, cause, data FROM events ORDER BY seq").await
}

/// A published event as the row it came from.
fn row(event: &Value) -> Row {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    (text("id"), text("type"), text("causationid"), event["data"].to_string())
}

fn json_data((id, kind, cause, data): Row) -> Row {
    let data: Value = serde_json::from_str(&data).unwrap();
    (id, kind, cause, data.to_string())
}

fn lina_moves_and_cancels() -> Vec<Command> {
    let client = json!({
        "client": "lina", "name": "Lina", "email": "lina@example.com", "email_verified": true,
    });
    let booking = json!({
        "booking": "b1", "client": "lina", "by": "client",
        "starts_at": "2099-12-24T10:00:00+01:00",
    });
    let later = json!({ "booking": "b1", "starts_at": "2099-12-24T11:00:00+01:00" });
    vec![
        configure("salon-uno"),
        command("salon-uno", "1", "client.register", client),
        command("salon-uno", "2", "booking.request", booking),
        command("salon-uno", "3", "booking.reschedule", later),
        command("salon-uno", "4", "booking.cancel", json!({ "booking": "b1", "by": "staff" })),
        command("salon-uno", "5", "booking.cancel", json!({ "booking": "b1", "by": "staff" })),
        command("salon-uno", "6", "booking.cancel", json!({ "booking": "b9", "by": "staff" })),
    ]
}

#[tokio::test]
async fn the_events_of_a_booking_come_in_order_with_their_cause() {
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    world.publisher().await.publish_all(&lina_moves_and_cancels()).await;
    eventually("the last command is answered and nothing is left to send", DEADLINE, || async {
        let answered = events.all().iter().any(|event| event["causationid"] == "6");
        if !answered || store::number(&world.store_path(), OPEN_MESSAGES).await > 0 {
            return None;
        }
        // From here on nothing is added.
        (events.all().len() >= stored(&world).await.len()).then_some(())
    })
    .await;

    let of_type = |kind: &str| -> Vec<(String, Value)> {
        let events = events.of_type(kind).into_iter();
        events.map(|event| (row(&event).2, event["data"].clone())).collect()
    };
    let changed: Vec<_> = of_type("booking.changed")
        .into_iter()
        .map(|(cause, data)| format!("{cause} {} {}", data["state"], data["starts_at"]))
        .collect();
    assert_eq!(
        changed,
        [
            "2 \"confirmed\" \"2099-12-24T09:00:00Z\"",
            "3 \"confirmed\" \"2099-12-24T10:00:00Z\"",
            "4 \"cancelled\" \"2099-12-24T10:00:00Z\"",
        ]
    );
    let accepted: Vec<_> =
        of_type("command.accepted").into_iter().map(|(cause, _)| cause).collect();
    assert_eq!(accepted, ["configure", "1", "2", "3", "4", "5"]);
    let rejected = of_type("command.rejected");
    assert_eq!(rejected.len(), 1);
    assert_eq!(
        (rejected[0].0.as_str(), &rejected[0].1["reason"]),
        ("6", &json!("unknown_booking"))
    );

    assert_published_as_stored(&world, &events.all()).await;
    world.finish().await;
}

/// In the order of the store and under the same ids, which are all different.
async fn assert_published_as_stored(world: &World, published: &[Value]) {
    let stored: Vec<Row> = stored(world).await.into_iter().map(json_data).collect();
    let mut seen = BTreeSet::new();
    let first: Vec<Row> =
        published.iter().map(row).filter(|row| seen.insert(row.clone())).collect();
    assert_eq!(first, stored);
    let ids: BTreeSet<&str> = stored.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(ids.len(), stored.len(), "two events share an id");
}

#[tokio::test]
async fn kills_repeat_events_and_lose_none() {
    const KILLS: i64 = 3;
    let load = Load::new(2, 300);
    let extra_config = DOUBTS_SOON.to_owned();
    let mut world = World::start(Options { extra_config, ..Options::default() }).await;
    let events = world.events().await;
    world.publisher().await.publish_all(&load.commands()).await;
    for kill in 1..=KILLS {
        // At some moment between two writes of the cursor, which events run ahead of.
        eventually("more events are published", DEADLINE, || async {
            (i64::try_from(events.all().len()).unwrap() >= kill * 300).then_some(())
        })
        .await;
        world.crash_daemon();
    }
    load.wait_until_sent(&world).await;
    let total = stored(&world).await.len();
    eventually("every event is published", DEADLINE, || async {
        let ids: BTreeSet<String> = events.all().iter().map(|event| row(event).0).collect();
        (ids.len() == total).then_some(())
    })
    .await;
    eprintln!("{} events were published again", events.all().len() - total);
    assert_published_as_stored(&world, &events.all()).await;
    world.daemon().wait_ready(DEADLINE).await;
    world.finish().await;
}

/// With a store that is full, what is published cannot be remembered: it is published once all
/// the same, and nothing further until it can be.
#[tokio::test]
async fn events_are_not_published_again_while_the_cursor_cannot_be_stored() {
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    publisher.publish(&configure("salon-uno")).await;
    eventually("events are published", DEADLINE, || async {
        (!events.all().is_empty()).then_some(())
    })
    .await;
    let refuse = "CREATE TRIGGER no_cursor BEFORE UPDATE ON cursors \
                  BEGIN SELECT RAISE(ABORT, 'full'); END";
    tamper::execute(&world.store_path(), refuse).await;
    for number in 0..20 {
        let data = json!({ "client": format!("c{number}"), "name": "Ada" });
        let command = command("salon-uno", &format!("{number}"), "client.register", data);
        publisher.publish(&command).await;
        world.vhost.wait_until_drained().await;
    }
    eventually("it is told", DEADLINE, || async {
        world.log().contains("events wait for the store").then_some(())
    })
    .await;
    let ids = || -> Vec<String> { events.all().iter().map(|event| row(event).0).collect() };
    let published = ids();
    assert_eq!(published.iter().collect::<BTreeSet<_>>().len(), published.len());
    tamper::execute(&world.store_path(), "DROP TRIGGER no_cursor").await;
    let total = stored(&world).await.len();
    eventually("the rest follows", DEADLINE, || async { (ids().len() == total).then_some(()) })
        .await;
    assert_published_as_stored(&world, &events.all()).await;
    world.finish().await;
}

/// AMQP's short strings end at 255 bytes; ids do not.
#[tokio::test]
async fn ids_longer_than_a_short_string_stop_nobodys_events() {
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut replies = Replies::subscribe(&world.vhost.url()).await;
    let id = "🛎".repeat(128);
    let long = configure("salon-uno").under_id(&id);
    let to_us = properties().with_reply_to(replies.address().into());
    let mut publisher = world.publisher().await;
    publisher.publish_raw(&long.routing_key(), &long.body(), to_us).await;
    assert_eq!(replies.next().await.1["causationid"], id.as_str());
    publisher.publish(&configure("salon-due")).await;
    eventually("both commands' events", DEADLINE, || async {
        (events.of_type("command.accepted").len() == 2).then_some(())
    })
    .await;
    assert_eq!(events.of_type("command.accepted")[0]["causationid"], id.as_str());
    world.finish().await;
}

#[tokio::test]
async fn without_a_broker_events_are_read_page_by_page() {
    let sink = ScriptedSink::start(Default::default());
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        dir: dir.path(),
        amqp_url: None,
        http_port: free_port(),
        provider_url: &sink.url(),
        connections: 2,
        email_keys: "",
        sms_providers: SMS_OUTBOX,
        extra: "",
    };
    let config = dir.path().join("bellhop.toml");
    std::fs::write(&config, settings.to_toml()).unwrap();
    let launch = Launch {
        dir: dir.path().to_path_buf(),
        config,
        http_port: settings.http_port,
        environment: Vec::new(),
    };
    let daemon = launch.start().await;
    http::take(daemon.http(), &lina_moves_and_cancels()[..6]).await;
    let all = eventually("every message has ended", DEADLINE, || async {
        let path = Settings::store_path(dir.path());
        if store::number(&path, OPEN_MESSAGES).await > 0 {
            return None;
        }
        let sql = "SELECT id, type, cause, data FROM events ORDER BY seq";
        Some(store::rows::<Row>(&path, sql).await)
    })
    .await;

    let mut paged: Vec<Row> = Vec::new();
    let mut after = 0;
    loop {
        let url = format!("{}/v1/events?after={after}&limit=4", daemon.http());
        let (status, page) = http::read(&url).await;
        assert_eq!(status, 200, "{page}");
        let page = page.as_array().unwrap().clone();
        assert!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        after = last["sequence"].as_str().unwrap().parse::<i64>().unwrap();
        paged.extend(page.iter().map(row));
    }
    assert_eq!(paged, all.into_iter().map(json_data).collect::<Vec<_>>());
    let by_type = paged.iter().fold(BTreeMap::<_, u32>::new(), |mut counts, row| {
        *counts.entry(row.1.as_str()).or_default() += 1;
        counts
    });
    assert_eq!(by_type["command.accepted"], 6);
    assert_eq!(by_type["booking.changed"], 3);
}
