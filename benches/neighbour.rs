//! What does a tenant feel of another that does its worst?
//!
//! ```text
//! cargo bench --bench neighbour                       # all
//! cargo bench --bench neighbour -- moves-amqp notice  # some
//! ```
//!
//! Each case has a daemon, a store and a mail sink of its own, and a private RabbitMQ
//! (`tests/services broker-start`). The neighbour asks for `account.password_reset` again and
//! again, over AMQP and over HTTP in turn: while the other tenant does its worst, and before and
//! after that, while nothing else happens. What counts is the time from publishing until the sink
//! has taken the mail, at the 99th percentile, as a multiple of the same when idle.
//!
//! Nothing of the other tenant's goes out, because its plan has no channel: what is measured is
//! deciding, committing and claiming, not the line before the mail server. The `-loud` cases send
//! all of it.
//!
//! The longest decision and commit are upper ends of buckets. Last, the tenant does it all again,
//! and the daemon is told to stop in the middle of it: how it ended, and after how long.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]
// Not all of what it shares with `road` is of use here.
#![allow(dead_code)]

#[path = "road/broker.rs"]
mod broker;
#[path = "road/daemon.rs"]
// Each bench uses a part of it.
#[allow(dead_code)]
mod daemon;
#[path = "neighbour/doors.rs"]
mod doors;
#[path = "neighbour/probe.rs"]
mod probe;
#[path = "road/sinks.rs"]
mod sinks;
#[path = "neighbour/worst.rs"]
mod worst;

use std::sync::Arc;
use std::time::{Duration, Instant};

use broker::PrivateBroker;
use daemon::Daemon;
use doors::Door;
use probe::Neighbour;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use worst::{Case, Progress};

/// Connections to the sink: many, so that mail does not wait for one.
const CONNECTIONS: usize = 60;
/// How long the neighbour asks while nothing else happens.
const IDLE: Duration = Duration::from_secs(10);
/// How long it asks at most beside the other.
const BESIDE: Duration = Duration::from_secs(30);
/// How far into it the daemon is told to stop.
const INTO_IT: Duration = Duration::from_secs(2);
/// The other tenant's plan.
const PLANS: &str = "[plans.mute]\nchannels = []\ncustom_text = true\n";

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let asked = |case: &Case| words.is_empty() || words.iter().any(|word| word == case.name);
    println!("neighbour: password resets beside a tenant at its worst, in ms");
    println!(
        "{:24} {:>6} {:>6}  {:>7} {:>7} {:>7} {:>6}  {:>8} {:>8} {:>6}  stop",
        "", "p50", "p99", "p50", "p99", "max", "times", "decision", "commit", "MiB"
    );
    for case in worst::cases().into_iter().filter(asked) {
        measure(&case).await;
    }
}

async fn measure(case: &Case) {
    let folder = tempfile::tempdir().unwrap();
    let (sink, taken) = sinks::timing_sink().await;
    let broker = Arc::new(PrivateBroker::start());
    let daemon = Daemon::start_with(folder.path(), &broker, sink, PLANS).await;
    let mut neighbour = Neighbour::open(&broker, &daemon, taken).await;
    case.prepare(daemon.base()).await;
    let mut progress = Progress::open(folder.path()).await;
    progress.wait(0).await;
    let before = daemon.usage().peak_bytes >> 20;
    let mut idle = neighbour.ask(&CancellationToken::new(), IDLE).await;

    let already = progress.commands().await;
    let (count, doing) = case.begin(&broker, daemon.base(), 1);
    let (began, over) = (Instant::now(), CancellationToken::new());
    let (beside, took) = tokio::join!(neighbour.ask(&over, BESIDE), async {
        let done = timeout(BESIDE, progress.wait(already + count)).await.is_ok();
        over.cancel();
        done.then(|| began.elapsed())
    });
    let longest = |name: &'static str| async { daemon.longest(name).await * 1e3 };
    let decision = longest("bellhop_decision_seconds").await;
    let commit = longest("bellhop_commit_seconds").await;
    let peak = daemon.usage().peak_bytes >> 20;
    doing.abort();

    if took.is_some() {
        idle.add(neighbour.ask(&CancellationToken::new(), IDLE).await);
    }

    let (_, doing) = case.begin(&broker, daemon.base(), 2);
    tokio::time::sleep(INTO_IT).await;
    let (status, stopping) = daemon.stop();
    doing.abort();

    for door in [Door::Amqp, Door::Http] {
        let (idle, beside) = (idle.of(door), beside.of(door));
        println!(
            "  {:26} {:>6.1} {:>6.1} {:>8.1} {:>8.1} {:>8.1} {:>6.1}",
            format!("{}: {door}", case.name),
            idle.p50,
            idle.p99,
            beside.p50,
            beside.p99,
            beside.max,
            beside.p99 / idle.p99
        );
    }
    let took = took.map_or("not over".to_owned(), |took| format!("{:.1} s", took.as_secs_f64()));
    println!(
        "    {took}, {} mails beside it; decisions up to {decision} ms, commits up to {commit} ms, \
         {before} MiB before and {peak} MiB peak; stopped with {} after {:.1} s",
        beside.count(),
        status.code().unwrap_or(-1),
        stopping.as_secs_f64()
    );
    for (reason, count) in progress.refusals().await {
        println!("    {count} of its commands were refused: {reason}");
    }
}
