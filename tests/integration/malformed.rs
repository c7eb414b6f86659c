//! Commands from the broker that are not what they should be: each is named and laid aside, and
//! none holds up those behind it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldArray, FieldTable},
};
use serde_json::{Value, json};

use crate::support::{
    Command, Options, Publisher, World, command,
    events::{DEAD_COMMANDS, take_dead_commands},
    eventually,
    load::configure,
    publish::properties,
    replies::Replies,
    store,
};

const TENANT: &str = "salon-uno";
/// With this much of them the properties just fit a frame, the broker's 128 KiB.
const HEADERS_MAX_BYTES: usize = 130_950;
const DEADLINE: Duration = Duration::from_secs(60);

/// What is wrong with a command, and what is said about it.
struct Case {
    key: &'static str,
    body: Vec<u8>,
    properties: BasicProperties,
    /// Header `x-bellhop-reason`.
    reason: &'static str,
    /// A part of header `x-bellhop-detail`.
    detail: &'static str,
}

impl Case {
    fn of_body(body: impl Into<Vec<u8>>, reason: &'static str, detail: &'static str) -> Self {
        let (key, body) = ("cmd.salon-uno", body.into());
        Self { key, body, properties: properties(), reason, detail }
    }

    /// A good command, spoilt.
    fn spoilt(
        id: &str,
        spoil: impl FnOnce(&mut Value),
        reason: &'static str,
        detail: &'static str,
    ) -> Self {
        let mut envelope = register(id).envelope;
        spoil(&mut envelope);
        Self::of_body(envelope.to_string(), reason, detail)
    }

    fn keyed(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    fn with(self, properties: BasicProperties) -> Self {
        Self { properties, ..self }
    }
}

/// A good command, of a client by the name of its id.
fn register(id: &str) -> Command {
    let data = json!({ "client": id, "name": "Ada", "email": format!("{id}@example.com") });
    command(TENANT, id, "client.register", data)
}

fn set(path: &'static str, value: Value) -> impl FnOnce(&mut Value) {
    move |envelope| {
        let (parent, name) = path.rsplit_once('/').unwrap();
        let parent = envelope.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        parent.insert(name.to_owned(), value);
    }
}

fn without(name: &'static str) -> impl FnOnce(&mut Value) {
    move |envelope| {
        envelope.as_object_mut().unwrap().remove(name);
    }
}

fn unreadable_bodies() -> Vec<Case> {
    let mut truncated = register("truncated").body();
    truncated.pop();
    vec![
        Case::of_body("", "not_json", ""),
        Case::of_body("hello", "not_json", ""),
        Case::of_body(b"{\"id\":\"\xff\"}".to_vec(), "not_json", "UTF-8"),
        Case::of_body(truncated, "not_json", ""),
        Case::of_body("[]", "invalid_envelope", "object"),
        Case::spoilt("no-id", without("id"), "invalid_envelope", "id"),
        Case::spoilt("id-type", set("/id", json!(7)), "invalid_envelope", "id"),
        Case::spoilt(
            "version",
            set("/specversion", json!("0.3")),
            "invalid_envelope",
            "specversion",
        ),
        Case::spoilt("no-source", without("source"), "invalid_envelope", "source"),
        Case::spoilt("no-data", without("data"), "invalid_envelope", "data"),
        Case::spoilt(
            "no-such",
            set("/type", json!("booking.dance")),
            "unknown_type",
            "booking.dance",
        ),
        Case::spoilt("wrong-type", set("/data/client", json!(7)), "invalid_data", "data.client"),
        Case::spoilt("typo", set("/data/emial", json!("a@b.example")), "invalid_data", "emial"),
        Case::spoilt("zone", set("/data/timezone", json!("Rome")), "invalid_data", "data.timezone"),
        Case::spoilt("foreign", set("/tenant", json!("salon-due")), "foreign_tenant", "tenant"),
        Case::spoilt(
            "large",
            set("/data/name", json!("x".repeat(10 * 1024 * 1024))),
            "too_large",
            "1048576",
        ),
    ]
}

/// Well formed by the rules of AMQP or JSON, and made to do harm.
fn hostile() -> Vec<Case> {
    let long = AMQPValue::LongString("x".repeat(HEADERS_MAX_BYTES).into());
    let mut headers = FieldTable::default();
    headers.insert("x-long".into(), long);
    let deep = (0..1_000).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Case::of_body("[".repeat(100_000), "invalid_envelope", "object"),
        Case::of_body("{\"data\":".repeat(100_000), "not_json", ""),
        Case::spoilt("deep", set("/data/name", deep), "invalid_data", "data.name"),
        Case::of_body("headers", "not_json", "").with(properties().with_headers(headers)),
        Case::of_body("reply", "not_json", "")
            .with(properties().with_reply_to("amq.rabbitmq.reply-to.nobody".into())),
    ]
}

