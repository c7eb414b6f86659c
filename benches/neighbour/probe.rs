//! The neighbour: asks for a password reset again and again, whatever came of the last one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::broker::{PrivateBroker, command, send};
use super::daemon::Daemon;
use super::doors::{Door, Poster};
use super::sinks::Taken;

/// The neighbour's number among the tenants.
pub const NEIGHBOUR: usize = 1;
/// One is asked for so often, over the two doors in turn.
const PACE: Duration = Duration::from_millis(25);
/// Everybody who can ask: each is written to once, so that an address stands for a mail.
const CLIENTS: usize = 2000;
/// Clients that come in one batch.
const BATCH: usize = 500;
/// How long the last mail may take.
const DEADLINE: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct Neighbour {
    broker: Arc<PrivateBroker>,
    poster: Poster,
    taken: Taken,
    next: usize,
}

/// How long mails took, by the door that they were asked for at.
pub struct Felt(Vec<(Door, Duration)>);

/// In milliseconds.
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Neighbour {
    /// Opens its business, and asks once, so that it lives.
    pub async fn open(broker: &Arc<PrivateBroker>, daemon: &Daemon, taken: Taken) -> Self {
        let poster = Poster::new(daemon.base());
        let settings = json!({
            "name": "Neighbour", "profile": "appointments", "plan": "pro", "locale": "en",
            "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
        });
        let mut commands = vec![command(NEIGHBOUR, "open", "tenant.configure", &settings)];
        commands.extend((0..CLIENTS).map(|number| {
            let data = json!({
                "client": format!("n{number}"), "name": "Ada", "email": address(number),
                "email_verified": true,
            });
            command(NEIGHBOUR, &format!("register-{number}"), "client.register", &data)
        }));
        for batch in commands.chunks(BATCH) {
            assert_eq!(poster.many(batch).await, 202);
        }
        Self { broker: broker.clone(), poster, taken, next: 0 }
    }

    /// Asks until it is told that it is over, at most so long, and waits until every mail was
    /// taken.
    pub async fn ask(&mut self, over: &CancellationToken, span: Duration) -> Felt {
        let (link, publisher) = self.broker.open().await;
        let mut asked: HashMap<usize, (Door, Instant)> = HashMap::new();
        let mut posts: Vec<JoinHandle<u16>> = Vec::new();
        let began = Instant::now();
        let mut tick = tokio::time::interval(PACE);
        while began.elapsed() < span && self.next < CLIENTS && !over.is_cancelled() {
            tick.tick().await;
            let (number, body) = (self.next, reset(self.next));
            self.next += 1;
            let door = if number.is_multiple_of(2) { Door::Amqp } else { Door::Http };
            asked.insert(number, (door, Instant::now()));
            match door {
                Door::Amqp => drop(send(&publisher, NEIGHBOUR, &body).await),
                Door::Http => {
                    let poster = self.poster.clone();
                    posts.push(tokio::spawn(async move { poster.one(body).await }));
                }
            }
        }
        let mut refused = 0;
        for post in posts {
            refused += usize::from(post.await.unwrap() != 202);
        }
        if refused > 0 {
            println!("  {refused} of the neighbour's posts were refused");
        }
        let felt = self.taken(&asked, refused).await;
        link.close().await;
        felt
    }

    fn so_far(&self, asked: &HashMap<usize, (Door, Instant)>) -> Vec<(Door, Duration)> {
        let taken = self.taken.lock().unwrap();
        let felt = asked.iter().filter_map(|(number, (door, at))| {
            Some((*door, taken.get(&address(*number))?.duration_since(*at)))
        });
        felt.collect()
    }

    async fn taken(&self, asked: &HashMap<usize, (Door, Instant)>, refused: usize) -> Felt {
        let started = Instant::now();
        loop {
            let felt = self.so_far(asked);
            let missing = asked.len() - refused - felt.len().min(asked.len() - refused);
            if missing == 0 {
                return Felt(felt);
            }
            if started.elapsed() > DEADLINE {
                println!("  {missing} of the neighbour's mails never came");
                return Felt(felt);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Felt {
    pub fn add(&mut self, more: Felt) {
        self.0.extend(more.0);
    }

    pub fn of(&self, door: Door) -> Spread {
        let own = self.0.iter().filter(|(at, _)| *at == door);
        let mut spans: Vec<f64> = own.map(|(_, span)| span.as_secs_f64() * 1e3).collect();
        spans.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (spans.len().saturating_sub(1) as f64 * share).round() as usize;
            spans.get(place).copied().unwrap_or(f64::NAN)
        };
        Spread { p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

fn address(number: usize) -> String {
    format!("n{number}@example.com")
}

fn reset(number: usize) -> String {
    let data = json!({
        "client": format!("n{number}"), "url": "https://example.com/reset/0123456789abcdef",
        "expires_at": "2030-12-03T10:00:00+01:00",
    });
    command(NEIGHBOUR, &format!("reset-{number}"), "account.password_reset", &data)
}
