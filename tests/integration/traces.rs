//! The trace of a command in whatever follows from it, also over a crash.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lapin::types::{AMQPValue, FieldTable};
use serde_json::{Value, json};

use crate::support::{
    Behaviour, Command, Options, World, command,
    events::Events,
    eventually,
    gateway::{Does, Gateway},
    http,
    publish::properties,
    replies::Replies,
    salon,
};

const DEADLINE: Duration = Duration::from_secs(40);
const SALON: &str = "salon-uno";
const PHONE: &str = "+393331234567";
/// As upstream apps send them: each begins another trace.
const BY_HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const BY_ATTRIBUTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const OVER_HTTP: &str = "00-11112222333344445555666677778888-b7ad6b7169203331-01";

/// Headers by name.
type Named<'a> = &'a [(&'a str, &'a str)];

/// The trace id of a `traceparent`.
fn trace_id(traceparent: &str) -> &str {
    let parts: Vec<&str> = traceparent.split('-').collect();
    assert_eq!(parts.len(), 4, "{traceparent}");
    assert_eq!((parts[0], parts[2].len()), ("00", 16), "{traceparent}");
    parts[1]
}

fn trace_of(event: &Value) -> &str {
    event["traceparent"].as_str().map_or("", trace_id)
}

/// Reminds six seconds before.
fn open() -> Command {
    let settings = json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": ["PT6S"],
    });
    command(SALON, "open", "tenant.configure", settings)
}

fn register(client: &str) -> Command {
    let data = json!({
        "client": client, "name": "Ada", "phone": PHONE, "email_verified": true,
        "email": salon::address(SALON, client),
    });
    command(SALON, &format!("register-{client}"), "client.register", data)
}

fn headers(named: Named<'_>) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in named {
        table.insert((*name).into(), AMQPValue::LongString((*value).into()));
    }
    table
}

/// The event of that type that a command caused.
async fn caused(events: &Events, kind: &str, command: &str) -> Value {
    eventually(kind, DEADLINE, || async {
        events.of_type(kind).into_iter().find(|event| event["causationid"] == command)
    })
    .await
}

async fn sent(base: &str, kind: &str, channel: &str) -> Value {
    eventually(&format!("{kind} by {channel}"), DEADLINE, || async {
        let events = http::events_of_type(base, "message.sent").await;
        let is_that =
            |event: &Value| event["data"]["kind"] == kind && event["data"]["channel"] == channel;
        events.into_iter().find(is_that)
    })
    .await
}

async fn followed_over_a_crash(postgres: bool) {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let sms_providers = Some(gateway.provider(""));
    // Whoever cannot be reached is soon tried again.
    let pauses = [r#""PT0.5S""#; 40].join(", ");
    let extra_config = format!("[retry]\nemail = [{pauses}]\n");
    let sink_silent = true;
    let options =
        Options { sms_providers, sink_silent, extra_config, postgres, ..Options::default() };
    let mut world = World::start(options).await;
    let (base, events) = (world.http(), world.events().await);
    let mut replies = Replies::subscribe(&world.vhost.url()).await;
    let mut publisher = world.publisher().await;
    publisher.publish_all(&[open(), register("c1")]).await;
    let start = Timestamp::from_second(Timestamp::now().as_second() + 24).unwrap();
    let booking = salon::booking(SALON, "b1", "c1", &start.to_string());
    let traced = properties()
        .with_headers(headers(&[("traceparent", BY_HEADER)]))
        .with_reply_to(replies.address().into());
    publisher.publish_raw(&booking.routing_key(), &booking.body(), traced).await;

    // The answer, and what is told of it: in the event and in a header.
    let trace = trace_id(BY_HEADER);
    let (_, answer) = replies.next().await;
    let accepted = caused(&events, "command.accepted", &booking.id).await;
    assert_eq!((trace_of(&answer), trace_of(&accepted)), (trace, trace));
    assert_eq!(answer["traceparent"], accepted["traceparent"], "the span of deciding it");
    assert_ne!(accepted["traceparent"], BY_HEADER, "not the app's span");
    let header = events.header(&accepted, "traceparent");
    assert_eq!(header.as_deref(), accepted["traceparent"].as_str());
    assert_eq!(trace_of(&caused(&events, "booking.changed", &booking.id).await), trace);
    let untraced = caused(&events, "command.accepted", "register-c1").await;
    assert_eq!(untraced.get("traceparent"), None, "{untraced}");
    assert_eq!(events.header(&untraced, "traceparent"), None);

    // The request at the gateway, in a span of its own.
    let by_sms = sent(&base, "booking.confirmed", "sms").await;
    assert_eq!(trace_of(&by_sms), trace);
    let asked = gateway.asked();
    let requested = asked[0].headers["traceparent"].to_str().unwrap().to_owned();
    assert_eq!(trace_id(&requested), trace);
    assert_ne!(by_sms["traceparent"], requested.as_str());

    // The mail, and what a timer says later, have waited over a crash.
    assert_eq!(world.sink.count(), 0);
    world.daemon().sigkill();
    world.sink.listen();
    world.start_daemon().await;
    let by_mail = sent(&base, "booking.confirmed", "email").await;
    assert_eq!(trace_of(&by_mail), trace);
    let accepted = world.sink.accepted();
    let mail = &accepted[0].mail;
    let line = mail.lines().find_map(|line| line.strip_prefix("X-Traceparent: "));
    assert_eq!(line, by_mail["traceparent"].as_str(), "{mail}");
    let reminded = sent(&base, "booking.reminder", "email").await;
    assert_eq!(trace_of(&reminded), trace, "{reminded}");
    let at: Timestamp = reminded["time"].as_str().unwrap().parse().unwrap();
    assert!(at >= start - SignedDuration::from_secs(6), "it was a timer");

    // Where an operator looks.
    let message = by_mail["data"]["message"].as_str().unwrap();
    let (_, shown) = http::read(&format!("{base}/v1/tenants/{SALON}/messages/{message}")).await;
    assert_eq!(shown["trace_id"], trace, "{shown}");
    let (_, page) = http::read(&format!("{base}/v1/tenants/{SALON}/messages")).await;
    let rows = page["items"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["status"] == "skipped" || row["trace_id"] == trace));
    let (is_done, told) = world.bellhop(&["explain", "--tenant", SALON, "--booking", "b1"]);
    assert!(is_done && told.contains(&format!("command request-b1, trace {trace}")), "{told}");
    world.finish().await;
}

