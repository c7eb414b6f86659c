//! How long a password reset takes, from asking for it over HTTP until a sink that takes 2 000
//! mails a second has taken it: while nothing else happens, while 100 000 notices of another tenant
//! wait, and while the gateway for text messages hangs.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::CONNECTIONS;
use super::daemon::Daemon;
use super::doors::Poster;
use super::people::{address, books, notice, opens, registers, resets, take};
use super::sinks::{Taken, paced_sink};

/// What the sink takes in a second.
const SINK_RATE: f64 = 2_000.0;
/// Who floods, who asks, and whose text messages hang.
const FLOOD: usize = 0;
const ASKS: usize = 1;
const HANGS: usize = 2;
const AUDIENCE: usize = 10_000;
const NOTICES: usize = 10;
/// The measurement begins when so many wait.
const FLOODED: f64 = 40_000.0;
/// Text messages that hang: more than there are slots.
const TEXTS: usize = 500;
/// One is asked for so often, for so long: the 99th percentile is the eighth from the end.
const PACE: Duration = Duration::from_millis(20);
const ASKED: usize = 750;
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// In milliseconds.
struct Spread {
    p50: f64,
    p99: f64,
}

struct Asker {
    poster: Poster,
    taken: Taken,
    next: usize,
}

pub async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let (sink, taken) = paced_sink(SINK_RATE).await;
    let tables = format!(
        "[[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{sink}\"\nconnections = {CONNECTIONS}\n\
         [[sms.providers]]\nname = \"hangs\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\n\
         body = '{{{{ text }}}}'\nanswer_timeout = \"PT5M\"\n",
        silence().await
    );
    let daemon = Daemon::with_tables(folder.path(), &tables).await;
    let tenants = [opens(FLOOD, "email"), opens(ASKS, "email"), opens(HANGS, "sms")];
    take(daemon.base(), tenants.into_iter()).await;
    take(daemon.base(), (0..3 * ASKED).map(|client| registers(ASKS, client))).await;
    take(daemon.base(), (0..TEXTS).map(|client| registers(HANGS, client))).await;
    take(daemon.base(), (0..AUDIENCE).map(|client| registers(FLOOD, client))).await;
    let mut asker = Asker { poster: Poster::new(daemon.base()), taken, next: 0 };

    println!("urgent, {ASKED} password resets, one each {} ms", PACE.as_millis());
    let idle = asker.asks().await;
    row("nothing else", &idle, "");
    take(daemon.base(), (0..TEXTS).map(|client| books(HANGS, client, "hangs"))).await;
    let beside = asker.asks().await;
    row("a gateway hangs", &beside, &times(&beside, &idle));
    take(daemon.base(), (0..NOTICES).map(|number| notice(FLOOD, number))).await;
    let depth = || async { daemon.metric("bellhop_queue_depth", "lane=\"bulk\"").await };
    let began = Instant::now();
    while depth().await < FLOODED {
        assert!(began.elapsed() < PATIENCE, "so many never wait");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let beside = asker.asks().await;
    let left = depth().await;
    assert!(left > 0.0, "the flood was over before");
    row("100 000 notices", &beside, &format!("{}, {left:.0} left", times(&beside, &idle)));
    daemon.stop();
}

fn row(name: &str, Spread { p50, p99 }: &Spread, more: &str) {
    println!("  {name:<16} p50 {p50:>6.1} ms, p99 {p99:>6.1} ms   {more}");
}

fn times(beside: &Spread, idle: &Spread) -> String {
    format!("p99 is {:.1} of idle", beside.p99 / idle.p99)
}

impl Asker {
    async fn asks(&mut self) -> Spread {
        let (mut asked, mut posts) = (HashMap::new(), Vec::new());
        let mut pace = tokio::time::interval(PACE);
        for _ in 0..ASKED {
            pace.tick().await;
            let (body, to) = (resets(ASKS, self.next), address(ASKS, self.next));
            self.next += 1;
            asked.insert(to, Instant::now());
            let poster = self.poster.clone();
            posts.push(tokio::spawn(async move { poster.one(body).await }));
        }
        for post in posts {
            assert_eq!(post.await.unwrap(), 202);
        }
        self.spread(&asked).await
    }

    async fn spread(&self, asked: &HashMap<String, Instant>) -> Spread {
        let began = Instant::now();
        loop {
            let mut waits: Vec<f64> = {
                let taken = self.taken.lock().unwrap();
                let waits = asked.iter().filter_map(|(to, at)| {
                    Some(taken.get(to)?.duration_since(*at).as_secs_f64() * 1e3)
                });
                waits.collect()
            };
            if waits.len() == asked.len() {
                waits.sort_by(f64::total_cmp);
                let at = |share: f64| waits[((waits.len() - 1) as f64 * share).round() as usize];
                return Spread { p50: at(0.5), p99: at(0.99) };
            }
            assert!(began.elapsed() < PATIENCE, "mails never came");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// A gateway that reads and never answers.
async fn silence() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut read = vec![0; 4096];
                while let Ok(1..) = stream.read(&mut read).await {}
            });
        }
    });
    port
}
