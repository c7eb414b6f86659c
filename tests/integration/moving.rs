//! A store goes from one node to a cluster.

use std::{
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{
    self, Behaviour, Options, World, command, database::Database, eventually, http, salon,
};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";
const STUDIO: &str = "studio-due";
const BOOKINGS: [&str; 3] = ["b-told", "b-waits", "b-gone"];

fn bellhop(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.args(args);
    command
}

fn source(world: &World) -> String {
    format!("sqlite://{}", world.store_path().display())
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said)).concat()
}

/// Copies, or compares.
fn copy(world: &World, target: &str, more: &[&str]) -> (bool, String) {
    let source = source(world);
    let args = [&["store", "copy", &source, target], more].concat();
    let output = bellhop(&args).output().unwrap();
    (output.status.success(), said(&output))
}

/// The story of a booking, as the store behind this URL has it.
fn explain(world: &World, tenant: &str, booking: &str, store: &str) -> String {
    let output = bellhop(&["explain", "--tenant", tenant, "--booking", booking, "--config"])
        .arg(world.config_path())
        .env("BELLHOP__STORE__URL", store)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A salon that reminds of bookings, with a client who was told, one whose mail is not taken yet,
/// and one who is erased.
fn salon_commands() -> [Vec<support::Command>; 2] {
    let mut settings = salon::settings();
    settings["reminders"] = json!(["P1D"]);
    let booked = |name: &str| {
        let booking = salon::booking(SALON, &format!("b-{name}"), name, salon::START);
        [salon::client(SALON, name), booking]
    };
    let open = command(SALON, "open", "tenant.configure", settings);
    let erase = command(SALON, "erase", "client.erase", json!({ "client": "gone" }));
    let told = [vec![open], booked("told").to_vec(), booked("gone").to_vec(), vec![erase]];
    [told.concat(), booked("waits").to_vec()]
}

/// A studio with one seat that `c1` has given back, so that it is offered to `c2`.
fn studio_commands() -> Vec<support::Command> {
    let settings = json!({
        "name": "Studio", "profile": "classes", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
        "require_verified_email": false, "offer_window": "PT30M", "offer_min": "PT1S",
    });
    let session = json!({
        "session": "yoga", "activity": "Yoga", "starts_at": salon::START, "ends_at": salon::END,
        "capacity": 1,
    });
    let seat = |booking: &str, client: &str| {
        let data = json!({
            "booking": booking, "client": client, "by": "client", "session": "yoga",
            "join_queue": true,
        });
        command(STUDIO, &format!("request-{booking}"), "booking.request", data)
    };
    vec![
        command(STUDIO, "open", "tenant.configure", settings),
        salon::client(STUDIO, "c1"),
        salon::client(STUDIO, "c2"),
        command(STUDIO, "schedule", "session.schedule", session),
        seat("b1", "c1"),
        seat("b2", "c2"),
        salon::cancel(STUDIO, "b1"),
    ]
}

const WAITING: &str = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";

async fn nothing_waits(world: &World) {
    eventually("all is sent", DEADLINE, || async {
        (world.number(WAITING).await == 0).then_some(())
    })
    .await;
}

/// Until nothing waits but what the sink refuses.
async fn all_but_one_sent(world: &World) {
    let refused = "SELECT count(*) FROM messages WHERE status = 'ready' AND attempts > 0";
    eventually("one message waits", DEADLINE, || async {
        (world.number(WAITING).await == 1 && world.number(refused).await == 1).then_some(())
    })
    .await;
}

/// A daemon took bookings on a file, and was stopped.
async fn stopped_salon() -> World {
    let pauses = ["PT3S"; 50];
    let extra_config = format!("[retry]\nemail = {pauses:?}\n");
    let mut world = World::start(Options { extra_config, ..Options::default() }).await;
    let [told, waits] = salon_commands();
    http::take(&world.http(), &told).await;
    http::take(&world.http(), &studio_commands()).await;
    nothing_waits(&world).await;
    world.sink.behave(Behaviour { refuse_451_percent: 100, ..Behaviour::default() });
    http::take(&world.http(), &waits).await;
    all_but_one_sent(&world).await;
    assert!(world.stop_daemon().await.success());
    world
}

fn mails_to(world: &World, client: &str) -> usize {
    let address = salon::address(SALON, client);
    world.sink.accepted().iter().filter(|mail| mail.recipient == address).count()
}

/// The place of each event and its id, one behind the other.
fn in_sequence(events: &[Value]) -> Vec<(u64, String)> {
    let place = |event: &Value| event["sequence"].as_str().unwrap().parse().unwrap();
    let places: Vec<u64> = events.iter().map(place).collect();
    let expected: Vec<u64> = (1..=places.len() as u64).collect();
    assert_eq!(places, expected);
    let ids = events.iter().map(|event| event["id"].as_str().unwrap().to_owned());
    places.into_iter().zip(ids).collect()
}

#[tokio::test]
async fn a_business_moves_to_a_cluster_and_goes_on() {
    let mut world = stopped_salon().await;
    let database = Database::create().await;
    let stories = |store: &str| BOOKINGS.map(|of| explain(&world, SALON, of, store));
    let before = stories(&source(&world));
    assert!(before[0].contains("booking.reminder"), "{}", before[0]);
    let (ok, told) = copy(&world, &database.url, &[]);
    assert!(ok && told.contains("each read back and the same in both"), "{told}");
    assert_eq!(stories(&database.url), before);
    let (ok, told) = copy(&world, &database.url, &["--check-only"]);
    assert!(ok && told.contains("the target holds the same"), "{told}");
    world.move_to(database);
    world.start_daemon().await;
    let base = world.http();
    let old = in_sequence(&http::events(&base).await);
    // Whatever was taken takes effect once.
    let [told, waits] = salon_commands();
    for again in [told, waits, studio_commands()] {
        http::take(&base, &again).await;
    }
    assert_eq!(in_sequence(&http::events(&base).await), old);
    assert_eq!(mails_to(&world, "waits"), 0);
    world.sink.behave(Behaviour::default());
    eventually("what waited is sent", DEADLINE, || async {
        (mails_to(&world, "waits") == 1).then_some(())
    })
    .await;
    let accept = command(STUDIO, "accept", "queue.accept", json!({ "entry": "b2" }));
    http::take(&base, &[accept]).await;
    nothing_waits(&world).await;
    assert_eq!(["waits", "told"].map(|of| mails_to(&world, of)), [1, 1]);
    let events = http::events(&base).await;
    let accepted =
        |event: &Value| event["data"]["entry"] == "b2" && event["data"]["state"] == "accepted";
    assert!(events.iter().any(accepted), "the offer stood");
    let new = in_sequence(&events);
    assert!(new.starts_with(&old) && new.len() > old.len());
    world.finish().await;
}

/// The copy, once it waits for a table that the test holds.
async fn stands(copying: &mut Child, watcher: &mut PgConnection) {
    let deadline = std::time::Instant::now() + DEADLINE;
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database \
         WHERE NOT granted AND datname = current_database()";
    loop {
        let waits: i64 = sqlx::query_scalar(waiting).fetch_one(&mut *watcher).await.unwrap();
        if waits > 0 {
            return;
        }
        assert!(copying.try_wait().unwrap().is_none(), "the copy ended");
        assert!(std::time::Instant::now() < deadline, "the copy does not come so far");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_copy_that_was_killed_goes_on_and_no_daemon_starts_meanwhile() {
    let mut world = stopped_salon().await;
    let database = Database::create().await;
    let migrate = bellhop(&["migrate", "--config"])
        .arg(world.config_path())
        .env("BELLHOP__STORE__URL", &database.url)
        .output()
        .unwrap();
    assert!(migrate.status.success(), "{}", said(&migrate));
    let (mut holder, mut watcher) = (database.connect().await, database.connect().await);
    holder.execute("BEGIN; LOCK TABLE messages IN EXCLUSIVE MODE").await.unwrap();
    let copying = bellhop(&["store", "copy", &source(&world), &database.url]);
    let mut copying = { copying }.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    stands(&mut copying, &mut watcher).await;
    copying.kill().unwrap();
    copying.wait().unwrap();
    holder.execute("ROLLBACK").await.unwrap();
    let daemon = bellhop(&["run", "--config"])
        .arg(world.config_path())
        .env("BELLHOP__STORE__URL", &database.url)
        .output()
        .unwrap();
    let refusal = said(&daemon);
    assert!(!daemon.status.success() && refusal.contains("half of a copy"), "{refusal}");
    let (ok, told) = copy(&world, &database.url, &["--check-only"]);
    assert!(!ok && told.contains("is missing in the target"), "{told}");
    let (ok, told) = copy(&world, &database.url, &[]);
    assert!(ok && told.starts_with("goes on where an earlier copy stopped"), "{told}");
    for connection in [holder, watcher] {
        connection.close().await.unwrap();
    }
    let url = database.url.clone();
    world.move_to(database);
    world.sink.behave(Behaviour::default());
    world.start_daemon().await;
    eventually("what waited is sent", DEADLINE, || async {
        (mails_to(&world, "waits") == 1).then_some(())
    })
    .await;
    // Beside the daemon nothing is copied, and no secret is told.
    let (ok, told) = copy(&world, &url.replace("//bellhop@", "//bellhop:hunter2@"), &[]);
    assert!(!ok && told.contains("a daemon has had") && !told.contains("hunter2"), "{told}");
    world.finish().await;
}
