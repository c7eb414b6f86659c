//! How fast is the whole road, and what limits it?
//!
//! ```text
//! cargo bench --bench road                      # 20 000 commands, 200 tenants
//! cargo bench --bench road -- --commands 5000 --tenants 50
//! cargo bench --bench road -- --store postgres  # instead of SQLite
//! cargo bench --bench road -- --beside BINARY --rounds 5  # the daemon of another commit, in turn
//! ```
//!
//! Starts a private RabbitMQ (`tests/services broker-start`) and Debian's smtp-sink, and measures
//! one after the other, in one run on one machine, because only ratios mean anything:
//!
//! 1. **bellhop**: N `booking.request` commands lie confirmed in the partition queue; the release
//!    daemon is started on them as its own process, with SQLite or a private PostgreSQL; timed
//!    from its start until every message is sent and its outcome durable.
//! 2. **consume+ack**: the same queue, only emptied.
//! 3. **stateless pipe**: consume, parse, render, send over the same SMTP driver, ack; nothing
//!    is kept.
//! 4. **smtp-source**: Postfix's load generator against the same sink, `-d -s 20`: the outer
//!    limit.
//! 5. **latency**: commands at half of bellhop's rate, from publish until a sink of our own has
//!    answered the final dot.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[path = "road/broker.rs"]
mod broker;
#[path = "road/daemon.rs"]
// Each bench uses a part of it.
#[allow(dead_code)]
mod daemon;
#[path = "road/database.rs"]
mod database;
#[path = "road/latency.rs"]
mod latency;
#[path = "road/limits.rs"]
mod limits;
#[path = "road/pair.rs"]
mod pair;
#[path = "road/sinks.rs"]
#[allow(dead_code)]
mod sinks;

use std::time::Duration;

use broker::PrivateBroker;
use daemon::Daemon;
use database::PrivatePostgres;
use sinks::SmtpSink;

/// Connections to the sink, for the daemon and the pipe. More than smtp-source's twenty sessions:
/// who shares two cores with a database and a broker waits longer for each reply.
const CONNECTIONS: usize = 60;

/// What the command line asked for.
struct Asked {
    commands: usize,
    tenants: usize,
    postgres: bool,
    /// The binary of another commit, with how many rounds.
    beside: Option<std::path::PathBuf>,
    rounds: usize,
}

fn asked() -> Asked {
    let mut asked =
        Asked { commands: 20_000, tenants: 200, postgres: false, beside: None, rounds: 5 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
        match word.as_str() {
            "--store" => asked.postgres = words.next().expect("sqlite or postgres") == "postgres",
            "--beside" => asked.beside = words.next().map(Into::into),
            "--rounds" => asked.rounds = number(),
            "--commands" => asked.commands = number(),
            "--tenants" => asked.tenants = number(),
            // Cargo adds it.
            "--bench" => {}
            other => panic!("unknown argument {other}"),
        }
    }
    asked
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let asked = asked();
    if let Some(other) = asked.beside {
        return pair::run(other, asked.rounds, asked.tenants, asked.commands).await;
    }
    let per_second = |took: Duration| asked.commands as f64 / took.as_secs_f64();
    let row = |name: &str, rate: f64, more: &str| println!("{name:<16} {rate:>9.0}/s   {more}");
    println!(
        "road: {} commands, {} tenants, {CONNECTIONS} SMTP connections",
        asked.commands, asked.tenants
    );
    let broker = PrivateBroker::start();
    let sink = SmtpSink::start();

    let folder = tempfile::tempdir().unwrap();
    let postgres = asked.postgres.then(PrivatePostgres::start);
    let store = match &postgres {
        Some(postgres) => postgres.url(),
        None => format!("sqlite://{}/bellhop.db", folder.path().display()),
    };
    let start = || Daemon::start_on(&store, folder.path(), &broker, sink.port());
    let prepared = start().await;
    broker.prepare(asked.tenants, asked.commands).await;
    prepared.wait_accepted(asked.tenants + asked.commands).await;
    prepared.stop();

    broker.fill(asked.tenants, asked.commands, "road").await;
    let database_before = postgres.as_ref().map(PrivatePostgres::cpu);
    let started = std::time::Instant::now();
    let running = start().await;
    running.wait_sent(asked.commands).await;
    let took = started.elapsed();
    let usage = running.usage();
    let database = postgres.as_ref().map(PrivatePostgres::cpu);
    let commits = running.commits().await;
    running.stop();
    let road = per_second(took);
    let more = format!(
        "{:.2} CPU seconds, {:.0} MiB peak",
        usage.cpu.as_secs_f64(),
        usage.peak_bytes as f64 / 1_048_576.0
    );
    row("bellhop", road, &more);
    println!(
        "                 {} transactions of {:.0} units, {:.1} ms each",
        commits.count,
        commits.units_mean,
        commits.seconds_mean * 1e3
    );

    if let Some((before, after)) = database_before.zip(database) {
        println!("                 PostgreSQL {:.2} CPU seconds", (after - before).as_secs_f64());
    }

    broker.fill(asked.tenants, asked.commands, "drain").await;
    let drain = per_second(limits::consume_and_ack(&broker, asked.commands).await);
    row("consume+ack", drain, &format!("bellhop is {:.2} of it", road / drain));

    broker.fill(asked.tenants, asked.commands, "pipe").await;
    let pipe = per_second(limits::pipe(&broker, sink.port(), asked.commands).await);
    row("stateless pipe", pipe, &format!("bellhop is {:.2} of it", road / pipe));

    let source = per_second(sinks::smtp_source(sink.port(), asked.commands));
    row("smtp-source", source, &format!("bellhop is {:.2} of it", road / source));

    let latency = latency::measure(&store, folder.path(), &broker, asked.tenants, road / 2.0).await;
    println!(
        "latency at {:.0}/s: p50 {:.1} ms, p99 {:.1} ms ({} mails)",
        road / 2.0,
        latency.p50.as_secs_f64() * 1e3,
        latency.p99.as_secs_f64() * 1e3,
        latency.count
    );
}
