//! Commands whose properties no client library can read: one publisher must not be able to stop
//! everybody.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use crate::support::{
    Command, Options, World, command,
    events::{DeadCommand, take_dead_commands},
    eventually,
    load::configure,
    raw_publish::{RawPublisher, headers, nested_lists, nested_tables, property, short},
    store, tamper,
};

const DEADLINE: Duration = Duration::from_secs(60);
/// Most that fit into a frame of 128 KiB.
const TABLES_MAX: usize = 21_000;
const LISTS_MAX: usize = 25_000;
/// One more than is read, in headers that are a table themselves.
const DEPTH_MAX: usize = 16;

/// What is wrong with a message, and a part of what is said about it.
struct Poison {
    name: String,
    key: &'static [u8],
    properties: Vec<u8>,
    detail: &'static str,
}

impl Poison {
    fn of(name: impl Into<String>, properties: Vec<u8>, detail: &'static str) -> Self {
        Self { name: name.into(), key: b"cmd.salon-uno", properties, detail }
    }
}

fn poisons() -> Vec<Poison> {
    let mut poisons: Vec<Poison> = [DEPTH_MAX, 1_000, 1_400, 5_000, TABLES_MAX]
        .iter()
        .map(|&depth| {
            let properties = headers(&nested_tables(depth));
            Poison::of(format!("{depth} tables"), properties, "nested")
        })
        .collect();
    poisons.push(Poison::of("lists", headers(&nested_lists(LISTS_MAX)), "nested"));
    let short_strings = [
        (0, "content type"),
        (1, "content encoding"),
        (5, "correlation id"),
        (6, "reply to"),
        (8, "message id"),
        (10, "type"),
        (12, "app id"),
        (13, "cluster id"),
    ];
    for (place, name) in short_strings {
        let properties = property(place, &short(b"caf\xe9 \xff"));
        poisons.push(Poison::of(name, properties, "UTF-8"));
    }
    let name_of_a_header = headers(b"\x02h\xffV");
    poisons.push(Poison::of("header", name_of_a_header, "UTF-8"));
    let nested_name = headers(b"\x01hF\x00\x00\x00\x03\x01\xffV");
    poisons.push(Poison::of("nested header", nested_name, "UTF-8"));
    let key = b"cmd.salon-\xff";
    poisons.push(Poison { key, ..Poison::of("routing key", vec![0, 0], "UTF-8") });
    poisons
}

fn register(tenant: &str, id: &str) -> Command {
    let data = json!({ "client": id, "name": "Ada", "email": format!("{id}@example.com") });
    command(tenant, id, "client.register", data)
}

/// The ids of a tenant's commands in the order in which they were taken.
async fn taken(world: &World, tenant: &str) -> Vec<String> {
    let sql = "SELECT tenant, cause FROM events \
               WHERE type = 'command.accepted' AND cause <> 'configure' ORDER BY seq";
    let rows: Vec<(String, String)> = store::rows(&world.store_path(), sql).await;
    rows.into_iter().filter(|row| row.0 == tenant).map(|row| row.1).collect()
}

#[tokio::test]
async fn a_message_that_cannot_be_read_stops_nobody() {
    let mut world = World::start(Options::default()).await;
    let poisons = poisons();
    let tenants = ["salon-uno", "salon-due"];
    world.publisher().await.publish_all(&tenants.map(configure)).await;
    let url = world.vhost.url();
    let wanted: Vec<String> = (0..=poisons.len()).map(|n| format!("good-{n}")).collect();
    let sent = poisons.iter().map(|p| (p.name.clone(), p.key, p.properties.clone()));
    let sent: Vec<_> = sent.collect();
    let between = wanted.clone();
    tokio::task::spawn_blocking(move || {
        let mut publisher = RawPublisher::connect(&url);
        for id in &between {
            for tenant in tenants {
                let command = register(tenant, id);
                publisher.publish(command.routing_key().as_bytes(), &[0, 0], &command.body());
            }
            let number: usize = id.strip_prefix("good-").unwrap().parse().unwrap();
            if let Some((name, key, properties)) = sent.get(number) {
                publisher.publish(key, properties, name.as_bytes());
            }
        }
    })
    .await
    .unwrap();

    for tenant in tenants {
        eventually("every good command is taken", DEADLINE, || async {
            (taken(&world, tenant).await.len() == wanted.len()).then_some(())
        })
        .await;
        assert_eq!(taken(&world, tenant).await, wanted, "in their order");
    }
    world.vhost.wait_until_drained().await;
    assert_each_is_laid_aside(&poisons, take_dead_commands(&world.vhost.url()).await);
    let counted = world.daemon().metric("bellhop_commands_total").await;
    let counted = counted.iter().filter(|(labels, _)| labels.contains("invalid_properties"));
    assert_eq!(counted.map(|(_, count)| count).sum::<f64>(), poisons.len() as f64);
    // Not once did a connection break.
    assert_eq!(world.log().matches("commands are being consumed").count(), 1);
    assert!(!world.log().contains("the broker cannot be used"), "{}", world.log());
    world.finish().await;
}