#[tokio::test]
async fn a_trace_is_followed_over_a_crash() {
    followed_over_a_crash(false).await;
}

#[tokio::test]
async fn a_trace_is_followed_over_a_crash_on_postgres() {
    followed_over_a_crash(true).await;
}

#[tokio::test]
async fn a_trace_comes_in_by_each_way_and_one_that_is_malformed_refuses_nothing() {
    let world = World::start(Options::default()).await;
    let (base, events) = (world.http(), world.events().await);
    let mut publisher = world.publisher().await;
    publisher.publish_all(&[salon::open(SALON), salon::client(SALON, "c1")]).await;
    let booking = |name: &str| salon::booking(SALON, name, "c1", salon::START);
    let says = |name: &str, says: Value| {
        let mut command = booking(name);
        command.envelope["traceparent"] = says;
        command
    };
    let cases: [(Command, Named<'_>, &str); 6] = [
        (booking("plain"), &[("traceparent", BY_HEADER)], BY_HEADER),
        (booking("colon"), &[("cloudEvents:traceparent", BY_HEADER)], BY_HEADER),
        (booking("under"), &[("cloudEvents_traceparent", BY_HEADER)], BY_HEADER),
        (says("own", json!(BY_ATTRIBUTE)), &[("traceparent", BY_HEADER)], BY_ATTRIBUTE),
        (booking("bad"), &[("traceparent", "00-4BF92F-x-01")], ""),
        (says("worse", json!({ "no": 1 })), &[], ""),
    ];
    for (command, named, expected) in cases {
        let properties = properties().with_headers(headers(named));
        publisher.publish_raw(&command.routing_key(), &command.body(), properties).await;
        let accepted = caused(&events, "command.accepted", &command.id).await;
        let expected = if expected.is_empty() { "" } else { trace_id(expected) };
        assert_eq!(trace_of(&accepted), expected, "{}", command.id);
    }

    // Over HTTP, also of what is refused; and in the log, where something goes wrong.
    world.sink.behave(Behaviour { refuse_550_percent: 100, ..Behaviour::default() });
    let post = |command: &Command| {
        let request = http::client().post(format!("{base}/v1/commands"));
        let request = request.header("content-type", "application/cloudevents+json");
        http::ask(request.header("traceparent", OVER_HTTP).body(command.body()))
    };
    let trace = trace_id(OVER_HTTP);
    assert_eq!(post(&booking("last")).await.status, 202);
    let dead = eventually("message.dead", DEADLINE, || async {
        events.of_type("message.dead").into_iter().next()
    })
    .await;
    assert_eq!(trace_of(&dead), trace);
    let unreadable = command(SALON, "typo", "booking.request", json!({ "bookin": "b" }));
    assert_eq!(post(&unreadable).await.status, 422);
    assert_eq!(trace_of(&caused(&events, "command.rejected", "typo").await), trace);
    let message = dead["data"]["message"].as_str().unwrap();
    let log = world.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told =
        lines.filter(|line| line["message_id"] == message).map(|line| line["trace_id"].clone());
    assert_eq!(told.collect::<Vec<_>>(), [json!(trace)]);
    world.finish().await;
}
