//! The real binary as a process.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use super::{eventually::eventually, http};

/// From exec to `/readyz` on a busy machine.
pub const READY_DEADLINE: Duration = Duration::from_secs(60);
const LOG_LINES_SHOWN: usize = 200;

/// How the daemon is started; start it again from the same launch after a kill.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Its working directory; the log goes there too.
    pub dir: PathBuf,
    /// Its configuration file.
    pub config: PathBuf,
    /// The port of `[http] listen`.
    pub http_port: u16,
    /// Environment, such as `BELLHOP__AMQP__PREFETCH`.
    pub environment: Vec<(String, String)>,
}

/// A running daemon, killed on drop. Its log is printed if the test fails.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
    http: String,
}

impl Launch {
    /// Starts the process and does not wait for anything.
    pub fn spawn(&self) -> Daemon {
        let log = self.dir.join("daemon.log");
        let out = append_to(&log);
        let child = Command::new(env!("CARGO_BIN_EXE_bellhop"))
            .arg("run")
            .arg("--config")
            .arg(&self.config)
            .current_dir(&self.dir)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stderr(out.try_clone().unwrap())
            .stdout(out)
            .spawn()
            .unwrap();
        Daemon { child, log, http: format!("http://127.0.0.1:{}", self.http_port) }
    }

    /// Starts the process and waits until it says it is ready.
    pub async fn start(&self) -> Daemon {
        let mut daemon = self.spawn();
        daemon.wait_ready(READY_DEADLINE).await;
        daemon
    }
}

impl Daemon {
    /// The base of its HTTP addresses, without a final slash.
    pub fn http(&self) -> &str {
        &self.http
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for `200` from `/readyz`.
    ///
    /// # Panics
    /// At the deadline, or when the process ends.
    pub async fn wait_ready(&mut self, deadline: Duration) {
        let url = format!("{}/readyz", self.http);
        let child = &mut self.child;
        eventually("the daemon is ready", deadline, || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended before it was ready: {ended:?}");
            let url = &url;
            async move { http::get(url).await.filter(|(status, _)| *status == 200) }
        })
        .await;
    }

    /// Waits for any answer over HTTP, or its end: it listens to signals before.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_listening(&mut self, deadline: Duration) {
        let url = format!("{}/healthz", self.http);
        let child = &mut self.child;
        eventually("the daemon answers", deadline, || {
            let ended = child.try_wait().unwrap().is_some();
            let url = &url;
            async move { (ended || http::get(url).await.is_some()).then_some(()) }
        })
        .await;
    }

    /// Whether the process is gone by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGKILL, and the process is gone.
    pub fn sigkill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends SIGTERM and returns at once.
    pub fn sigterm(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, named without its SIG, and returns at once.
    pub fn signal(&self, name: &str) {
        // The shell's own kill: not every system has the program.
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").arg("-c").arg(&kill).status().unwrap();
        assert!(status.success(), "{kill}: {status}");
    }

    /// Waits for the process to end.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let child = &mut self.child;
        eventually("the daemon ends", deadline, || {
            let ended = child.try_wait().unwrap();
            async move { ended }
        })
        .await
    }

    /// SIGTERM, then [`Daemon::wait`].
    pub async fn sigterm_and_wait(&mut self, deadline: Duration) -> ExitStatus {
        self.sigterm();
        self.wait(deadline).await
    }

    /// Everything this and earlier daemons of the same folder wrote.
    pub fn log(&self) -> String {
        read_log(&self.log)
    }

    /// The value of every series of a metric, with its labels, from `/metrics`.
    pub async fn metric(&self, name: &str) -> Vec<(String, f64)> {
        let (_, text) = http::get(&format!("{}/metrics", self.http)).await.unwrap_or_default();
        series(&text, name)
    }

    /// How often some provider reported so.
    pub async fn receipts(&self, status: &str) -> Option<f64> {
        let series = self.metric("bellhop_receipts_total").await;
        let label = format!("status=\"{status}\"");
        series.into_iter().find_map(|(labels, value)| labels.contains(&label).then_some(value))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.sigkill();
        if std::thread::panicking() {
            let log = read_log(&self.log);
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
            eprintln!("---- daemon log, {} ----\n{}", self.log.display(), tail.join("\n"));
        }
    }
}

/// The series of a metric in the Prometheus text format, `name{labels} value`.
pub fn series(text: &str, name: &str) -> Vec<(String, f64)> {
    text.lines()
        .filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let labels = series.strip_prefix(name)?;
            (labels.is_empty() || labels.starts_with('{'))
                .then(|| Some((labels.to_owned(), value.parse().ok()?)))?
        })
        .collect()
}

fn append_to(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

fn read_log(path: &Path) -> String {
    std::fs::read(path).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
}
