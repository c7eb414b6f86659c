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

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use actix::{Actor as _, Addr, Arbiter, ArbiterHandle, Context};
use tokio_util::sync::CancellationToken;

use super::commission::CommitterHandle;
use super::departures::Departures;
use super::history::{self, History, Obituary};
use super::patience::Patience;
use super::tenant::{Retire, Rules, TenantActor, Ties};
use crate::clock;
use crate::config::{Actors, Limits};
use crate::domain::id::TenantId;
use crate::domain::message::{MessageId, Topic};
use crate::store::{LoadedTenant, Store, StoreError};
use crate::telemetry::record;
use crate::telemetry::spell::Told;

/// Starts the configured number of arbiters, each a thread of its own. Must be called inside an
/// actix system.
pub fn arbiters(actors: &Actors) -> Vec<ArbiterHandle> {
    (0..actors.threads()).map(|_| Arbiter::new().handle()).collect()
}

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

/// Knows every tenant's actor.
pub struct Guardian {
    slots: RwLock<HashMap<TenantId, Arc<Slot>>>,
    arbiters: Vec<ArbiterHandle>,
    next_arbiter: AtomicUsize,
    store: Store,
    committer: CommitterHandle,
    rules: Rules,
    actors: Actors,
    mailbox: usize,
    trouble: Told,
    /// Arbiters drop their actors when they stop; no crash worth counting.
    stopping: Arc<AtomicBool>,
    /// Nothing more is decided.
    given_up: CancellationToken,
}

impl Guardian {
    /// Tenants are to live on these arbiters, of which there is at least one.
    pub fn start(
        store: Store,
        committer: CommitterHandle,
        rules: Rules,
        actors: Actors,
        limits: &Limits,
        arbiters: Vec<ArbiterHandle>,
    ) -> Arc<Self> {
        Arc::new(Self {
            slots: RwLock::default(),
            arbiters,
            next_arbiter: AtomicUsize::new(0),
            store,
            committer,
            rules,
            actors,
            mailbox: limits.mailbox,
            trouble: Told::new("tenants cannot be loaded", "tenants are loaded again"),
            stopping: Arc::default(),
            given_up: CancellationToken::new(),
        })
    }

    /// The tenant's actor: the living one, or a new one built from the store.
    ///
    /// # Errors
    /// See [`NoActor`].
    pub async fn find(&self, tenant: &TenantId) -> Result<Addr<TenantActor>, NoActor> {
        let slot = self.slot(tenant);
        if let Some(living) = slot.living() {
            return Ok(living);
        }
        // One at a time builds; the others wait here and find it built.
        let _building = slot.building.lock().await;
        if let Some(living) = slot.living() {
            return Ok(living);
        }
        self.bring_up(tenant, &slot).await
    }

