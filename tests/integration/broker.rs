//! The broker goes away, for a while or for a moment, and comes back.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use crate::support::{
    Options, Publisher, World,
    events::take_dead_commands,
    eventually, http,
    load::Load,
    publish::{self, properties},
};

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_broker_that_stops_or_dies_under_load_loses_nothing() {
    let load = Load::new(4, 500);
    let mut world = World::start(Options { own_broker: true, ..Options::default() }).await;
    let publishing = Publishing::start(world.publisher().await, load.commands());

    publishing.reach(200).await;
    world.broker.stop().await;
    wait_until_unready(&world).await;
    world.broker.start().await;
    world.daemon().wait_ready(DEADLINE).await;

    publishing.reach(500).await;
    world.broker.kill().await;
    wait_until_unready(&world).await;
    world.broker.start().await;
    world.daemon().wait_ready(DEADLINE).await;

    publishing.finish().await;
    finish_without_duplicates(world, &load).await;
}

#[tokio::test]
async fn connections_cut_under_load_are_made_again() {
    const CUTS: usize = 3;
    let load = Load::new(4, 300);
    let world = World::start(Options::default()).await;
    let publishing = Publishing::start(world.publisher().await, load.commands());
    for cut in 1..=CUTS {
        publishing.reach(cut * 100).await;
        let before = times_consuming(&world);
        world.vhost.close_connections().await;
        eventually("commands are consumed again", DEADLINE, || async {
            (times_consuming(&world) > before).then_some(())
        })
        .await;
    }
    publishing.finish().await;
    finish_without_duplicates(world, &load).await;
}

