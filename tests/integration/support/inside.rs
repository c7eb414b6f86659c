//! The daemon inside the test's own process, where a test can put a fault into its rules.

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use bellhop::{
    app::App,
    config::Config,
    domain::{self, Ctx, Decision, Input, Rejection, TenantState, timer::Timer},
    telemetry::metrics::Metrics,
};
use serde_json::Value;
use tempfile::TempDir;
use tracing::level_filters::LevelFilter;

use super::{http, outbox};

/// A command whose id begins so, or a timer about a booking of such an id, panics when it is
/// decided for the first time.
pub const PANICS_ONCE: &str = "panics-once";
/// The same, whenever it is decided, until [`mend`].
pub const PANICS: &str = "panics-always";
/// A command whose id begins so is slow to decide, as a long computation is.
pub const SLOW: &str = "slow";
/// How slow.
pub const SLOW_FOR: Duration = Duration::from_millis(100);
const INJECTED: &str = "injected by a test";

/// A daemon without a broker that writes its mail into files.
pub struct Inside {
    /// The daemon.
    pub app: App,
    dir: TempDir,
}

impl Inside {
    /// Starts it, with whole TOML tables for the end of its configuration.
    pub async fn start(extra: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("bellhop-inside").tempdir().unwrap();
        let text = format!(
            "[store]\nurl = \"sqlite://{store}\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [email.provider_defaults]\nfolder = \"{outbox}\"\n\
             [sms.provider_defaults]\nfolder = \"{outbox}\"\n\
             [push.provider_defaults]\nfolder = \"{outbox}\"\n\
             [inbox.provider_defaults]\nfolder = \"{outbox}\"\n{extra}\n",
            store = store_path(&dir).display(),
            outbox = dir.path().join("outbox").display(),
        );
        let config = Config::parse("test", &text).unwrap();
        let app = App::start(config, metrics(), decide_or_panic).await.unwrap();
        Self { app, dir }
    }

    /// Where it listens for HTTP, without a final slash.
    pub fn http(&self) -> String {
        format!("http://{}", self.app.address)
    }

    /// What it wrote for channels other than email.
    pub fn notes(&self) -> Vec<Value> {
        outbox::notes(&self.dir.path().join("outbox"))
    }

    /// Its SQLite database.
    pub fn store_path(&self) -> PathBuf {
        store_path(&self.dir)
    }

    /// The daemon, to be stopped by the test, and the folder with its store.
    pub fn apart(self) -> (App, TempDir) {
        (self.app, self.dir)
    }

    /// Ends a test: an orderly stop.
    ///
    /// # Panics
    /// When a phase of it was cut off.
    pub async fn finish(self) {
        assert!(self.app.stop().await, "the stop was not clean");
    }
}

/// Runs a test in an actix system, as the daemon does.
pub fn in_system(test: impl Future<Output = ()>) {
    logs();
    // Installs what TLS needs.
    drop(http::client());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    actix::System::with_tokio_rt(move || runtime).block_on(test);
}

/// From now on this tenant's inputs no longer panic.
pub fn mend(tenant: &str) {
    panics().insert((tenant.to_owned(), String::new()), 0);
}

/// How often deciding this has panicked.
pub fn times_panicked(tenant: &str, command: &str) -> u32 {
    panics().get(&(tenant.to_owned(), command.to_owned())).copied().unwrap_or(0)
}

/// Warnings and errors that name this tenant, whichever daemon of the process logged them.
pub fn log_of(tenant: &str) -> String {
    let log = logs().lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&log);
    let name = format!("tenant={tenant}");
    let names = |line: &&str| line.split_whitespace().any(|word| word == name);
    text.lines().filter(names).collect::<Vec<_>>().join("\n")
}

fn store_path(dir: &TempDir) -> PathBuf {
    dir.path().join("bellhop.db")
}

fn decide_or_panic(
    ctx: &Ctx<'_>,
    state: &TenantState,
    input: Input<'_>,
) -> Result<Decision, Rejection> {
    let (tenant, id) = (ctx.tenant.to_string(), name_of(ctx, input));
    let mut panics = panics();
    let mended = panics.contains_key(&(tenant.clone(), String::new()));
    let times = panics.entry((tenant, id.clone())).or_default();
    if id.starts_with(PANICS) && !mended || id.starts_with(PANICS_ONCE) && *times == 0 {
        *times += 1;
        drop(panics);
        std::panic::panic_any(INJECTED);
    }
    drop(panics);
    if id.starts_with(SLOW) {
        std::thread::sleep(SLOW_FOR);
    }
    domain::decide(ctx, state, input)
}

/// A command's id; of a timer about a booking, the booking's.
fn name_of(ctx: &Ctx<'_>, input: Input<'_>) -> String {
    match input {
        Input::Timer(timer) => match &timer.timer {
            Timer::Reminder { booking, .. } | Timer::Review { booking } => booking.to_string(),
            _ => ctx.cause.to_string(),
        },
        _ => ctx.cause.to_string(),
    }
}

/// By tenant and command.
type Panics = HashMap<(String, String), u32>;

fn panics() -> std::sync::MutexGuard<'static, Panics> {
    static PANICS: OnceLock<Mutex<Panics>> = OnceLock::new();
    PANICS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// One recorder a process.
fn metrics() -> Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::install().unwrap()).clone()
}

/// One log a process; panics that a test wants are kept off the terminal.
fn logs() -> &'static Mutex<Vec<u8>> {
    static LOGS: OnceLock<&'static Mutex<Vec<u8>>> = OnceLock::new();
    LOGS.get_or_init(|| {
        let log: &'static Mutex<Vec<u8>> = Box::leak(Box::default());
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::WARN)
            .with_ansi(false)
            .with_writer(move || Log(log))
            .init();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref::<&str>() != Some(&INJECTED) {
                usual(panic);
            }
        }));
        log
    })
}

struct Log(&'static Mutex<Vec<u8>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
