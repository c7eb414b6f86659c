//! What operators impose on tenants, as those ask who decide and send.
//!
//! The store has all of it, and memory a copy, which is asked for each input and each message. A
//! measure holds when it is durable: so it outlasts the daemon. A limit ends by itself.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::{Deed, Limit, Measured, NewLimit, Store, StoreError};

/// So many tenants may be parked, and so many limits may stand.
const MEASURES_MAX: usize = 10_000;

/// Why nothing is imposed.
#[derive(Debug, thiserror::Error)]
pub enum NotImposed {
    /// Too many are: lift some.
    #[error("there are {MEASURES_MAX} already: lift some first")]
    TooMany,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Told that the limits of a channel are other ones.
type Bell = Box<dyn Fn(Channel) + Send + Sync>;

/// See the module.
pub struct Measures {
    store: Store,
    bell: Bell,
    /// One change at a time, so that store and memory agree.
    changing: Mutex<()>,
    imposed: RwLock<Imposed>,
}

#[derive(Default)]
struct Imposed {
    parked: HashMap<TenantId, Deed>,
    limits: HashMap<(Channel, TenantId), Limit>,
}

impl Measures {
    /// Those that an earlier run left. The `bell` is rung whenever the limits of a channel change.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn begin(
        store: Store,
        bell: impl Fn(Channel) + Send + Sync + 'static,
    ) -> Result<Arc<Self>, StoreError> {
        let Measured { parked, limits } = store.measures(clock::now()).await?;
        let key = |tenant, limit: &Limit| (limit.of.channel, tenant);
        let imposed = Imposed {
            parked: parked.into_iter().map(|parking| (parking.tenant, parking.deed)).collect(),
            limits: limits.into_iter().map(|(who, limit)| (key(who, &limit), limit)).collect(),
        };
        let (changing, imposed) = (Mutex::default(), RwLock::new(imposed));
        Ok(Arc::new(Self { store, bell: Box::new(bell), changing, imposed }))
    }

    /// Whether an operator parked the tenant.
    pub fn is_parked(&self, tenant: &TenantId) -> bool {
        self.read().parked.contains_key(tenant)
    }

    /// The tenants that operators parked.
    pub fn parked(&self) -> Vec<TenantId> {
        self.read().parked.keys().cloned().collect()
    }

    /// Nothing is taken of a tenant from now on; one that is parked stays so, as it was.
    ///
    /// # Errors
    /// [`NotImposed`].
    pub async fn park(&self, tenant: &TenantId, deed: &Deed) -> Result<(), NotImposed> {
        let _turn = self.changing.lock().await;
        if !self.is_parked(tenant) && self.read().parked.len() >= MEASURES_MAX {
            return Err(NotImposed::TooMany);
        }
        self.store.park(tenant, deed).await?;
        self.write().parked.entry(tenant.clone()).or_insert_with(|| deed.clone());
        Ok(())
    }

    /// The tenant goes on, whether it was parked here or because it kept crashing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unpark(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        let _turn = self.changing.lock().await;
        self.store.unpark(tenant, deed).await?;
        self.write().parked.remove(tenant);
        Ok(())
    }

    /// How much an operator lets a tenant send now, in messages a second, if one said so.
    pub fn rate(&self, channel: Channel, tenant: &TenantId, now: Timestamp) -> Option<f64> {
        let imposed = self.read();
        if imposed.limits.is_empty() {
            return None;
        }
        let limit = imposed.limits.get(&(channel, tenant.clone()))?;
        (limit.of.until > now).then_some(limit.of.rate)
    }

    /// The tenants that operators limited on a channel, and how much each may send.
    pub fn rates(&self, channel: Channel, now: Timestamp) -> HashMap<TenantId, f64> {
        let imposed = self.read();
        let limits = imposed.limits.iter();
        let standing = limits.filter(|((of, _), limit)| *of == channel && limit.of.until > now);
        standing.map(|((_, tenant), limit)| (tenant.clone(), limit.of.rate)).collect()
    }

    /// A tenant's limits that stand now, by channel.
    pub fn limits(&self, tenant: &TenantId, now: Timestamp) -> Vec<Limit> {
        let imposed = self.read();
        let of = |channel| imposed.limits.get(&(channel, tenant.clone()));
        let standing = Channel::ALL.into_iter().filter_map(of).filter(|of| of.of.until > now);
        standing.cloned().collect()
    }

    /// Limits a tenant on a channel, in the place of an earlier limit there.
    ///
    /// # Errors
    /// [`NotImposed`].
    pub async fn limit(
        &self,
        tenant: &TenantId,
        limit: NewLimit,
        deed: Deed,
    ) -> Result<Limit, NotImposed> {
        let _turn = self.changing.lock().await;
        let key = (limit.channel, tenant.clone());
        self.write().limits.retain(|_, standing| standing.of.until > deed.at);
        let is_new = !self.read().limits.contains_key(&key);
        if is_new && self.read().limits.len() >= MEASURES_MAX {
            return Err(NotImposed::TooMany);
        }
        self.store.limit(tenant, &limit, &deed).await?;
        let limit = Limit { of: limit, deed };
        self.write().limits.insert(key, limit.clone());
        (self.bell)(limit.of.channel);
        Ok(limit)
    }

    /// Lifts a tenant's limit on a channel; says whether there was one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn lift(
        &self,
        tenant: &TenantId,
        channel: Channel,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        let _turn = self.changing.lock().await;
        if self.rate(channel, tenant, deed.at).is_none() {
            return Ok(false);
        }
        self.store.lift(tenant, channel, deed).await?;
        self.write().limits.remove(&(channel, tenant.clone()));
        (self.bell)(channel);
        Ok(true)
    }

    fn read(&self) -> RwLockReadGuard<'_, Imposed> {
        self.imposed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Imposed> {
        self.imposed.write().unwrap_or_else(PoisonError::into_inner)
    }
}
