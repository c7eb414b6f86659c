//! Standing by: another daemon has the store, and this one takes over when that ends.
//!
//! Meanwhile it answers HTTP by asking the other, so that it does not matter to whom a client
//! speaks; it consumes nothing and sends nothing.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::door::Door;
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

/// How often it tries to take over, and sees to itself.
const TRY_EVERY: Duration = Duration::from_millis(500);
/// How long a try may take: as long as it waits for a connection.
const TRY_WAIT: Duration = Duration::from_secs(10);
/// So long after its last answer the store is not relied upon.
const SILENT_AFTER: Duration = Duration::from_secs(3);
/// How often whoever begins to work says that it lives.
const ATTEST_EVERY: Duration = Duration::from_secs(1);
/// How long whoever stops waits for the store to take note.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

/// Who has the store, as far as is known; and when the store said so.
#[derive(Debug, Clone)]
struct Seen {
    active: Instance,
    answered: Instant,
}

impl Seen {
    fn is_recent(&self) -> bool {
        clock::since(self.answered) < SILENT_AFTER
    }
}

/// What is known, for all who ask at the same time.
#[derive(Debug, Clone)]
struct Sight(Arc<RwLock<Seen>>);

impl Sight {
    fn of(active: Instance) -> Self {
        Self(Arc::new(RwLock::new(Seen { active, answered: clock::instant() })))
    }

    fn now(&self) -> Seen {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sees(&self, active: Instance) {
        let seen = Seen { active, answered: clock::instant() };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = seen;
    }
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
    let sight = Sight::of(active);
    let closed = CancellationToken::new();
    let serving = tokio::spawn(answers(door, config, &sight, closed.clone())?);
    let store = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        store = turn(&candidate, &sight) => Some(store),
        never = upkeep(&sight, &door.metrics) => match never {},
    };
    closed.cancel();
    if store.is_none() {
        notify::stopping("stopping: it never was its turn");
        // If the store does not answer, others find out by themselves.
        let _ = tokio::time::timeout(LEAVE_WAIT, candidate.leaves()).await;
        let _ = serving.await;
    }
    // Else those who still wait for the one before are told beside what begins here.
    Ok(store)
}

/// Signs of life while it is found out what is to be done, which may take longer than others wait
/// for the next.
pub(super) async fn attests(store: Store) {
    let mut ticks = tokio::time::interval(ATTEST_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Whoever finds that another has it is who works with it.
        if let Err(error) = store.still_there().await {
            tracing::debug!(%error, "no sign of life could be given");
        }
    }
}

/// Tries until it is its turn.
async fn turn(candidate: &Candidate, sight: &Sight) -> Store {
    let trouble = Told::new("the store does not answer", "the store answers again");
    let mut ticks = tokio::time::interval(TRY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let late = || StoreError::Unavailable("it did not answer in time".to_owned());
        let tried = tokio::time::timeout(TRY_WAIT, candidate.tries()).await;
        match tried.unwrap_or_else(|_| Err(late())) {
            Ok(store) => {
                tracing::info!(before = sight.now().active.name, "taking over");
                return Store::Postgres(store);
            }
            Err(StoreError::Taken(active)) => {
                trouble.worked(clock::instant());
                sight.sees(active);
            }
            Err(error) => trouble.failed(clock::instant(), &error),
        }
    }
}

/// Signs of life for systemd, and what is measured, however long the store takes to answer.
async fn upkeep(sight: &Sight, metrics: &Metrics) -> Infallible {
    let mut ticks = tokio::time::interval(TRY_EVERY);
    loop {
        ticks.tick().await;
        metrics.upkeep();
        record::set_ready("store", sight.now().is_recent());
        if notify::watchdog_interval().is_some() {
            notify::watchdog();
        }
    }
}

/// Answers for itself how it is, and all else by asking whoever is active.
fn answers(
    door: &Door,
    config: &Config,
    sight: &Sight,
    closed: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let listener = door.http()?;
    let looked = sight.clone();
    let readiness: Readiness = Arc::new(move || {
        let ok = looked.now().is_recent();
        vec![Check { name: "store", ok, hint: (!ok).then(|| "it does not answer".into()) }]
    });
    let health = Health { readiness, metrics: door.metrics.clone() };
    let asked = sight.clone();
    let relay = Relay::to(&config.http, closed.clone(), move || asked.now().active.address)?;
    let router = ops::health::table().with_state(health).into_router();
    let (router, http) = (relay.behind(router), config.http.clone());
    Ok(async move { server::serve(listener, router, &http, closed).await })
}