#[tokio::test]
async fn a_broker_absent_at_the_start_is_waited_for() {
    let load = Load::new(2, 20);
    let commands = load.commands();
    let (by_http, by_amqp) = commands.split_at(commands.len() / 2);
    let options = Options { own_broker: true, without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    world.broker.stop().await;
    world.spawn_daemon();

    wait_until_unready(&world).await;
    http::take(&world.http(), by_http).await;
    eventually("mails leave", DEADLINE, || async { (world.sink.count() > 0).then_some(()) }).await;

    world.broker.start().await;
    world.daemon().wait_ready(DEADLINE).await;
    let queues: Vec<_> = world.vhost.queues().await.into_iter().map(|queue| queue.name).collect();
    for queue in ["bellhop.p.00", "bellhop.commands.dead"] {
        assert!(queues.iter().any(|name| name == queue), "{queue} is missing: {queues:?}");
    }
    eventually("it is told to be back", DEADLINE, || async {
        world.log().contains("the broker is back").then_some(())
    })
    .await;
    // Once for all connections, however often they were tried.
    assert_eq!(world.log().matches("the broker cannot be used").count(), 1);
    world.publisher().await.publish_all(by_amqp).await;
    finish_without_duplicates(world, &load).await;
}

/// Of a cluster one node may be gone for good.
#[tokio::test]
async fn another_node_is_asked_where_one_does_not_answer() {
    let load = Load::new(2, 20);
    let options = Options { without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    let url = world.vhost.url();
    let (_, behind) = url.rsplit_once('@').unwrap();
    let (node, path) = behind.split_once('/').unwrap();
    world.launch.environment.extend([
        ("BELLHOP__AMQP__URL".to_owned(), format!("amqp://guest:guest@127.0.0.1:1/{path}")),
        ("BELLHOP__AMQP__HOSTS".to_owned(), format!("[\"{node}\"]")),
    ]);
    world.start_daemon().await;
    assert!(world.log().contains("the broker cannot be used"), "{}", world.log());
    world.publisher().await.publish_all(&load.commands()).await;
    finish_without_duplicates(world, &load).await;
}

/// Whoever publishes is held up by such an alarm; acknowledgements are not.
#[tokio::test]
async fn an_alarm_of_the_broker_holds_up_no_acknowledgements() {
    let alarm = "{resource_limit, memory, node()}";
    let mut world = World::start(Options { own_broker: true, ..Options::default() }).await;
    assert!(world.stop_daemon().await.success());
    let mut publisher = world.publisher().await;
    publisher.publish_raw("cmd.salon-uno", b"no command", properties()).await;
    let load = Load::new(2, 50);
    publisher.publish_all(&load.commands()).await;
    world.broker.eval(format!("rabbit_alarm:set_alarm({{{alarm}, []}})")).await;

    world.spawn_daemon();
    eventually("all but what cannot be published is acknowledged", DEADLINE, || async {
        let queues = world.vhost.queues().await;
        let commands = queues.iter().find(|queue| queue.name == "bellhop.p.00")?;
        (commands.ready == 0 && commands.unacked == 1).then_some(())
    })
    .await;
    wait_until_unready(&world).await;
    assert!(world.log().contains("the broker takes nothing"), "{}", world.log());
    load.wait_until_sent(&world).await;

    world.broker.eval(format!("rabbit_alarm:clear_alarm({alarm})")).await;
    world.daemon().wait_ready(DEADLINE).await;
    world.vhost.wait_until_drained().await;
    assert_eq!(take_dead_commands(&world.vhost.url()).await.len(), 1);
    world.finish().await;
}

/// Nothing is cut off: what was not published is kept, and laid aside once.
#[tokio::test]
async fn a_stop_under_an_alarm_is_quick_and_clean() {
    let alarm = "{resource_limit, memory, node()}";
    let mut world = World::start(Options { own_broker: true, ..Options::default() }).await;
    assert!(world.stop_daemon().await.success());
    world.publisher().await.publish_raw("cmd.salon-uno", b"no command", properties()).await;
    world.broker.eval(format!("rabbit_alarm:set_alarm({{{alarm}, []}})")).await;
    world.spawn_daemon();
    eventually("it waits to be laid aside", DEADLINE, || async {
        let queues = world.vhost.queues().await;
        let commands = queues.iter().find(|queue| queue.name == "bellhop.p.00")?;
        (commands.unacked == 1 && world.log().contains("the broker takes nothing")).then_some(())
    })
    .await;
    let load = Load::new(1, 5);
    http::take(&world.http(), &load.commands()).await;
    wait_until_unready(&world).await;
    load.wait_until_sent(&world).await;
    assert_eq!(world.log().matches("the broker takes nothing: an alarm").count(), 1);

    assert!(world.stop_daemon().await.success(), "{}", world.log());
    assert!(world.log().contains("\"clean\":true"), "{}", world.log());
    assert!(!world.log().contains("not done in time"), "{}", world.log());
    world.spawn_daemon();
    world.broker.eval(format!("rabbit_alarm:clear_alarm({alarm})")).await;
    world.daemon().wait_ready(DEADLINE).await;
    world.vhost.wait_until_drained().await;
    assert_eq!(take_dead_commands(&world.vhost.url()).await.len(), 1);
    world.finish().await;
}

/// Bodies are bounded in bytes: what waits is not read, and the connection lives all the while.
#[tokio::test]
async fn large_commands_wait_their_turn_and_cost_no_connection() {
    const LARGE: usize = 6;
    let settings = [("PREFETCH_BYTES", "1048576"), ("HEARTBEAT", "PT1S")]
        .map(|(key, value)| (format!("BELLHOP__AMQP__{key}"), value.to_owned()));
    let options = Options { own_broker: true, without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    world.launch.environment.extend(settings);
    world.start_daemon().await;
    assert!(world.stop_daemon().await.success());
    let load = Load::new(1, 5);
    let mut publisher = world.publisher().await;
    for _ in 0..LARGE {
        publisher.publish_raw("cmd.salon-uno", &[b'['; 2 << 20], properties()).await;
    }
    publisher.publish_all(&load.commands()).await;
    let alarm = "{resource_limit, memory, node()}";
    world.broker.eval(format!("rabbit_alarm:set_alarm({{{alarm}, []}})")).await;

    world.spawn_daemon();
    let started = Instant::now();
    eventually("several heartbeats have passed", DEADLINE, || async {
        let log = world.log();
        assert!(!log.contains("the broker cannot be used"), "{log}");
        let is_held_up = log.contains("the broker takes nothing");
        (is_held_up && started.elapsed() > Duration::from_secs(8)).then_some(())
    })
    .await;
    world.broker.eval(format!("rabbit_alarm:clear_alarm({alarm})")).await;
    load.wait_until_sent(&world).await;
    world.vhost.wait_until_drained().await;
    assert_eq!(take_dead_commands(&world.vhost.url()).await.len(), LARGE);
    assert!(!world.log().contains("the broker cannot be used"), "{}", world.log());
    world.finish().await;
}

/// The client library must not break for good where no descriptor is left for it.
#[tokio::test]
async fn a_broker_lost_while_out_of_descriptors_is_found_again() {
    let debug = ("RUST_LOG", "info,bellhop::broker=debug".to_owned());
    let world = World::start(Options { environment: vec![debug], ..Options::default() }).await;
    let limit = |descriptors: &str| {
        let process = format!("--pid={}", world.pid());
        let limit = format!("--nofile={descriptors}:");
        assert!(Command::new("prlimit").args([process, limit]).status().unwrap().success());
    };
    // As many as it has, and none more.
    limit("3");
    world.vhost.close_connections().await;
    eventually("the broker cannot be reached", DEADLINE, || async {
        world.log().contains("Too many open files").then_some(())
    })
    .await;
    limit("1024");
    let found = || world.log().matches("commands are being consumed").count() == 2;
    eventually("the broker is found again", DEADLINE, || async { found().then_some(()) }).await;
    world.vhost.close_connections().await;
    let again = || world.log().matches("commands are being consumed").count() == 3;
    eventually("and again", DEADLINE, || async { again().then_some(()) }).await;
    world.finish().await;
}

/// Commands published one after the other, round and round, so that every fault finds a load.
/// A command that comes again changes nothing.
struct Publishing {
    confirmed: Arc<AtomicUsize>,
    enough: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Publishing {
    fn start(mut publisher: Publisher, commands: Vec<publish::Command>) -> Self {
        let confirmed = publisher.confirmed();
        let enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&enough);
        let task = tokio::spawn(async move {
            let mut rounds = 0;
            while rounds == 0 || !told.load(Ordering::Relaxed) {
                for command in &commands {
                    publisher.publish(command).await;
                }
                rounds += 1;
            }
        });
        Self { confirmed, enough, task }
    }

    /// Waits until so many commands are confirmed.
    async fn reach(&self, confirmed: usize) {
        eventually("commands are confirmed", DEADLINE, || async {
            (self.confirmed.load(Ordering::Relaxed) >= confirmed).then_some(())
        })
        .await;
    }

    /// Waits until every command is confirmed.
    async fn finish(self) {
        self.enough.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
    }
}

/// Waits until the daemon says that it lacks the broker, and only that; it is alive all the while.
async fn wait_until_unready(world: &World) {
    let base = world.http();
    let body = eventually("the daemon misses its broker", DEADLINE, || async {
        let (status, body) = http::get(&format!("{base}/readyz")).await?;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        // Both connections notice, each by itself.
        let checks = body["checks"].as_array().unwrap();
        let failed: Vec<_> = checks.iter().filter(|check| check["ok"] == false).collect();
        (status == 503 && failed.len() == 2).then(|| body.clone())
    })
    .await;
    for check in body["checks"].as_array().unwrap() {
        let is_broker = check["name"].as_str().unwrap().starts_with("broker_");
        assert_eq!(check["ok"], !is_broker, "{check}");
    }
    assert_eq!(http::get(&format!("{base}/healthz")).await.unwrap().0, 200);
}

/// The daemon never died, so nothing may be sent twice.
async fn finish_without_duplicates(world: World, load: &Load) {
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "mails were sent twice");
    world.vhost.wait_until_drained().await;
    world.finish().await;
}

/// How often, by its log, the daemon began to consume commands.
fn times_consuming(world: &World) -> usize {
    world.log().matches("commands are being consumed").count()
}