fn unwelcome_routes() -> Vec<Case> {
    let good = |id: &str| Case::of_body(register(id).body(), "not_allowed", "routing key");
    let copies = |header: &str, key: &str| {
        let (mut headers, key) = (FieldTable::default(), AMQPValue::LongString(key.into()));
        headers.insert(header.into(), AMQPValue::FieldArray(FieldArray::from(vec![key])));
        properties().with_headers(headers)
    };
    vec![
        good("upper").keyed("cmd.UPPER"),
        good("empty").keyed("cmd."),
        Case { detail: "CC", ..good("copied").with(copies("CC", "cmd.salon-due")) },
        // The broker takes BCC off, and what it routes by it keeps the message's own key.
        good("blind").keyed("elsewhere").with(copies("BCC", "cmd.salon-uno")),
    ]
}

/// Publishes each case with a good command right behind it, and waits until those are taken.
async fn publish_among_good_ones(world: &World, publisher: &mut Publisher, cases: &[Case]) {
    let named = properties().with_user_id("guest".into());
    let first = configure(TENANT);
    publisher.publish_raw(&first.routing_key(), &first.body(), named.clone()).await;
    for (number, case) in cases.iter().enumerate() {
        publisher.publish_raw(case.key, &case.body, case.properties.clone()).await;
        let good = register(&format!("good-{number}"));
        publisher.publish_raw(&good.routing_key(), &good.body(), named.clone()).await;
    }
    let wanted: BTreeSet<_> = (0..cases.len()).map(|number| format!("good-{number}")).collect();
    eventually("every good command is taken, and nothing else", DEADLINE, || async {
        let taken = accepted(world).await;
        assert!(taken.is_subset(&wanted), "{taken:?}");
        (taken == wanted).then_some(())
    })
    .await;
    world.vhost.wait_until_drained().await;
}

/// The ids of the commands in the inbox, but for the tenant's settings.
async fn accepted(world: &World) -> BTreeSet<String> {
    let sql = "SELECT command FROM inbox WHERE command <> 'configure'";
    let rows: Vec<(String,)> = store::rows(&world.store_path(), sql).await;
    rows.into_iter().map(|(id,)| id).collect()
}

/// Asserts that the queue of unreadable commands holds these, as they were and with the reason.
async fn assert_laid_aside(world: &World, cases: &[Case]) {
    let mut dead: BTreeMap<Vec<u8>, (String, String)> = BTreeMap::new();
    for found in take_dead_commands(&world.vhost.url()).await {
        let before = dead.insert(found.body, (found.reason, found.detail));
        assert_eq!(before, None, "laid aside twice");
    }
    for case in cases {
        let start = String::from_utf8_lossy(&case.body[..case.body.len().min(300)]).into_owned();
        let (reason, detail) = dead.remove(&case.body).unwrap_or_else(|| panic!("lost: {start}"));
        assert_eq!(reason, case.reason, "{detail}: {start}");
        assert!(detail.contains(case.detail), "{detail:?}, not {:?}: {start}", case.detail);
    }
    assert!(dead.is_empty(), "laid aside as well: {:?}", dead.values());
}

