//! What happens later: in its time, after a crash, after a long silence, and however much of it
//! there is.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command, eventually, http,
    inside::{Inside, PANICS, in_system, log_of, mend, times_panicked},
    salon, store, tamper,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
/// Beside the look at what has long been over.
const PENDING: &str = "SELECT count(*) FROM timers WHERE key NOT LIKE '{\"timer\":\"retire\"%'";

fn open(tenant: &str, lead: &str) -> Command {
    let settings = json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [lead],
    });
    command(tenant, &format!("open-{lead}"), "tenant.configure", settings)
}

/// So many whole seconds from now.
fn soon(seconds: i64) -> Timestamp {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds);
    Timestamp::from_second(at.as_second()).unwrap()
}

async fn sent(base: &str, kind: &str) -> Option<Value> {
    let sent = http::events_of_type(base, "message.sent").await;
    sent.into_iter().find(|event| event["data"]["kind"] == kind)
}

async fn sent_in_time(base: &str, kind: &str, from: Timestamp, until: Timestamp) {
    let event = eventually(kind, DEADLINE, || sent(base, kind)).await;
    let at: Timestamp = event["time"].as_str().unwrap().parse().unwrap();
    assert!(from <= at && at < until, "{kind} at {at}, not from {from} to {until}");
}

async fn pending(world: &World) -> i64 {
    store::number(&world.store_path(), PENDING).await
}

#[tokio::test]
async fn a_reminder_goes_when_its_time_has_come() {
    let world = World::start(Options::default()).await;
    let (base, start) = (world.http(), soon(6));
    let booking = salon::booking(SALON, "b1", "c1", &start.to_string());
    http::take(&base, &[open(SALON, "PT3S"), salon::client(SALON, "c1"), booking]).await;
    assert_eq!(pending(&world).await, 1);
    let due = start - SignedDuration::from_secs(3);
    sent_in_time(&base, "booking.reminder", due, start).await;
    assert_eq!(world.sink.count(), 2, "the confirmation and the reminder");
    assert_eq!(pending(&world).await, 0);
    world.finish().await;
}

#[tokio::test]
async fn a_timer_whose_time_comes_while_nobody_runs_fires_at_the_next_start() {
    let mut world = World::start(Options::default()).await;
    let (base, start) = (world.http(), soon(25));
    let booking = salon::booking(SALON, "b1", "c1", &start.to_string());
    http::take(&base, &[open(SALON, "PT23S"), salon::client(SALON, "c1"), booking]).await;
    world.daemon().sigkill();
    let due = start - SignedDuration::from_secs(23);
    eventually("its time is over", DEADLINE, || async { (Timestamp::now() > due).then_some(()) })
        .await;
    assert_eq!(pending(&world).await, 1, "it was killed too late to tell");
    world.start_daemon().await;
    sent_in_time(&base, "booking.reminder", due, start).await;
    assert_eq!(pending(&world).await, 0);
    world.finish().await;
}

/// A studio with one seat, which `c1` has, and `c2` waits for.
fn studio(offer_window: &str) -> Vec<Command> {
    let settings = json!({
        "name": "Studio", "profile": "classes", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
        "offer_window": offer_window, "offer_min": "PT1S",
    });
    let session = json!({
        "session": "yoga", "activity": "Yoga", "starts_at": "2099-12-24T10:00:00Z",
        "ends_at": "2099-12-24T11:00:00Z", "capacity": 1,
    });
    let seat = |booking: &str, client: &str| {
        let data = json!({
            "booking": booking, "client": client, "by": "client", "session": "yoga",
            "join_queue": true,
        });
        command(SALON, &format!("request-{booking}"), "booking.request", data)
    };
    vec![
        command(SALON, "open", "tenant.configure", settings),
        salon::client(SALON, "c1"),
        salon::client(SALON, "c2"),
        command(SALON, "schedule", "session.schedule", session),
        seat("b1", "c1"),
        seat("b2", "c2"),
        salon::cancel(SALON, "b1"),
    ]
}

/// The states of a place in a queue, in order.
async fn states(base: &str, entry: &str) -> Vec<String> {
    let changed = http::events_of_type(base, "queue.changed").await.into_iter();
    let of_entry = changed.filter(|event| event["data"]["entry"] == entry);
    of_entry.map(|event| event["data"]["state"].as_str().unwrap().to_owned()).collect()
}

fn accept() -> Command {
    command(SALON, "accept", "queue.accept", json!({ "entry": "b2" }))
}

#[tokio::test]
async fn a_seat_that_comes_free_is_offered_and_taken() {
    let world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &studio("PT30M")).await;
    assert_eq!(states(&base, "b2").await, ["waiting", "offered"]);
    assert_eq!(pending(&world).await, 2, "the offer ends, the session starts");
    http::take(&base, &[accept()]).await;
    assert_eq!(states(&base, "b2").await, ["waiting", "offered", "accepted"]);
    eventually("the client is told", DEADLINE, || sent(&base, "queue.accepted")).await;
    assert_eq!(pending(&world).await, 1);
    world.finish().await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_ends() {
    let world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &studio("PT2S")).await;
    eventually("it expires", DEADLINE, || async {
        (states(&base, "b2").await == ["waiting", "offered", "expired"]).then_some(())
    })
    .await;
    let refused = http::post_one(&base, &accept()).await;
    assert_eq!((refused.status, refused.body["reason"].as_str()), (422, Some("offer_expired")));
    world.finish().await;
}

