//! Two binaries in turn, in one run: what a change is worth on a machine whose speed drifts.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::broker::PrivateBroker;
use super::daemon::{Daemon, ThisDaemon};
use super::sinks::SmtpSink;

/// A binary with a broker and a SQLite file of its own, kept from round to round.
struct Runner {
    binary: Option<PathBuf>,
    broker: PrivateBroker,
    folder: TempDir,
}

/// What one round took.
struct Round {
    took: Duration,
    cpu: Duration,
    peak_bytes: u64,
}

/// Runs this binary and `other` in turn, `rounds` times, and prints each round and the medians of
/// the ratios.
pub async fn run(other: PathBuf, rounds: usize, tenants: usize, commands: usize) {
    let sink = SmtpSink::start();
    let ours = Runner::prepared(None, &sink, tenants, commands).await;
    let theirs = Runner::prepared(Some(other), &sink, tenants, commands).await;
    let mut ratios: [Vec<f64>; 3] = Default::default();
    for round in 0..rounds {
        // Whoever comes second finds the machine as the first left it.
        let (us, them) = if round % 2 == 0 {
            let us = ours.round(&sink, tenants, commands, round).await;
            (us, theirs.round(&sink, tenants, commands, round).await)
        } else {
            let them = theirs.round(&sink, tenants, commands, round).await;
            (ours.round(&sink, tenants, commands, round).await, them)
        };
        println!("round {round}: {} | {}", us.line(commands), them.line(commands));
        let them_seconds = them.took.as_secs_f64();
        ratios[0].push(them_seconds / us.took.as_secs_f64());
        ratios[1].push(us.cpu.as_secs_f64() / them.cpu.as_secs_f64());
        ratios[2].push(us.peak_bytes as f64 / them.peak_bytes as f64);
    }
    let [speed, cpu, memory] = ratios.map(median);
    println!("this / other: speed {speed:.2}, CPU a booking {cpu:.2}, peak memory {memory:.2}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Runner {
    async fn prepared(
        binary: Option<PathBuf>,
        sink: &SmtpSink,
        tenants: usize,
        commands: usize,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runner = Self { binary, broker: PrivateBroker::start(), folder };
        let daemon = runner.start(sink).await;
        runner.broker.prepare(tenants, commands).await;
        daemon.wait_accepted(tenants + commands).await;
        daemon.stop();
        runner
    }

    async fn start(&self, sink: &SmtpSink) -> Daemon {
        let which = match &self.binary {
            Some(binary) => ThisDaemon::Other(binary),
            None => ThisDaemon::Ours,
        };
        Daemon::start_as(which, self.folder.path(), &self.broker, sink.port()).await
    }

    async fn round(&self, sink: &SmtpSink, tenants: usize, commands: usize, round: usize) -> Round {
        self.broker.fill(tenants, commands, &format!("pair{round}")).await;
        let started = Instant::now();
        let daemon = self.start(sink).await;
        daemon.wait_sent(commands).await;
        let took = started.elapsed();
        let usage = daemon.usage();
        daemon.stop();
        Round { took, cpu: usage.cpu, peak_bytes: usage.peak_bytes }
    }
}

impl Round {
    fn line(&self, commands: usize) -> String {
        let each = self.cpu.as_secs_f64() * 1e3 / commands as f64;
        let rate = commands as f64 / self.took.as_secs_f64();
        let peak = self.peak_bytes as f64 / 1_048_576.0;
        format!("{rate:>6.0}/s {each:.3} ms CPU {peak:>4.0} MiB")
    }
}