#[tokio::test]
async fn unreadable_commands_are_laid_aside_by_name() {
    let mut cases = unreadable_bodies();
    cases.extend(unwelcome_routes());
    cases.extend(hostile());
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    publish_among_good_ones(&world, &mut publisher, &cases).await;
    assert_laid_aside(&world, &cases).await;

    // Told where it is clear whose command it was.
    let expected: BTreeSet<_> = [
        ("version", "invalid_envelope"),
        ("no-source", "invalid_envelope"),
        ("no-data", "invalid_envelope"),
        ("no-such", "unknown_type"),
        ("wrong-type", "invalid_data"),
        ("typo", "invalid_data"),
        ("zone", "invalid_data"),
        ("deep", "invalid_data"),
    ]
    .map(|(id, reason)| (id.to_owned(), reason.to_owned()))
    .into();
    eventually("each is told", DEADLINE, || async {
        (rejected(&events.all()) == expected).then_some(())
    })
    .await;
    world.finish().await;
}

/// Cause and reason of each `command.rejected` of the tenant's.
fn rejected(events: &[Value]) -> BTreeSet<(String, String)> {
    let rejected = events.iter().filter(|event| event["type"] == "command.rejected");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rejected
        .inspect(|event| assert_eq!(event["tenant"], TENANT, "{event}"))
        .map(|event| (text(&event["causationid"]), text(&event["data"]["reason"])))
        .collect()
}

#[tokio::test]
async fn publishers_speak_for_their_own_tenants_only() {
    let by = |user: &str| properties().with_user_id(user.into());
    let world = World::start(Options {
        extra_config: "[amqp.publishers]\nguest = [\"salon-uno\"]\n".to_owned(),
        ..Options::default()
    })
    .await;
    let (stranger, url) = world.vhost.add_user("stranger").await;
    let mut strangers = Publisher::connect(&url).await;
    let by_stranger =
        Case::of_body(register("strange").body(), "not_allowed", "user").with(by(&stranger));
    let Case { key, body, properties, .. } = &by_stranger;
    strangers.publish_raw(key, body, properties.clone()).await;

    let mut foreign = register("foreign").envelope;
    foreign["tenant"] = json!("salon-due");
    let mut cases = vec![
        Case::of_body(foreign.to_string(), "not_allowed", "user")
            .keyed("cmd.salon-due")
            .with(by("guest")),
        Case::of_body(register("unnamed").body(), "not_allowed", "user_id"),
    ];
    publish_among_good_ones(&world, &mut world.publisher().await, &cases).await;
    cases.push(by_stranger);
    assert_laid_aside(&world, &cases).await;
    world.finish().await;
}

#[tokio::test]
async fn an_id_used_again_for_another_command_is_refused() {
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    let first = register("once");
    let [at_once, later] = ["at-once", "later"].map(|name| register(name).under_id(&first.id));
    // Right behind the first, and when that is long done.
    publisher.publish_all(&[configure(TENANT), first, at_once.clone()]).await;
    world.vhost.wait_until_drained().await;
    publisher.publish_all(&[later.clone(), register("good")]).await;
    world.vhost.wait_until_drained().await;

    let wanted = ["once", "good"].map(str::to_owned).into();
    assert_eq!(accepted(&world).await, wanted);
    let clients = "SELECT id FROM records WHERE kind = 'client' ORDER BY id";
    let clients: Vec<(String,)> = store::rows(&world.store_path(), clients).await;
    assert_eq!(clients, ["good", "once"].map(|id| (id.to_owned(),)));
    assert_laid_aside(
        &world,
        &[at_once, later].map(|command| Case::of_body(command.body(), "id_reused", "id")),
    )
    .await;
    eventually("both are told, under ids of their own", DEADLINE, || async {
        let told = events.all();
        let told = told.iter().filter(|event| event["causationid"] == "once");
        let ids: BTreeSet<_> = told.map(|event| event["id"].to_string()).collect();
        // One acceptance and two refusals.
        (ids.len() == 3 && events.of_type("command.rejected").len() == 2).then_some(())
    })
    .await;
    world.finish().await;
}

