//! The release daemon as a process of its own.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::CONNECTIONS;
use super::broker::PrivateBroker;

const DEADLINE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Linux counts CPU time in hundredths of a second.
pub const TICKS_PER_SECOND: u64 = 100;

pub struct Daemon {
    child: Child,
    base: String,
    http: reqwest::Client,
}

/// Which binary.
#[derive(Clone, Copy)]
pub enum ThisDaemon<'a> {
    Ours,
    /// Of another commit: its configuration is not told what it may not know.
    Other(&'a Path),
}

/// What a process took.
pub struct Usage {
    pub cpu: Duration,
    pub peak_bytes: u64,
}

/// The transactions of a run.
pub struct Commits {
    pub count: u64,
    pub units_mean: f64,
    pub seconds_mean: f64,
}

impl Daemon {
    /// With a broker, and whole TOML tables at the end of the configuration.
    pub async fn start_with(folder: &Path, broker: &PrivateBroker, sink: u16, more: &str) -> Self {
        Self::with_tables(folder, &tables(broker, sink, more)).await
    }

    /// The same on a store elsewhere.
    pub async fn start_on(store: &str, folder: &Path, broker: &PrivateBroker, sink: u16) -> Self {
        Self::on_store(store, folder, &tables(broker, sink, "")).await
    }

    /// With a store in the folder, and these tables.
    pub async fn with_tables(folder: &Path, tables: &str) -> Self {
        Self::on_store(&format!("sqlite://{}/bellhop.db", folder.display()), folder, tables).await
    }

    /// This binary or another, on SQLite.
    pub async fn start_as(
        which: ThisDaemon<'_>,
        folder: &Path,
        broker: &PrivateBroker,
        sink: u16,
    ) -> Self {
        let store = format!("sqlite://{}/bellhop.db", folder.display());
        Self::launched(which, &store, folder, &tables(broker, sink, "")).await
    }

    async fn on_store(store: &str, folder: &Path, tables: &str) -> Self {
        Self::launched(ThisDaemon::Ours, store, folder, tables).await
    }

    async fn launched(which: ThisDaemon<'_>, store: &str, folder: &Path, tables: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.join("bellhop.toml");
        let (binary, slots) = match which {
            ThisDaemon::Ours => (
                Path::new(env!("CARGO_BIN_EXE_bellhop")),
                format!("slots = \"{}/slots\"\n", folder.display()),
            ),
            ThisDaemon::Other(binary) => (binary, String::new()),
        };
        let text = format!(
            "[store]\nurl = \"{store}\"\n{slots}[http]\nlisten = \"127.0.0.1:{port}\"\n{tables}",
        );
        std::fs::write(&config, text).unwrap();
        let log = std::fs::File::create(folder.join("bellhop.log")).unwrap();
        let child = Command::new(binary)
            .arg("run")
            .arg("--config")
            .arg(config)
            .envs(allocator())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let daemon =
            Self { child, base: format!("http://127.0.0.1:{port}"), http: reqwest::Client::new() };
        daemon.until(|| daemon.get("/readyz"), |answer| answer.contains("\"ready\":true")).await;
        daemon
    }

    /// Waits until so many commands of this run have been accepted.
    pub async fn wait_accepted(&self, count: usize) {
        self.wait_metric("bellhop_commands_total", "result=\"accepted\"", count).await;
    }

    /// Waits until so many commands of this run have been refused for this reason.
    pub async fn wait_refused(&self, reason: &str, count: usize) {
        let label = format!("result=\"{reason}\"");
        self.wait_metric("bellhop_commands_total", &label, count).await;
    }

    /// Waits until so many messages of this run have been sent.
    pub async fn wait_sent(&self, count: usize) {
        self.wait_metric("bellhop_messages_total", "outcome=\"sent\"", count).await;
    }

    async fn wait_metric(&self, name: &str, label: &str, count: usize) {
        self.until(|| self.get("/metrics"), |text| sum(text, name, label) >= count as f64).await;
    }

    /// The sum of a metric over all series that have this label.
    pub async fn metric(&self, name: &str, label: &str) -> f64 {
        sum(&self.get("/metrics").await, name, label)
    }

    /// The upper end of the highest bucket of a histogram that is not empty: nothing was beyond.
    pub async fn longest(&self, name: &str) -> f64 {
        let text = self.get("/metrics").await;
        let prefix = format!("{name}_bucket{{le=\"");
        let buckets: Vec<(f64, f64)> = text
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix)?.split_once("\"} "))
            .filter_map(|(end, count)| Some((end.parse().ok()?, count.parse().ok()?)))
            .collect();
        let all = buckets.last().map_or(0.0, |(_, count)| *count);
        buckets.iter().find(|(_, count)| *count == all).map_or(f64::INFINITY, |(end, _)| *end)
    }

    pub async fn commits(&self) -> Commits {
        let text = self.get("/metrics").await;
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse().unwrap()
        };
        let count = value("bellhop_commit_seconds_count ");
        Commits {
            count: count as u64,
            units_mean: value("bellhop_commit_batch_size_sum ") / count,
            seconds_mean: value("bellhop_commit_seconds_sum ") / count,
        }
    }

    /// Where it listens for HTTP, without a final slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub async fn get(&self, path: &str) -> String {
        match self.http.get(format!("{}{path}", self.base)).send().await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub async fn until<F: Future<Output = String>>(
        &self,
        ask: impl Fn() -> F,
        done: impl Fn(&str) -> bool,
    ) {
        let started = Instant::now();
        while !done(&ask().await) {
            assert!(started.elapsed() < DEADLINE, "the daemon does not get there");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub fn usage(&self) -> Usage {
        // proc(5): the 14th and 15th field, counted behind the name in brackets.
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Usage {
            cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
            peak_bytes: memory(&self.proc("status"), "VmHWM:"),
        }
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    /// What it has in memory now, in bytes.
    pub fn resident(&self) -> u64 {
        memory(&self.proc("status"), "VmRSS:")
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; returns how it ended, and after how long.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        (self.child.wait().unwrap(), asked.elapsed())
    }
}

fn tables(broker: &PrivateBroker, sink: u16, more: &str) -> String {
    format!(
        "[amqp]\nurl = \"{}\"\n\
         [[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{sink}\"\nconnections = {CONNECTIONS}\n{more}",
        broker.url(),
    )
}

/// How the systemd unit sets the allocator.
fn allocator() -> impl Iterator<Item = (&'static str, &'static str)> {
    let unit = include_str!("../../systemd/bellhop.service").lines();
    let set = unit.filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
    set.filter(|(name, _)| name.starts_with("MIMALLOC_"))
}

fn sum(text: &str, name: &str, label: &str) -> f64 {
    let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

/// A line of proc_pid_status(5), in bytes.
fn memory(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
