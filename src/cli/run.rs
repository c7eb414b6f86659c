//! `bellhop run`: the daemon.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::args::ConfigArgs;
use super::spans;
use crate::app::{self, App, Door};
use crate::config::{Config, LogFormat};
use crate::domain::decide;
use crate::ops::notify;
use crate::ops::reload::{Asked, Changes, Reloads};
use crate::ops::standing::Standing;
use crate::shutdown::{Signals, Wish};
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;

/// The exit status where the store is no longer where it was: a failure.
const LOST_STORE: i32 = 1;
/// How long one configuration may take to follow another before systemd's watchdog is told that
/// nothing moves: what a stop may take, and a start.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(90);

/// Runs until SIGTERM or SIGINT. With SIGHUP, or where it is asked to over HTTP, one configuration
/// follows another:
///
/// ```text
///  running ──asked──▶ read and checked ──bad──▶ running on; who asked is told why
///     ▲                     │ good
///     └── begins anew, ◀────┴─ ends as at a stop; who connects meanwhile waits
///         behind the same socket
/// ```
pub fn run(args: &ConfigArgs) -> anyhow::Result<()> {
    let config = args.load()?;
    let format = match config.log.format {
        LogFormat::Text => logs::Format::Text,
        LogFormat::Json => logs::Format::Json,
    };
    let filter = logs::init(format, &config.log.filter)?;
    let done = in_system(async move {
        // First, so that no signal during the start kills it.
        let signals = Signals::listen().context("cannot listen for signals")?;
        let (door, asked) = Door::open(&config, Metrics::install()?).await?;
        let stop = CancellationToken::new();
        tokio::spawn(obey(signals, door.reloads.clone(), stop.clone()));
        let spans = spans::begin(&config)?;
        let done = Process { args, filter, door, asked, stop }.lives(config).await;
        spans.finish().await;
        done
    });
    match done {
        // Whoever reads the log as JSON reads this, too.
        Err(error) if format == logs::Format::Json => {
            let why = format!("{error:#}");
            tracing::error!(error = why, "bellhop ends with a failure");
            Err(Told.into())
        }
        done => done,
    }
}

/// Does what signals ask for.
async fn obey(mut signals: Signals, reloads: Reloads, stop: CancellationToken) {
    loop {
        match signals.next().await {
            Wish::Stop(why) => {
                tracing::info!(why, "stopping");
                return stop.cancel();
            }
            // Who is asked logs what comes of it.
            Wish::Reload => drop(tokio::spawn({
                let reloads = reloads.clone();
                async move { reloads.ask().await }
            })),
        }
    }
}

/// What stays while configurations come and go.
struct Process<'a> {
    args: &'a ConfigArgs,
    filter: logs::Filter,
    door: Door,
    asked: mpsc::Receiver<Asked>,
    stop: CancellationToken,
}

/// Why a daemon ends.
enum End {
    Asked,
    /// A task fell without which nothing goes on.
    Fell(&'static str),
    /// Another configuration follows.
    Followed(Box<Config>),
}

impl Process<'_> {
    async fn lives(mut self, mut config: Config) -> anyhow::Result<()> {
        loop {
            let start = App::start_in_turn(config.clone(), &self.door, decide, &self.stop);
            let Some(app) = start.await? else {
                tracing::info!("stopped while standing by");
                return Ok(());
            };
            tell(&app);
            let end = self.until_end(&app, &config).await;
            match end {
                End::Followed(next) => {
                    while_alive(app.stop()).await;
                    self.filter.change(&next.log.filter)?;
                    config = *next;
                }
                end => return last(app, end).await,
            }
        }
    }

    async fn until_end(&mut self, app: &App, config: &Config) -> End {
        let crew = app.crew.clone();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return End::Asked,
                task = crew.fell() => return End::Fell(task),
                () = app.lost_store() => std::process::exit(LOST_STORE),
                Some(asked) = self.asked.recv() => {
                    if let Some(next) = self.reads_again(config, asked) {
                        return End::Followed(next);
                    }
                }
            }
        }
    }

    /// The configuration that follows; nothing, if what is written there cannot be.
    fn reads_again(&self, now: &Config, asked: Asked) -> Option<Box<Config>> {
        match self.read(now) {
            Ok((next, changes)) => {
                let Changes { changed, kept } = &changes;
                tracing::info!(?changed, "the configuration is taken over");
                if !kept.is_empty() {
                    tracing::warn!(?kept, "these are as before until the daemon is started again");
                }
                // Who asked may be gone.
                let _ = asked.send(Ok(changes));
                Some(Box::new(next))
            }
            Err(error) => {
                let why = format!("{error:#}");
                tracing::error!(error = why, "the configuration stays as it was");
                let _ = asked.send(Err(why));
                None
            }
        }
    }

    fn read(&self, now: &Config) -> anyhow::Result<(Config, Changes)> {
        let (next, changes) = app::follow(now, self.args.load()?)?;
        app::prepare(&next)?;
        Ok((next, changes))
    }
}

fn tell(app: &App) {
    let Standing { store, tenants, providers, broker } = &app.standing;
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(address = %app.address, version, store, tenants, providers, broker, "ready");
    notify::ready(&format!("running: {tenants} tenants, {providers}"));
}

async fn last(app: App, end: End) -> anyhow::Result<()> {
    notify::stopping("stopping: no new commands");
    let clean = app.stop().await;
    match end {
        End::Fell(task) => {
            bail!("the task {task} failed, and nothing goes on without it; see the log")
        }
        _ if !clean => bail!("the stop was cut short; see the log"),
        _ => Ok(()),
    }
}

/// Does this, and meanwhile tells systemd's watchdog that it does, though not for ever.
async fn while_alive<T>(work: impl Future<Output = T>) -> T {
    let fed = async {
        let Some(every) = notify::watchdog_interval() else { return };
        let mut left = FOLLOWS_WITHIN;
        while !left.is_zero() {
            notify::watchdog();
            tokio::time::sleep(every).await;
            left = left.saturating_sub(every);
        }
    };
    let hungry = async {
        fed.await;
        std::future::pending().await
    };
    tokio::select! { done = work => done, never = hungry => never }
}

/// The failure stands in the log already.
#[derive(Debug, thiserror::Error)]
#[error("see the log")]
pub struct Told;

/// Runs a future inside an actix system over a multi-threaded runtime, with the process-wide
/// TLS provider in place.
pub fn in_system(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    install_tls()?;
    // Built first, so that a failure is an error and not a panic inside actix.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    actix::System::with_tokio_rt(move || runtime).block_on(work)
}

/// Names the cryptography behind every TLS connection of this process.
pub fn install_tls() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("a TLS provider was installed twice"))
}
