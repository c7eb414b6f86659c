//! Supervision: who lives, who is restarted, who is set aside.
//!
//! ```text
//!            find                     panic, or its units went stale
//!   absent ────────▶ live ───────────────────────────────▶ dead
//!     ▲               │ idle                                │ find: pause, then build
//!     │◀──────────────┘                                     │ from the store
//!     │ after park_time, or unparked                        ▼
//!     └───────────────────────────── parked ◀──── more than restarts_max panics
//!                                                 within restart_window
//! ```
//!
//! actix does not survive a panic: the thread goes on, the actor is gone and its senders get
//! `Closed`. So actors catch their own panics and leave an [`Obituary`]; the next one who looks
//! for the tenant finds out, waits out the pause and builds a new actor from the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::{Actor as _, Addr, ArbiterHandle, Context};
use tokio_util::sync::CancellationToken;

use super::actor::{Rules, TenantActor, Ties};
use super::crashes::Obituary;
use super::departures::Departures;
use super::tenancy::Tenancy;
use crate::actors::commission::CommitterHandle;
use crate::actors::measures::Measures;
use crate::actors::patience::Patience;
use crate::clock;
use crate::config::{Actors, Limits};
use crate::domain::rejection::RejectionReason;
use crate::store::{LoadedTenant, Store, StoreError};
use crate::telemetry::record;
use crate::telemetry::spell::Told;

/// Why there is no actor for a tenant.
#[derive(Debug, thiserror::Error)]
pub enum NoActor {
    /// It kept crashing and is set aside for a while.
    #[error("the tenant is parked")]
    Parked,
    /// Its state cannot be loaded now.
    #[error("the tenant's state cannot be loaded now")]
    Unavailable,
}

/// Builds and supervises the tenants' actors.
pub struct Guardian {
    arbiters: Vec<ArbiterHandle>,
    next_arbiter: AtomicUsize,
    store: Store,
    committer: CommitterHandle,
    rules: Rules,
    measures: Arc<Measures>,
    actors: Actors,
    mailbox: usize,
    window: usize,
    trouble: Told,
    /// Arbiters drop their actors when they stop; no crash worth counting.
    stopping: Arc<AtomicBool>,
    /// Nothing more is decided.
    given_up: CancellationToken,
}

impl Guardian {
    /// Tenants are to live on these arbiters, of which there is at least one.
    pub fn new(
        store: Store,
        committer: CommitterHandle,
        rules: Rules,
        measures: Arc<Measures>,
        actors: Actors,
        limits: &Limits,
        arbiters: Vec<ArbiterHandle>,
    ) -> Self {
        record::actor_began("tenant");
        for reason in RejectionReason::ALL {
            record::may_contradict(reason.as_str());
        }
        Self {
            arbiters,
            next_arbiter: AtomicUsize::new(0),
            store,
            committer,
            rules,
            measures,
            actors,
            mailbox: limits.mailbox,
            window: limits.tenant_window,
            trouble: Told::new("tenants cannot be loaded", "tenants are loaded again"),
            stopping: Arc::default(),
            given_up: CancellationToken::new(),
        }
    }

    /// The tenant's actor: the living one, or a new one built from the store. Only the tenant's
    /// line asks.
    ///
    /// # Errors
    /// See [`NoActor`].
    pub async fn find(&self, tenancy: &Tenancy) -> Result<Addr<TenantActor>, NoActor> {
        match tenancy.living() {
            Some(living) => Ok(living),
            None => self.bring_up(tenancy).await,
        }
    }

    async fn bring_up(&self, tenancy: &Tenancy) -> Result<Addr<TenantActor>, NoActor> {
        let (actors, tenant) = (&self.actors, &tenancy.tenant);
        loop {
            let recent = tenancy.crashes().recent_crashes(actors);
            if tenancy.crashes().is_parked(&tenancy.tenant, actors, recent) {
                return Err(NoActor::Parked);
            }
            if recent > 0 {
                let mut patience =
                    Patience::new(actors.restart_backoff, actors.restart_backoff_max);
                let pause = (0..recent).map(|_| patience.pause()).last().unwrap_or_default();
                tokio::time::sleep(pause).await;
                record::actor_restarted("tenant");
            }
            // What the predecessor decided must be in the store, or known not to be.
            self.committer.barrier().await.map_err(|_| NoActor::Unavailable)?;
            // What leaves from here on may not be in what is read.
            let departures = tenancy.listen();
            match self.store.load_tenant(tenant).await {
                Ok(loaded) => {
                    self.trouble.worked(clock::instant());
                    return Ok(self.spawn(tenancy, loaded, departures));
                }
                Err(StoreError::Corrupt { what, why }) => {
                    tracing::error!(%tenant, what, why, "a tenant's state cannot be read");
                    tenancy.crashes().crashed(clock::instant());
                }
                Err(error) => {
                    self.trouble.failed(clock::instant(), &error);
                    return Err(NoActor::Unavailable);
                }
            }
        }
    }

    fn spawn(
        &self,
        tenancy: &Tenancy,
        loaded: LoadedTenant,
        departures: Arc<Departures>,
    ) -> Addr<TenantActor> {
        let tenant = &tenancy.tenant;
        let crashes = tenancy.shared_crashes();
        let obituary = Obituary::new(tenant.clone(), crashes, self.stopping.clone());
        let (given_up, window) = (self.given_up.clone(), self.window);
        let ties = Ties { departures, obituary, given_up, window };
        let actor = TenantActor::new(
            tenant.clone(),
            loaded,
            self.rules.clone(),
            self.committer.clone(),
            self.actors.idle_after,
            ties,
        );
        let mailbox = self.mailbox;
        let addr = TenantActor::start_in_arbiter(&self.arbiter(), move |ctx: &mut Context<_>| {
            ctx.set_mailbox_capacity(mailbox);
            actor
        });
        tenancy.lives(addr.clone());
        addr
    }

    fn arbiter(&self) -> ArbiterHandle {
        let turn = self.next_arbiter.fetch_add(1, Ordering::Relaxed);
        self.arbiters[turn % self.arbiters.len()].clone()
    }

    /// What operators impose.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Whether nothing is to be known of a tenant: no actor lives, and none crashed of late.
    pub fn is_absent(&self, tenancy: &Tenancy) -> bool {
        tenancy.living().is_none() && tenancy.crashes().is_clean(&self.actors)
    }

    /// From now on nothing is decided that is not yet: it is for the next run. What is decided
    /// becomes durable.
    pub fn give_up(&self) {
        self.given_up.cancel();
    }

    /// Cancelled once nothing more is decided.
    pub fn given_up(&self) -> &CancellationToken {
        &self.given_up
    }

    /// Stops the arbiters, and with them the actors that live there.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }

    /// How many crashes of a tenant are remembered.
    #[cfg(test)]
    pub fn crashes(&self, tenancy: &Tenancy) -> u32 {
        tenancy.crashes().recent_crashes(&self.actors)
    }
}