    async fn bring_up(
        &self,
        tenant: &TenantId,
        slot: &Arc<Slot>,
    ) -> Result<Addr<TenantActor>, NoActor> {
        let actors = &self.actors;
        loop {
            let recent = slot.history().recent_crashes(actors);
            if slot.history().is_parked(tenant, actors, recent) {
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
            let departures = slot.listen();
            match self.store.load_tenant(tenant).await {
                Ok(loaded) => {
                    self.trouble.worked(clock::instant());
                    return Ok(self.spawn(tenant, loaded, slot, departures));
                }
                Err(StoreError::Corrupt { what, why }) => {
                    tracing::error!(%tenant, what, why, "a tenant's state cannot be read");
                    slot.history().crashed(clock::instant());
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
        tenant: &TenantId,
        loaded: LoadedTenant,
        slot: &Arc<Slot>,
        departures: Arc<Departures>,
    ) -> Addr<TenantActor> {
        let obituary = Obituary::new(tenant.clone(), slot.history.clone(), self.stopping.clone());
        let ties = Ties { departures, obituary, given_up: self.given_up.clone() };
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
        slot.set_living(Some(addr.clone()));
        addr
    }

    fn arbiter(&self) -> ArbiterHandle {
        let turn = self.next_arbiter.fetch_add(1, Ordering::Relaxed);
        self.arbiters[turn % self.arbiters.len()].clone()
    }

    /// Throws away a tenant's actor whose state is not the stored one.
    pub fn discard(&self, tenant: &TenantId, stale: &Addr<TenantActor>) {
        let slot = self.slot(tenant);
        if slot.living().is_some_and(|living| living == *stale) {
            slot.set_living(None);
        }
        let _ = stale.try_send(Retire);
    }

    /// Forgets the tenants of which nothing is to be known: no actor lives or is being built, and
    /// none crashed of late. Anybody may name tenants that do not exist.
    pub fn forget_absent(&self) {
        let absent = |slot: &Arc<Slot>| slot.is_absent(&self.actors);
        if !read(&self.slots).values().any(absent) {
            return;
        }
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds a slot beside the table is about to use it.
        slots.retain(|_, slot| Arc::strong_count(slot) > 1 || !slot.is_absent(&self.actors));
        if slots.capacity() / 4 > slots.len() {
            slots.shrink_to_fit();
        }
    }

    /// Tells a living tenant that a message left; one that does not live reads it from the store.
    pub fn left(&self, tenant: &TenantId, topic: Topic, message: MessageId) {
        if let Some(slot) = read(&self.slots).get(tenant) {
            slot.left(topic, message);
        }
    }

    /// Lets a parked tenant try again at once. Says whether it was parked.
    pub fn unpark(&self, tenant: &TenantId) -> bool {
        let slot = read(&self.slots).get(tenant).cloned();
        slot.is_some_and(|slot| slot.history().unpark())
    }

    /// How many tenants live in memory.
    pub fn live(&self) -> usize {
        read(&self.slots).values().filter(|slot| slot.living().is_some()).count()
    }

    /// The tenants that are parked now.
    pub fn parked(&self) -> Vec<TenantId> {
        let now = clock::instant();
        let slots = read(&self.slots);
        let parked = slots.iter().filter(|(_, slot)| slot.history().is_set_aside(now));
        parked.map(|(tenant, _)| tenant.clone()).collect()
    }

    /// How many crashes are remembered.
    #[cfg(test)]
    pub fn crashes(&self) -> u32 {
        let slots = read(&self.slots);
        slots.values().map(|slot| slot.history().recent_crashes(&self.actors)).sum()
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

    /// Lets every actor go and stops the arbiters.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for slot in read(&self.slots).values() {
            if let Some(living) = slot.living() {
                let _ = living.try_send(Retire);
            }
            slot.set_living(None);
        }
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }

    fn slot(&self, tenant: &TenantId) -> Arc<Slot> {
        if let Some(slot) = read(&self.slots).get(tenant) {
            return slot.clone();
        }
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.entry(tenant.clone()).or_default().clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// A tenant's place with the guardian, whether or not an actor lives.
#[derive(Default)]
struct Slot {
    living: Mutex<Option<Addr<TenantActor>>>,
    /// What the actor has yet to hear, from before it is read from the store on.
    listening: Mutex<Weak<Departures>>,
    building: tokio::sync::Mutex<()>,
    history: Arc<Mutex<History>>,
}

impl Slot {
    fn living(&self) -> Option<Addr<TenantActor>> {
        lock(&self.living).clone().filter(Addr::connected)
    }

    fn set_living(&self, living: Option<Addr<TenantActor>>) {
        *lock(&self.living) = living;
    }

    /// From here on departures are kept for an actor that is about to live, as long as it does.
    fn listen(&self) -> Arc<Departures> {
        let departures = Arc::new(Departures::default());
        *lock(&self.listening) = Arc::downgrade(&departures);
        departures
    }

    fn left(&self, topic: Topic, message: MessageId) {
        if let Some(departures) = lock(&self.listening).upgrade() {
            departures.note(topic, message);
        }
    }

    fn is_absent(&self, actors: &Actors) -> bool {
        self.living().is_none()
            && self.building.try_lock().is_ok()
            && self.history().is_clean(actors)
    }

    fn history(&self) -> MutexGuard<'_, History> {
        history::lock(&self.history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;

    fn departed(booking: &str) -> (Topic, MessageId) {
        let booking = BookingId::parse(booking).unwrap();
        (Topic::Booking(booking), MessageId(uuid::Uuid::from_u128(1)))
    }

    #[test]
    fn what_leaves_while_a_tenant_is_read_is_heard_by_its_actor() {
        let slot = Slot::default();
        let (topic, message) = departed("b0");
        slot.left(topic, message);
        let departures = slot.listen();
        assert_eq!(departures.take(), [], "the store knows");
        let (topic, message) = departed("b1");
        slot.left(topic, message);
        assert_eq!(departures.take(), [departed("b1")]);
        drop(departures);
        let (topic, message) = departed("b2");
        slot.left(topic, message);
        assert_eq!(slot.listen().take(), [], "nobody lived");
    }
}
