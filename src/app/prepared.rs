//! What is there before anything runs: what the configuration asks for, and the store.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::door::Door;
use super::standby;
use crate::actors::{Means, Retries};
use crate::broker;
use crate::config::{self, Config, StoreUrl};
use crate::content::Catalogue;
use crate::egress::Carriers;
use crate::links::{Hooks, Links};
use crate::ops::standing::Standing;
use crate::store::{self, Candidate, Holder, Instance, Store, StoreError};
use crate::telemetry::logs;

/// Everything of a configuration that can be found wrong without touching the world: what the
/// daemon does not start with, `check-config` refuses.
///
/// # Errors
/// Names the key.
pub fn prepare(config: &Config) -> anyhow::Result<Means> {
    logs::check(&config.log.filter)?;
    check_store(config)?;
    if let Some(amqp) = &config.amqp {
        broker::check_url(&amqp.url).map_err(|why| anyhow!("[amqp] url {why}"))?;
    }
    means(config)
}

/// What of the store's address can be found wrong without going there.
fn check_store(config: &Config) -> anyhow::Result<()> {
    let StoreUrl::Postgres(url) = &config.store.url else { return Ok(()) };
    store::check_postgres_url(url.expose()).map_err(|why| anyhow!("[store] url {why}"))
}

/// Opens a file, and takes it over.
async fn open_sqlite(config: &Config, path: &Path) -> anyhow::Result<Store> {
    Store::open_sqlite(path, config.store.readers, &holder(config))
        .await
        .with_context(|| format!("cannot open the store {}", path.display()))
}

/// A run of this daemon.
fn holder(config: &Config) -> Holder {
    // As many as the broker has, so that a tenant's commands and its events are in the same one.
    let partitions = config.amqp.as_ref().map_or(1, |amqp| amqp.partitions);
    let (name, address) = config.instance.known_as(config.http.listen);
    Holder::new(Uuid::now_v7(), partitions).known_as(Instance { name, address })
}

/// Brings the configured store up to date. Beside a daemon, where the store allows it.
///
/// # Errors
/// If it cannot be opened, or changed.
pub async fn migrate_store(config: &Config) -> anyhow::Result<()> {
    match &config.store.url {
        StoreUrl::Sqlite(path) => open_sqlite(config, path).await?.close().await,
        url @ StoreUrl::Postgres(server) => Store::migrate_postgres(server.expose())
            .await
            .with_context(|| format!("cannot migrate the store {url}"))?,
    }
    Ok(())
}

/// Opens the configured store to look at, beside a daemon that may have it.
///
/// # Errors
/// If there is none.
pub async fn look_into_store(config: &Config) -> Result<Store, StoreError> {
    match &config.store.url {
        StoreUrl::Sqlite(path) => Store::inspect_sqlite(path).await,
        StoreUrl::Postgres(server) => Store::inspect_postgres(server.expose()).await,
    }
}

fn means(config: &Config) -> anyhow::Result<Means> {
    let catalogue = Catalogue::built_in()?;
    Ok(Means {
        carriers: Carriers::new(config)?,
        catalogue: Arc::new(catalogue),
        plans: Arc::new(config.plans.clone()),
        retry: Retries::new(|channel| config.retry.schedule(channel)),
        from: config.email.from.clone(),
        return_path: config.email.return_path.clone(),
        feedback_id: config.email.feedback_id.clone(),
        dkim: config.email.signers(),
        links: config.links.as_ref().map(links).transpose()?,
        hooks: None,
    })
}

fn links(config: &config::Links) -> anyhow::Result<Links> {
    let links = Links::new(&config.url, config.key.expose_secret().as_bytes())?;
    let mut others = config.keys.iter().map(|key| key.secret.expose_secret().as_bytes());
    Ok(others.try_fold(links, Links::reading)?)
}

/// What signs the addresses that providers are given to report to, if they are given any.
pub(super) async fn hooks(config: &Config, store: &Store) -> anyhow::Result<Option<Hooks>> {
    if config.http.public_url.is_none() {
        return Ok(None);
    }
    Ok(Some(Hooks::new(&store.hooks_key().await?)?))
}

/// A store that is this daemon's, what is in it, and what says so to others until dropped.
pub(super) type Found = (Store, Standing, AbortOnDropHandle<()>);

/// Opens the store, in its turn where others share it, and looks what is there. Nothing, if it was
/// told to stop before.
pub(super) async fn find_store(
    config: &Config,
    door: &Door,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Found>> {
    let (found, store) = match &config.store.url {
        StoreUrl::Sqlite(path) => (path.exists(), open_sqlite(config, path).await?),
        url @ StoreUrl::Postgres(server) => {
            let found = look_into_store(config).await.is_ok();
            let config::Store { readers, slots, .. } = &config.store;
            let cannot = || format!("cannot open the store {url}");
            let holder = holder(config);
            let candidate = Candidate::stand(server.expose(), *readers, slots, &holder);
            let candidate = candidate.await.with_context(cannot)?;
            let Some(store) = standby::in_turn(candidate, config, door, stop).await? else {
                return Ok(None);
            };
            (found, store)
        }
    };
    let attested = AbortOnDropHandle::new(tokio::spawn(standby::attests(store.clone())));
    let standing = Standing::read(config, &store, found).await?;
    Ok(Some((store, standing, attested)))
}
