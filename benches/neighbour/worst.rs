//! What one tenant can do to a daemon.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::task::JoinHandle;

use super::broker::{PrivateBroker, command, send};
use super::doors::{Door, Poster};

/// The tenant's number.
const TENANT: usize = 0;
/// Commands that come in one batch while everything is prepared.
const BATCH: usize = 500;
/// Bytes of one batch.
const BATCH_BYTES: usize = 1 << 19;
/// Who posts at once, and the pause before a post that was refused comes again.
const POSTERS: usize = 300;
const AGAIN: Duration = Duration::from_millis(50);
/// How often the store is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What it does, once everything stands.
pub struct Case {
    pub name: &'static str,
    door: Door,
    plan: &'static str,
    prepare: fn() -> Vec<Bare>,
    does: fn(usize) -> Vec<Bare>,
}

/// A command without its envelope.
pub struct Bare {
    kind: &'static str,
    data: Value,
}

fn bare(kind: &'static str, data: Value) -> Bare {
    Bare { kind, data }
}

pub fn cases() -> Vec<Case> {
    use Door::{Amqp, Http};
    let case = |name, door, plan, prepare, does| Case { name, door, plan, prepare, does };
    vec![
        case("notice", Amqp, "mute", audience, notices),
        case("notice-loud", Amqp, "pro", audience, notices),
        case("moves-amqp", Amqp, "mute", class, moves),
        case("moves-http", Http, "mute", class, moves),
        case("moves-loud", Amqp, "pro", class, moves),
        case("texts", Amqp, "mute", Vec::new, texts),
        case("settings", Http, "mute", class, settings),
        case("cancel", Amqp, "mute", class, cancel),
        case("resize", Amqp, "mute", queue, resize),
        case("series", Amqp, "mute", || vec![person(0)], series),
        case("erase", Amqp, "mute", regulars, erase),
    ]
}

impl Case {
    /// Everything that must be there before.
    pub async fn prepare(&self, base: &str) {
        let poster = Poster::new(base);
        let mut all = vec![configure(self.plan, 1)];
        all.extend((self.prepare)());
        let bodies: Vec<String> = envelopes(all, "prepare").collect();
        // At least one, for the longest is far from a whole body.
        let longest = bodies.iter().map(String::len).max().unwrap_or_default();
        for batch in bodies.chunks(BATCH.min(BATCH_BYTES / longest)) {
            assert_eq!(poster.many(batch).await, 202, "{}", self.name);
        }
    }

    /// Begins; the task ends when all was handed over. Returns how many commands there are, too.
    pub fn begin(
        &self,
        broker: &Arc<PrivateBroker>,
        base: &str,
        round: usize,
    ) -> (usize, JoinHandle<()>) {
        let bodies: Vec<String> = envelopes((self.does)(round), &format!("r{round}")).collect();
        let count = bodies.len();
        let (broker, poster) = (broker.clone(), Poster::new(base));
        let task = match self.door {
            Door::Amqp => tokio::spawn(async move { publish(&broker, bodies).await }),
            Door::Http => tokio::spawn(async move { post(poster, bodies).await }),
        };
        (count, task)
    }
}

async fn publish(broker: &PrivateBroker, bodies: Vec<String>) {
    let (link, publisher) = broker.open().await;
    for body in bodies {
        send(&publisher, TENANT, &body).await.confirmed().await.unwrap();
    }
    link.close().await;
}

