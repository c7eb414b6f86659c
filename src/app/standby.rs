//! Standing by: another daemon has the store, and this one takes over when that ends.
//!
//! Meanwhile it answers HTTP by asking the other, so that it does not matter to whom a client
//! speaks; it consumes nothing and sends nothing.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::Config;
use crate::ops;
use crate::ops::health::{Check, Health, Readiness};
use crate::ops::notify;
use crate::server::{self, Relay};
use crate::store::{Candidate, Instance, Store, StoreError};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::record;
use crate::telemetry::spell::Told;

/// How often it tries to take over.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// Where it listens, and what it measures.
pub(super) struct Door {
    pub listener: TcpListener,
    pub metrics: Metrics,
}

/// Who has the store, as far as is known; and whether the store answers.
#[derive(Debug, Clone)]
struct Seen {
    active: Instance,
    answers: bool,
}

/// The store, once it is this daemon's turn. Nothing, if it was told to stop before.
///
/// # Errors
/// If the store cannot be had at all.
pub(super) async fn in_turn(
    candidate: Candidate,
    config: &Config,
    door: &Door,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Store>> {
    let active = match candidate.tries().await {
        Ok(store) => return Ok(Some(Store::Postgres(store))),
        Err(StoreError::Taken(active)) => active,
        Err(error) => {
            return Err(error).with_context(|| format!("cannot open {}", config.store.url));
        }
    };
    tracing::info!(active = active.name, "standing by: another bellhop has the store");
    notify::ready(&format!("standing by for {}", active.name));
    record::set_standing_by(true);
    let seen = Arc::new(RwLock::new(Seen { active, answers: true }));
    let closed = CancellationToken::new();
    let serving = tokio::spawn(answers(door, config, &seen, closed.clone())?);
    let store = wait(&candidate, &seen, &door.metrics, stop).await;
    if store.is_none() {
        candidate.leaves().await;
        notify::stopping("stopping: it never was its turn");
    }
    closed.cancel();
    let _ = serving.await;
    Ok(store)
}

/// Tries until it is its turn, or told to stop.
async fn wait(
    candidate: &Candidate,
    seen: &Arc<RwLock<Seen>>,
    metrics: &Metrics,
    stop: &CancellationToken,
) -> Option<Store> {
    let trouble = Told::new("the store does not answer", "the store answers again");
    let mut ticks = tokio::time::interval(TRY_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return None,
            _ = ticks.tick() => {}
        }
        let tried = candidate.tries().await;
        metrics.upkeep();
        if notify::watchdog_interval().is_some() {
            notify::watchdog();
        }
        let mut seen = seen.write().unwrap_or_else(PoisonError::into_inner);
        seen.answers = matches!(&tried, Ok(_) | Err(StoreError::Taken(_)));
        record::set_ready("store", seen.answers);
        match tried {
            Ok(store) => {
                tracing::info!(before = seen.active.name, "taking over");
                return Some(Store::Postgres(store));
            }
            Err(StoreError::Taken(active)) => {
                trouble.worked(clock::instant());
                seen.active = active;
            }
            Err(error) => trouble.failed(clock::instant(), &error),
        }
    }
}

/// Answers for itself how it is, and all else by asking whoever is active.
fn answers(
    door: &Door,
    config: &Config,
    seen: &Arc<RwLock<Seen>>,
    closed: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let listener = again(&door.listener).context("[http] listen: cannot be used twice")?;
    let read = |seen: &RwLock<Seen>| seen.read().unwrap_or_else(PoisonError::into_inner).clone();
    let looked = seen.clone();
    let readiness: Readiness = Arc::new(move || {
        let ok = read(&looked).answers;
        vec![Check { name: "store", ok, hint: (!ok).then(|| "it does not answer".into()) }]
    });
    let health = Health { readiness, metrics: door.metrics.clone() };
    let asked = seen.clone();
    let relay = Relay::to(&config.http, move || read(&asked).active.address)?;
    let router = ops::health::table().with_state(health).into_router();
    let (router, http) = (relay.behind(router), config.http.clone());
    Ok(async move { server::serve(listener, router, &http, closed).await })
}

/// The same socket once more: who knocks between the two is answered by either.
fn again(listener: &TcpListener) -> std::io::Result<TcpListener> {
    use std::os::fd::AsFd as _;
    let socket = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
    TcpListener::from_std(socket)
}