/// What the domain refuses was readable: it is answered and recorded, not laid aside.
#[tokio::test]
async fn refusals_and_repeats_are_answered() {
    let world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    let mut replies = Replies::subscribe(&world.vhost.url()).await;
    let booking = json!({
        "booking": "b1", "client": "ada", "by": "client",
        "starts_at": "2099-12-24T10:00:00+01:00",
    });
    let book = command(TENANT, "book", "booking.request", booking);
    let unknown = json!({ "booking": "b9", "by": "staff" });
    let steps = [
        (configure(TENANT), "accepted"),
        (register("ada"), "accepted"),
        (book.clone(), "accepted"),
        (book, "accepted"),
        (command(TENANT, "unknown", "booking.cancel", unknown.clone()), "unknown_booking"),
        (
            command(TENANT, "illegal", "booking.decline", json!({ "booking": "b1" })),
            "illegal_transition",
        ),
        (command("nobody", "nobody", "booking.cancel", unknown), "unknown_tenant"),
    ];
    for (number, (step, _)) in steps.iter().enumerate() {
        let properties = properties()
            .with_reply_to(replies.address().into())
            .with_correlation_id(format!("step-{number}").into());
        publisher.publish_raw(&step.routing_key(), &step.body(), properties).await;
    }
    for _ in &steps {
        let (correlation_id, reply) = replies.next().await;
        let number: usize = correlation_id.strip_prefix("step-").unwrap().parse().unwrap();
        let (step, result) = &steps[number];
        assert_eq!(reply["tenant"], step.tenant.as_str());
        assert_eq!(reply["causationid"], step.id.as_str());
        if *result == "accepted" {
            assert_eq!(reply["type"], "command.accepted", "{reply}");
        } else {
            assert_eq!(reply["type"], "command.rejected", "{reply}");
            assert_eq!(reply["data"]["reason"], *result, "{reply}");
        }
    }
    world.vhost.wait_until_drained().await;

    let refused: Vec<(String, String)> = store::rows(
        &world.store_path(),
        "SELECT command, rejection FROM inbox WHERE rejection IS NOT NULL ORDER BY command",
    )
    .await;
    // Of a tenant that there is not nothing is kept.
    let expected = [("illegal", "illegal_transition"), ("unknown", "unknown_booking")]
        .map(|(id, reason)| (id.to_owned(), reason.to_owned()));
    assert_eq!(refused, expected);
    let mut answers = Vec::from(expected);
    answers.insert(1, ("nobody".to_owned(), "unknown_tenant".to_owned()));
    eventually("each is told once", DEADLINE, || async {
        let told = events.of_type("command.rejected");
        let told = told.iter().map(|event| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&event["causationid"]), text(&event["data"]["reason"]))
        });
        let mut told: Vec<_> = told.collect();
        told.sort();
        // What is not kept is decided anew, and told again under the same id.
        told.dedup();
        let sent = events.of_type("message.sent").len();
        (told == answers && sent == 1 && events.of_type("command.accepted").len() == 3)
            .then_some(())
    })
    .await;
    assert_eq!(world.sink.count(), 1);
    assert!(take_dead_commands(&world.vhost.url()).await.is_empty());
    world.finish().await;
}

/// The reply waits until the command lies in the queue, however long that takes.
#[tokio::test]
async fn a_queue_of_unreadable_commands_that_was_deleted_is_made_again() {
    let world = World::start(Options::default()).await;
    let mut replies = Replies::subscribe(&world.vhost.url()).await;
    world.vhost.delete_queue(DEAD_COMMANDS).await;
    let to_us =
        properties().with_reply_to(replies.address().into()).with_correlation_id("typo".into());
    let case =
        Case::spoilt("typo", set("/data/emial", json!("a@b.example")), "invalid_data", "emial")
            .with(to_us);
    let mut publisher = world.publisher().await;
    publish_among_good_ones(&world, &mut publisher, std::slice::from_ref(&case)).await;
    let (correlation_id, reply) = replies.next().await;
    assert_eq!((correlation_id.as_str(), &reply["type"]), ("typo", &json!("command.rejected")));
    assert_eq!(reply["data"]["reason"], "invalid_data", "{reply}");
    assert_laid_aside(&world, &[case]).await;
    world.finish().await;
}
