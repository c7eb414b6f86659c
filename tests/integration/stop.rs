//! The daemon is told to go: in time, with nothing lost and nothing said twice.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream, UnixDatagram};

use crate::support::{
    Behaviour, Options, World,
    daemon::Launch,
    eventually, http,
    load::{Load, progress},
    ports::free_port,
    salon, store, studio, tamper,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";

/// An orderly stop; how long it took.
async fn stop(world: &mut World) -> Duration {
    let started = Instant::now();
    let status = world.stop_daemon().await;
    assert!(status.success(), "{status}");
    let log = world.log();
    let last = log.lines().rfind(|line| line.contains("stopped")).unwrap();
    assert!(last.contains("\"clean\":true"), "{last}");
    started.elapsed()
}

/// How many messages have this status.
async fn messages(world: &World, status: &str) -> usize {
    let rows: Vec<(String,)> =
        store::rows(&world.store_path(), "SELECT status FROM messages").await;
    rows.iter().filter(|(found,)| found == status).count()
}

#[tokio::test]
async fn a_stop_under_load_loses_nothing_and_says_nothing_twice() {
    const BOOKINGS: usize = 1_000;
    let load = Load::new(5, BOOKINGS);
    let commands = load.commands();
    let all = (commands.len() + BOOKINGS) as i64;
    let mut world = World::start(Options::default()).await;
    let mut publisher = world.publisher().await;
    let publishing = tokio::spawn(async move { publisher.publish_all(&commands).await });
    eventually("a third is done", DEADLINE, || async {
        (progress(&world).await >= all / 3).then_some(())
    })
    .await;

    stop(&mut world).await;
    assert!(progress(&world).await < all, "it was over before the stop");
    assert_eq!(messages(&world, "sending").await, 0);
    world.start_daemon().await;
    publishing.await.unwrap();
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "mails were sent twice");
    world.finish().await;
}

/// How often the session of [`studio`] was moved.
async fn moved(world: &World) -> usize {
    let sql = "SELECT count(*) FROM inbox WHERE command LIKE 'move-%'";
    store::number(&world.store_path(), sql).await as usize
}

/// What was not decided is left to the broker, which hands it out again in order.
#[tokio::test]
async fn a_stop_in_a_flood_of_slow_commands_is_clean_and_loses_none() {
    const SEATS: usize = 450;
    const MOVES: usize = 200;
    let mut world = World::start(Options {
        extra_config: "[shutdown]\ningress = \"PT1S\"\n[plans.mute]\nchannels = []\n\
                       custom_text = false\n"
            .to_owned(),
        ..Options::default()
    })
    .await;
    http::take(&world.http(), &studio::full(SALON, "mute", SEATS)).await;
    let mut publisher = world.publisher().await;
    let moves: Vec<_> = (0..MOVES).map(|number| studio::moved(SALON, number)).collect();
    publisher.publish_all(&moves).await;
    eventually("some have moved it", DEADLINE, || async {
        (moved(&world).await > 3).then_some(())
    })
    .await;

    stop(&mut world).await;
    assert!(moved(&world).await < MOVES, "it was over before the stop");
    world.start_daemon().await;
    eventually("each has moved it", 2 * DEADLINE, || async {
        (moved(&world).await == MOVES).then_some(())
    })
    .await;
    let refused = "SELECT count(*) FROM inbox WHERE rejection IS NOT NULL";
    assert_eq!(store::number(&world.store_path(), refused).await, 0);
    let events = http::events_of_type(&world.http(), "session.changed").await;
    let starts: Vec<&str> =
        events.iter().map(|event| event["data"]["starts_at"].as_str().unwrap()).collect();
    assert_eq!(starts.len(), MOVES + 1, "each once");
    let last = studio::moved(SALON, MOVES - 1).envelope["data"]["starts_at"].clone();
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(instant(starts[MOVES]), instant(last.as_str().unwrap()), "in order");
    world.finish().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_mail_that_has_not_begun() {
    const BOOKINGS: usize = 30;
    const CONNECTIONS: usize = 2;
    let slow = Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() };
    let mut world = World::start(Options {
        sink: slow,
        connections: Some(CONNECTIONS as u32),
        ..Options::default()
    })
    .await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    eventually("mails are under way", DEADLINE, || async {
        (world.sink.count() >= CONNECTIONS).then_some(())
    })
    .await;

    let took = stop(&mut world).await;
    assert!(took < Duration::from_secs(8), "all that was queued was sent first: {took:?}");
    let (sent, ready) = (messages(&world, "sent").await, messages(&world, "ready").await);
    assert_eq!(sent + ready, BOOKINGS, "{sent} sent, {ready} ready");
    assert_eq!(sent, world.sink.count());
    let tries = "SELECT sum(attempts + doubts) FROM messages WHERE status = 'ready'";
    assert_eq!(store::number(&world.store_path(), tries).await, 0);

    world.sink.behave(Behaviour::default());
    world.start_daemon().await;
    eventually("every mail", DEADLINE, || async {
        (messages(&world, "sent").await == BOOKINGS).then_some(())
    })
    .await;
    let mails = world.sink.by_recipient();
    assert_eq!(mails.len(), BOOKINGS);
    assert!(mails.values().all(|ids| ids.len() == 1), "{mails:?}");
    world.finish().await;
}