/// Many at once, each again until it is taken or refused for what it is.
async fn post(poster: Poster, bodies: Vec<String>) {
    let left = Arc::new(std::sync::Mutex::new(bodies.into_iter()));
    let posters = (0..POSTERS).map(|_| {
        let (poster, left) = (poster.clone(), left.clone());
        async move {
            loop {
                let next = left.lock().unwrap().next();
                let Some(body) = next else { return };
                while matches!(poster.one(body.clone()).await, 0 | 429 | 503) {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    });
    futures_util::future::join_all(posters).await;
}

/// Looks into the store whether all of it is done.
pub struct Progress(SqliteConnection);

impl Progress {
    pub async fn open(folder: &Path) -> Self {
        let path: PathBuf = folder.join("bellhop.db");
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        Self(options.disable_statement_logging().connect().await.unwrap())
    }

    /// The tenant's commands that are durable.
    pub async fn commands(&mut self) -> usize {
        let sql = "SELECT count(*) FROM inbox WHERE tenant = 'tenant-0'";
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.0).await.unwrap();
        usize::try_from(count).unwrap()
    }

    /// Those among them that were refused, each reason once.
    pub async fn refusals(&mut self) -> Vec<(String, i64)> {
        let sql = "SELECT rejection, count(*) FROM inbox WHERE tenant = 'tenant-0' \
                   AND rejection IS NOT NULL GROUP BY rejection";
        sqlx::query_as(sql).fetch_all(&mut self.0).await.unwrap()
    }

    /// Waits until so many commands are durable, and all that follows from them.
    pub async fn wait(&mut self, commands: usize) {
        while self.commands().await < commands || self.due().await > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Its pages and messages that are due.
    async fn due(&mut self) -> i64 {
        let sql = "SELECT (SELECT count(*) FROM timers WHERE tenant = 'tenant-0' AND due_ms <= $1) \
                   + (SELECT count(*) FROM messages WHERE tenant = 'tenant-0' \
                      AND status IN ('ready', 'sending') AND due_ms <= $1)";
        let now = jiff::Timestamp::now().as_millisecond();
        sqlx::query_scalar(sql).bind(now).fetch_one(&mut self.0).await.unwrap()
    }
}

fn envelopes(commands: Vec<Bare>, round: &str) -> impl Iterator<Item = String> {
    let each = commands.into_iter().enumerate();
    each.map(move |(number, Bare { kind, data })| {
        command(TENANT, &format!("{round}-{number}"), kind, &data)
    })
}

/// `lead` is when its one reminder goes, in days.
fn configure(plan: &str, lead: usize) -> Bare {
    bare(
        "tenant.configure",
        json!({
            "name": "Giant", "profile": "classes", "plan": plan, "locale": "en",
            "timezone": "Europe/Rome", "approval": "automatic", "require_verified_email": false,
            "reminders": [format!("P{lead}D"), "PT3H"], "sms_quota": 1_000_000,
            "toggles": {"notice.manual": {"email": true, "sms": true, "push": true, "inbox": true}},
        }),
    )
}

fn person(number: usize) -> Bare {
    bare(
        "client.register",
        json!({
            "client": format!("c{number}"), "name": format!("Client {number}"),
            "email": format!("c{number}@example.com"), "phone": "+393331234567",
            "locale": locale(number), "email_verified": true, "enrolled": true,
        }),
    )
}

/// 250 languages in which the tenant has texts of its own, for email and for SMS.
const LOCALES: usize = 250;

fn locale(number: usize) -> String {
    format!("en-t{:03}", number % LOCALES)
}

fn own_texts(round: usize) -> impl Iterator<Item = Bare> {
    let each =
        ["email", "sms"].into_iter().flat_map(|channel| (0..LOCALES).map(move |n| (channel, n)));
    each.map(move |(channel, number)| {
        bare(
            "template.set",
            json!({
                "kind": "notice.manual", "channel": channel, "locale": locale(number),
                "body": long_text(round),
            }),
        )
    })
}

/// As many conditions as there may be, and as much text: of which little is said.
fn long_text(round: usize) -> String {
    let filler = "Nothing at all of this. ".repeat(10);
    let part = format!("{{% if client.name == 'nobody' %}}{filler}{{{{ body }}}}{{% endif %}}");
    format!("{{{{ title }}}} {round} {}", part.repeat(50))
}

fn audience() -> Vec<Bare> {
    own_texts(0).chain((0..5_000).map(person)).collect()
}

fn notices(round: usize) -> Vec<Bare> {
    let body = "Dear all, we are closed. ".repeat(600);
    let each = (0..3).map(|number| {
        bare(
            "notice.send",
            json!({
                "notice": format!("{round}-{number}"), "title": "We are closed", "body": body,
                "channels": ["email", "sms", "push", "inbox"], "audience": {"all": true},
            }),
        )
    });
    each.collect()
}

fn texts(round: usize) -> Vec<Bare> {
    (0..2).flat_map(|again| own_texts(10 * round + again)).collect()
}

const SEATS: usize = 10_000;

fn session(capacity: usize) -> Bare {
    bare(
        "session.schedule",
        json!({
            "session": "s", "activity": "Vinyasa", "capacity": capacity, "location": "Room 2",
            "starts_at": "2029-12-03T10:00:00+01:00", "ends_at": "2029-12-03T11:00:00+01:00",
        }),
    )
}

fn seat(number: usize) -> Bare {
    bare(
        "booking.request",
        json!({
            "booking": format!("b{number}"), "client": format!("c{number}"), "by": "client",
            "session": "s",
        }),
    )
}

fn class() -> Vec<Bare> {
    let people = (0..SEATS).flat_map(|number| [person(number), seat(number)]);
    std::iter::once(session(SEATS)).chain(people).collect()
}

fn moves(_: usize) -> Vec<Bare> {
    let each = (0..1000).map(|number| {
        let hour = 10 + number % 7;
        bare(
            "session.reschedule",
            json!({
                "session": "s", "starts_at": format!("2029-12-03T{hour}:00:00+01:00"),
                "ends_at": format!("2029-12-03T{}:00:00+01:00", hour + 1),
            }),
        )
    });
    each.collect()
}

fn settings(_: usize) -> Vec<Bare> {
    (0..1000).map(|number| configure("mute", 1 + number % 7)).collect()
}

fn cancel(_: usize) -> Vec<Bare> {
    vec![bare("session.cancel", json!({ "session": "s", "reason": "The teacher is ill" }))]
}

/// One has the only seat, and as many as may be wait.
fn queue() -> Vec<Bare> {
    let waits = |number: usize| {
        bare(
            "queue.join",
            json!({
                "session": "s", "client": format!("c{number}"), "entry": format!("e{number}"),
            }),
        )
    };
    let people = (1..SEATS - 100).flat_map(|number| [person(number), waits(number)]);
    [session(1), person(0), seat(0)].into_iter().chain(people).collect()
}

fn resize(_: usize) -> Vec<Bare> {
    vec![bare("session.resize", json!({ "session": "s", "capacity": SEATS }))]
}

/// One client's bookings, each of a day of its own.
fn booking(client: usize, number: usize, series: Option<&str>) -> Bare {
    let start = jiff::Timestamp::from_second(1_900_000_000 + 86_400 * number as i64).unwrap();
    bare(
        "booking.request",
        json!({
            "booking": format!("b{client}-{number}"), "client": format!("c{client}"), "by": "client",
            "starts_at": start.to_string(), "series": series, "notes": "Has a cough",
        }),
    )
}

fn series(round: usize) -> Vec<Bare> {
    let name = format!("series-{round}");
    (0..3_000).map(|number| booking(0, 10_000 * round + number, Some(&name))).collect()
}

fn regulars() -> Vec<Bare> {
    let each = (0..3).flat_map(|client| {
        std::iter::once(person(client)).chain((0..5_000).map(move |n| booking(client, n, None)))
    });
    each.collect()
}

fn erase(round: usize) -> Vec<Bare> {
    vec![bare("client.erase", json!({ "client": format!("c{round}") }))]
}