fn assert_each_is_laid_aside(poisons: &[Poison], dead: Vec<DeadCommand>) {
    let mut names: BTreeSet<&str> = poisons.iter().map(|poison| poison.name.as_str()).collect();
    for found in &dead {
        let name = std::str::from_utf8(&found.body).unwrap();
        assert!(names.remove(name), "{name} twice, or unasked");
        let poison = poisons.iter().find(|poison| poison.name == name).unwrap();
        assert_eq!(found.reason, "invalid_properties", "{name}");
        assert!(found.detail.contains(poison.detail), "{name}: {}", found.detail);
    }
    assert!(names.is_empty(), "lost: {names:?}");
}

/// Whatever else the daemon may die of: its neighbours pass, and in the end it is laid aside.
#[tokio::test]
async fn what_the_daemon_dies_of_each_time_is_laid_aside() {
    const LIVES_MAX: usize = 30;
    /// Nothing else is written for so long.
    const STUCK: Duration = Duration::from_secs(1);
    let mut world = World::start(Options::default()).await;
    let mut publisher = world.publisher().await;
    publisher.publish(&configure("salon-uno")).await;
    world.vhost.wait_until_drained().await;
    // Writing it takes longer than anybody lives.
    let digits = "json_each('[1,2,3,4,5,6,7,8,9,0]')";
    let endless = [digits; 16].join(", ");
    let hang = format!(
        "CREATE TRIGGER deadly BEFORE INSERT ON inbox WHEN NEW.command = 'deadly' \
         BEGIN SELECT count(*) FROM {endless}; END"
    );
    tamper::execute(&world.store_path(), &hang).await;
    let commands = ["before", "deadly", "behind"].map(|id| register("salon-uno", id));
    publisher.publish_all(&commands).await;

    // At first it is one of many; then it is alone, and each time that is written down.
    for life in 0.. {
        assert!(life < LIVES_MAX, "it was never laid aside: {}", world.log());
        let is_over = eventually("it is tried, or laid aside", DEADLINE, || async {
            let is_taken = taken(&world, "salon-uno").await.contains(&"behind".to_owned());
            let hangs = !is_taken && tamper::is_written(&world.store_path(), STUCK).await;
            (is_taken || hangs).then_some(is_taken)
        })
        .await;
        if is_over {
            break;
        }
        world.crash_daemon();
    }
    assert!(world.log().contains("what came back is tried apart"), "{}", world.log());
    world.vhost.wait_until_drained().await;
    assert_eq!(taken(&world, "salon-uno").await, ["before", "behind"]);
    let dead = take_dead_commands(&world.vhost.url()).await;
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].reason.as_str(), &dead[0].body), ("deadly", &commands[1].body()));
    world.finish().await;
}

/// A delivery that comes again has a header more: what just fitted a frame does not any longer.
#[tokio::test]
async fn properties_that_outgrow_the_frame_are_laid_aside() {
    let options = Options { without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    world.start_daemon().await;
    world.publisher().await.publish(&configure("salon-uno")).await;
    world.vhost.wait_until_drained().await;
    // While the daemon stands still its connection is cut under what it was handed.
    world.daemon().signal("STOP");
    let url = world.vhost.url();
    let good = register("salon-uno", "good");
    let (key, body) = (good.routing_key(), good.body());
    tokio::task::spawn_blocking(move || {
        let full = [&b"\x01hS"[..], &131_030_u32.to_be_bytes(), &[b'x'; 131_030]].concat();
        let mut publisher = RawPublisher::connect(&url);
        publisher.publish(b"cmd.salon-uno", &headers(&full), b"full");
        publisher.publish(key.as_bytes(), &[0, 0], &body);
    })
    .await
    .unwrap();
    eventually("both are handed out", DEADLINE, || async {
        let queues = world.vhost.queues().await;
        queues.iter().any(|queue| queue.unacked == 2).then_some(())
    })
    .await;
    world.vhost.close_connections().await;
    world.daemon().signal("CONT");
    world.vhost.wait_until_drained().await;
    assert_eq!(taken(&world, "salon-uno").await, ["good"]);
    let dead = take_dead_commands(&world.vhost.url()).await;
    assert_eq!(dead.len(), 1);
    let DeadCommand { reason, detail, body, .. } = &dead[0];
    // Unless its first delivery was read before the cut: then it is no command.
    assert!(
        (reason == "invalid_properties" && detail.contains("frame")) || reason == "not_json",
        "{reason}: {detail}"
    );
    assert_eq!(body, b"full");
    world.finish().await;
}