#[tokio::test]
async fn nobody_forfeits_an_offer_because_the_daemon_was_down() {
    let mut world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &studio("PT12S")).await;
    let end = soon(12);
    world.daemon().sigkill();
    // More than three signs of life are missed.
    let back = soon(17);
    eventually("it was down for long", DEADLINE, || async {
        (Timestamp::now() > back).then_some(())
    })
    .await;
    world.start_daemon().await;
    assert!(world.log().contains("did not run"), "{}", world.log());
    assert!(Timestamp::now() > end);
    http::take(&base, &[accept()]).await;
    assert_eq!(states(&base, "b2").await, ["waiting", "offered", "accepted"]);
    world.finish().await;
}

#[tokio::test]
async fn many_overdue_timers_all_fire() {
    const OVERDUE: i64 = 20_000;
    let mut world = World::start(Options::default()).await;
    http::take(&world.http(), &[salon::open(SALON)]).await;
    assert!(world.stop_daemon().await.success());
    // About bookings that are not there any more.
    plan(&world, OVERDUE, "(1700000000000 + i)").await;
    world.start_daemon().await;
    eventually("all fired", DEADLINE, || async { (pending(&world).await == 0).then_some(()) })
        .await;
    world.finish().await;
}

#[tokio::test]
async fn a_million_timers_do_not_slow_the_start() {
    const MILLION: i64 = 1_000_000;
    /// What a busy machine may add.
    const SLACK: Duration = Duration::from_millis(1500);
    let mut world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &[open(SALON, "PT2S"), salon::client(SALON, "c1")]).await;
    assert!(world.stop_daemon().await.success());
    let without = start(&mut world).await;
    assert!(world.stop_daemon().await.success());
    // One a second, from 2055 on.
    plan(&world, MILLION, "(2700000000000 + 1000 * i)").await;
    let with = start(&mut world).await;
    eprintln!("ready after {without:?}, with a million timers after {with:?}");
    assert!(with < without * 3 + SLACK, "{with:?} instead of {without:?}");

    let begin = soon(5);
    let booking = salon::booking(SALON, "b1", "c1", &begin.to_string());
    http::take(&base, &[booking]).await;
    let due = begin - SignedDuration::from_secs(2);
    sent_in_time(&base, "booking.reminder", due, begin).await;
    let base = &base;
    eventually("they are counted", DEADLINE, || async move {
        let (_, page) = http::get(&format!("{base}/metrics")).await?;
        let mut lines = page.lines();
        let count = lines.find_map(|line| line.strip_prefix("bellhop_timers_pending "))?;
        (count.parse::<f64>().ok()? >= MILLION as f64).then_some(())
    })
    .await;
    world.finish().await;
}

async fn start(world: &mut World) -> Duration {
    let started = Instant::now();
    world.start_daemon().await;
    started.elapsed()
}

/// Plans so many timers of the salon, due at `due_ms`, an expression of `i`.
async fn plan(world: &World, count: i64, due_ms: &str) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) \
         INSERT INTO timers (tenant, key, due_ms) SELECT '{SALON}', \
         '{{\"timer\":\"review\",\"booking\":\"gone-' || i || '\"}}', {due_ms} FROM n"
    );
    assert_eq!(tamper::execute(&world.store_path(), &sql).await, count as u64);
}

#[test]
fn a_timer_that_always_panics_is_left_alone_and_others_fire() {
    const HOBBLING: &str = "hobbling";
    in_system(async {
        let daemon = Inside::start(
            "[actors]\nrestarts_max = 100\nrestart_backoff = \"PT0.001S\"\n\
             restart_backoff_max = \"PT0.01S\"\ncommand_panics_max = 2\n",
        )
        .await;
        let (base, path) = (daemon.http(), daemon.store_path());
        let bad = format!("{PANICS}-timer");
        let start = soon(4).to_string();
        let mut poisoned = salon::booking(HOBBLING, &bad, "c1", &start);
        poisoned = poisoned.under_id("a-fine-command");
        let fine = salon::booking(HOBBLING, "fine", "c1", &start);
        let commands = [open(HOBBLING, "PT2S"), salon::client(HOBBLING, "c1"), poisoned, fine];
        http::take(&base, &commands).await;
        eventually("the other fires", DEADLINE, || sent(&base, "booking.reminder")).await;
        eventually("it is left alone", DEADLINE, || async {
            log_of(HOBBLING).contains("timer left alone").then_some(())
        })
        .await;
        assert_eq!(times_panicked(HOBBLING, &bad), 2, "command_panics_max");
        assert!(log_of(HOBBLING).contains("timer set aside"), "{}", log_of(HOBBLING));
        assert_eq!(store::number(&path, PENDING).await, 1, "it is not lost");
        http::take(&base, &[salon::booking(HOBBLING, "later", "c1", salon::START)]).await;
        assert_eq!(times_panicked(HOBBLING, &bad), 2);
        mend(HOBBLING);
        daemon.finish().await;
    });
}
