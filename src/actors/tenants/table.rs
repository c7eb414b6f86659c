//! Every tenant of which anything is in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::mpsc;

use super::entry::Entry;
use super::guardian::Guardian;
use super::line::Line;
use super::tenancy::Tenancy;
use crate::clock;
use crate::domain::id::TenantId;
use crate::domain::message::{MessageId, Topic};
use crate::store::Store;

/// Those of whom anything is in memory, each once.
pub struct Tenants {
    table: RwLock<HashMap<TenantId, Arc<Tenancy>>>,
    guardian: Arc<Guardian>,
    store: Store,
    window: usize,
    command_panics_max: u32,
}

impl Tenants {
    /// Nobody is there yet. At most `window` inputs of a tenant are with its actor at once; one
    /// at which deciding failed so often is set aside.
    pub fn new(
        guardian: Guardian,
        store: Store,
        window: usize,
        command_panics_max: u32,
    ) -> Arc<Self> {
        let (table, guardian) = (RwLock::default(), Arc::new(guardian));
        Arc::new(Self { table, guardian, store, window, command_panics_max })
    }

    /// Puts an input into its tenant's line.
    pub fn put(&self, tenant: &TenantId, entry: Entry) {
        let tenancy = self.tenancy(tenant);
        let opened = tenancy.clone();
        tenancy.put(entry, || self.open_line(opened));
    }

    fn open_line(&self, tenancy: Arc<Tenancy>) -> mpsc::UnboundedSender<Entry> {
        let (sender, inbox) = mpsc::unbounded_channel();
        let line = Line {
            tenancy,
            guardian: self.guardian.clone(),
            store: self.store.clone(),
            window: self.window,
            command_panics_max: self.command_panics_max,
        };
        tokio::spawn(line.run(inbox));
        sender
    }

    /// Forgets the tenants of which nothing is to be known.
    pub fn forget_absent(&self) {
        // Whoever holds a tenancy beside the table is about to use it, or is its line.
        let absent = |tenancy: &Arc<Tenancy>| {
            Arc::strong_count(tenancy) == 1 && self.guardian.is_absent(tenancy)
        };
        if !self.read().values().any(absent) {
            return;
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, tenancy| !absent(tenancy));
        if table.capacity() / 4 > table.len() {
            table.shrink_to_fit();
        }
    }

    /// Tells a living tenant that a message left; one that does not live reads it from the store.
    pub fn left(&self, tenant: &TenantId, topic: Topic, message: MessageId) {
        if let Some(tenancy) = self.read().get(tenant) {
            tenancy.left(topic, message);
        }
    }

    /// Lets a tenant try again at once that kept crashing. Says whether it was set aside for that.
    pub fn unpark(&self, tenant: &TenantId) -> bool {
        let tenancy = self.read().get(tenant).cloned();
        tenancy.is_some_and(|tenancy| tenancy.crashes().unpark())
    }

    /// How many tenants' actors live.
    pub fn live(&self) -> usize {
        self.read().values().filter(|tenancy| tenancy.living().is_some()).count()
    }

    /// Whether a tenant's actor lives.
    pub fn is_live(&self, tenant: &TenantId) -> bool {
        self.read().get(tenant).is_some_and(|tenancy| tenancy.living().is_some())
    }

    /// Whether a tenant is set aside because it kept crashing.
    pub fn is_set_aside(&self, tenant: &TenantId) -> bool {
        let now = clock::instant();
        self.read().get(tenant).is_some_and(|tenancy| tenancy.crashes().is_set_aside(now))
    }

    /// The tenants that are set aside: by operators, or because they kept crashing.
    pub fn parked(&self) -> Vec<TenantId> {
        let now = clock::instant();
        let table = self.read();
        let crashed = table.iter().filter(|(_, tenancy)| tenancy.crashes().is_set_aside(now));
        let crashed = crashed.map(|(tenant, _)| tenant.clone());
        let all: BTreeSet<_> = crashed.chain(self.guardian.measures().parked()).collect();
        all.into_iter().collect()
    }

    /// Of how many tenants anything is in memory.
    #[cfg(test)]
    pub fn known(&self) -> usize {
        self.read().len()
    }

    /// How many crashes are remembered.
    #[cfg(test)]
    pub fn crashes(&self) -> u32 {
        self.read().values().map(|tenancy| self.guardian.crashes(tenancy)).sum()
    }

    /// From now on nothing is decided that is not yet: it is for the next run. What is decided
    /// becomes durable.
    pub fn give_up(&self) {
        self.guardian.give_up();
    }

    /// Whether nothing more is decided.
    pub fn has_given_up(&self) -> bool {
        self.guardian.given_up().is_cancelled()
    }

    /// Lets every actor go and stops the arbiters.
    pub fn stop(&self) {
        self.read().values().for_each(|tenancy| tenancy.retire());
        self.guardian.stop();
    }

    fn tenancy(&self, tenant: &TenantId) -> Arc<Tenancy> {
        if let Some(tenancy) = self.read().get(tenant) {
            return tenancy.clone();
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Tenancy::new(tenant.clone()));
        table.entry(tenant.clone()).or_insert_with(fresh).clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<TenantId, Arc<Tenancy>>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}