/// It takes connections and never greets.
#[tokio::test]
async fn a_stop_while_a_server_hangs_is_clean_and_leaves_no_doubt() {
    const BOOKINGS: usize = 3;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = World::start(Options {
        provider_url: Some(format!("smtp://{}", silent.local_addr().unwrap())),
        extra_config: "[shutdown]\ndispatch = \"PT0.5S\"\n".to_owned(),
        ..Options::default()
    })
    .await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    let _held = silent.accept().await.unwrap();

    let took = stop(&mut world).await;
    assert!(took < Duration::from_secs(8), "it waited for the server: {took:?}");
    assert_eq!(messages(&world, "ready").await, BOOKINGS);
    let tries = "SELECT sum(attempts + doubts) FROM messages";
    assert_eq!(store::number(&world.store_path(), tries).await, 0);
}

#[tokio::test]
async fn a_stop_without_the_broker_keeps_what_was_to_be_published() {
    let mut world = World::start(Options { own_broker: true, ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    world.broker.stop().await;
    http::take(&world.http(), &[salon::cancel(SALON, "b0")]).await;
    stop(&mut world).await;

    world.broker.start().await;
    let events = world.events().await;
    world.start_daemon().await;
    eventually("what happened meanwhile is published", DEADLINE, || async {
        let changed = events.of_type("booking.changed");
        changed.iter().any(|event| event["data"]["state"] == "cancelled").then_some(())
    })
    .await;
    world.finish().await;
}

/// Halves of requests are dropped, and keep nobody waiting.
#[tokio::test]
async fn a_stop_does_not_wait_for_slow_clients() {
    let mut world = World::start(Options::default()).await;
    let address = world.http().replace("http://", "");
    let head = "POST /v1/commands HTTP/1.1\r\nHost: bellhop\r\nContent-Length: 100\r\n\
                Content-Type: application/cloudevents+json\r\n\r\n{";
    let mut slow = Vec::new();
    for words in ["", "GET /healthz HT", head] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    let took = stop(&mut world).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop(slow);
    world.start_daemon().await;
    world.finish().await;
}

#[tokio::test]
async fn a_second_daemon_on_the_same_store_does_not_start() {
    let world = World::start(Options::default()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let http_port = free_port();
    let mut environment = world.launch.environment.clone();
    environment.push(("BELLHOP__HTTP__LISTEN".to_owned(), format!("127.0.0.1:{http_port}")));
    let dir = elsewhere.path().to_owned();
    let rival = Launch { dir, http_port, environment, ..world.launch.clone() };
    let mut rival = rival.spawn();
    let status = rival.wait(DEADLINE).await;
    assert_eq!(status.code(), Some(1));
    let log = rival.log();
    let path = world.store_path();
    assert!(log.contains(&path.display().to_string()) && log.contains("another bellhop"), "{log}");

    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    world.finish().await;
}

/// Whoever puts a backup back under a running daemon would have two on the same contents.
#[tokio::test]
async fn a_daemon_whose_store_is_replaced_ends_and_touches_nothing_more() {
    for moved in [true, false] {
        let mut world = World::start(Options::default()).await;
        http::take(&world.http(), &salon::busy(SALON, 1)).await;
        let path = world.store_path();
        let other = path.with_extension("other");
        if moved {
            std::fs::rename(&path, &other).unwrap();
        } else {
            std::fs::copy(&path, &other).unwrap();
            std::fs::rename(&other, &path).unwrap();
        }
        let status = world.daemon().wait(DEADLINE).await;
        assert_eq!(status.code(), Some(1));
        let said = format!("{} was moved, removed or replaced", path.display());
        assert!(world.log().contains(&said), "{}", world.log());
        let log = path.with_extension("db-wal");
        assert!(log.exists(), "it is the other one's by now");
    }
}

#[tokio::test]
async fn systemd_is_told_how_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("notify");
    let said = listen(&socket);
    let count = |state: &str| said.lock().unwrap().iter().filter(|line| *line == state).count();
    let mut world = World::start(Options {
        environment: vec![
            ("NOTIFY_SOCKET", socket.display().to_string()),
            ("WATCHDOG_USEC", "400000".to_owned()),
        ],
        ..Options::default()
    })
    .await;
    eventually("READY=1, and signs of life", DEADLINE, || async {
        (count("READY=1") == 1 && count("WATCHDOG=1") >= 3).then_some(())
    })
    .await;
    assert_eq!(count("STOPPING=1"), 0);
    let status = world.stop_daemon().await;
    assert!(status.success(), "{status}");
    eventually("STOPPING=1", DEADLINE, || async { (count("STOPPING=1") == 1).then_some(()) }).await;
}

/// The watchdog and `/readyz` rest on progress: nothing fails here, and nothing comes of it.
#[tokio::test]
async fn a_store_that_does_not_answer_is_told_of_and_does_not_keep_a_stop_from_its_end() {
    /// Of some fifty, if a timer were all that they tell of.
    const BEATS_MAX: usize = 5;
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("notify");
    let said = listen(&socket);
    let beats = || said.lock().unwrap().iter().filter(|line| *line == "WATCHDOG=1").count();
    let mut world = World::start(Options {
        environment: vec![
            ("NOTIFY_SOCKET", socket.display().to_string()),
            ("WATCHDOG_USEC", "400000".to_owned()),
        ],
        extra_config: "[shutdown]\ningress = \"PT1S\"\ntenants = \"PT1S\"\n\
                       dispatch = \"PT1S\"\nbroker = \"PT1S\"\n"
            .to_owned(),
        ..Options::default()
    })
    .await;
    let base = world.http();
    http::take(&base, &[salon::open(SALON)]).await;
    let digits = "json_each('[1,2,3,4,5,6,7,8,9,0]')";
    let endless = [digits; 16].join(", ");
    let hangs = format!(
        "CREATE TRIGGER hangs BEFORE INSERT ON inbox WHEN NEW.command = 'hangs' \
         BEGIN SELECT count(*) FROM {endless}; END"
    );
    tamper::execute(&world.store_path(), &hangs).await;

    let before = beats();
    world.publisher().await.publish(&salon::client(SALON, "c1").under_id("hangs")).await;
    let store = eventually("it is told", DEADLINE, || async {
        let (_, body) = http::read(&format!("{base}/readyz")).await;
        let store = body["checks"].as_array()?.iter().find(|check| check["name"] == "store")?;
        (store["ok"] == false).then(|| store.clone())
    })
    .await;
    assert!(store["hint"].as_str().unwrap().contains("does not answer"), "{store}");
    let beats = beats() - before;
    assert!(beats <= BEATS_MAX, "{beats} signs of life to the watchdog");
    eventually("the log says so, too", DEADLINE, || async {
        world.log().contains("the store does not answer").then_some(())
    })
    .await;

    let status = world.stop_daemon().await;
    assert_eq!(status.code(), Some(1), "cut short, and in time");
}

/// What is said to a socket of sd_notify(3), line by line.
fn listen(path: &Path) -> Arc<Mutex<Vec<String>>> {
    let socket = UnixDatagram::bind(path).unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length) = socket.recv(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            heard.lock().unwrap().extend(text.lines().map(str::to_owned));
        }
    });
    said
}
