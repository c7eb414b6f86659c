//! `bellhop run`: the daemon.

use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, anyhow, bail};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::{Config, LogFormat};
use crate::domain::decide;
use crate::ops::notify;
use crate::ops::standing::Standing;
use crate::shutdown::Signals;
use crate::telemetry::logs;
use crate::telemetry::metrics::Metrics;

/// The exit status where the store is no longer where it was: a failure.
const LOST_STORE: i32 = 1;

/// Runs until SIGTERM or SIGINT.
pub fn run(config: Config) -> anyhow::Result<()> {
    let format = match config.log.format {
        LogFormat::Text => logs::Format::Text,
        LogFormat::Json => logs::Format::Json,
    };
    logs::init(format, &config.log.filter)?;
    let done = in_system(async move {
        // First, so that no signal during the start kills it.
        let signals = Signals::listen().context("cannot listen for signals")?;
        let metrics = Metrics::install()?;
        let (asked, stop) = (Arc::new(OnceLock::new()), CancellationToken::new());
        let (why, stops) = (asked.clone(), stop.clone());
        tokio::spawn(async move {
            let _ = why.set(signals.stop_requested().await);
            stops.cancel();
        });
        let Some(app) = App::start_in_turn(config, metrics, decide, &stop).await? else {
            tracing::info!(why = asked.get(), "stopped while standing by");
            return Ok(());
        };
        let Standing { store, tenants, providers, broker } = &app.standing;
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(address = %app.address, version, store, tenants, providers, broker, "ready");
        notify::ready(&format!("running: {tenants} tenants, {providers}"));
        let crew = app.crew.clone();
        let fallen = tokio::select! {
            () = stop.cancelled() => {
                tracing::info!(why = asked.get(), "stopping");
                None
            }
            task = crew.fell() => Some(task),
            () = app.lost_store() => std::process::exit(LOST_STORE),
        };
        let clean = app.stop().await;
        match fallen {
            Some(task) => bail!("the task {task} fell, without which nothing goes on; see the log"),
            None if !clean => bail!("the stop was cut short; see the log"),
            None => Ok(()),
        }
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
