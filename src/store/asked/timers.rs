//! Timers.

use jiff::Timestamp;

use crate::domain::id::TenantId;
use crate::domain::timer::DueTimer;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::timer::UnreadableTimer;

impl Store {
    /// Timers that are due until this instant, the longest due first, at most `limit` and
    /// [`PAGE_MAX`](crate::store::PAGE_MAX); the next page is what comes after the last. They stand
    /// until a unit answers them. One that cannot be read is set aside until the next start, and
    /// not among them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn timers_due(
        &self,
        until: Timestamp,
        after: Option<&(TenantId, DueTimer)>,
        limit: u32,
    ) -> Result<Vec<(TenantId, DueTimer)>, StoreError> {
        forward!(self.timers_due(until, after, limit))
    }

    /// A tenant's timers that cannot be read, the longest due first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unreadable_timers(
        &self,
        tenant: &TenantId,
        limit: u32,
    ) -> Result<Vec<UnreadableTimer>, StoreError> {
        forward!(self.unreadable_timers(tenant, limit))
    }

    /// Whether this timer is still to fire at this very instant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn timer_stands(
        &self,
        tenant: &TenantId,
        timer: &DueTimer,
    ) -> Result<bool, StoreError> {
        forward!(self.timer_stands(tenant, timer))
    }

    /// Every timer of a tenant's, in no order that means anything. One that cannot be read is not
    /// among them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn timers_of(&self, tenant: &TenantId) -> Result<Vec<DueTimer>, StoreError> {
        forward!(self.timers_of(tenant))
    }

    /// How many timers are to fire.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_timers(&self) -> Result<u64, StoreError> {
        forward!(self.count_timers())
    }

    /// When the next timer fires.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        forward!(self.next_timer())
    }
}
