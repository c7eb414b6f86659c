//! What operators impose on tenants. Each change has its line in the audit, in one transaction.

use jiff::Timestamp;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::letters::Deed;
use crate::store::measures::{Measured, NewLimit};

impl Store {
    /// Everything that is imposed at this instant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn measures(&self, now: Timestamp) -> Result<Measured, StoreError> {
        forward!(self.measures(now))
    }

    /// Parks a tenant; one that is parked already stays so, as it was.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn park(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        forward!(self.park(tenant, deed))
    }

    /// Lets a parked tenant go on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unpark(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        forward!(self.unpark(tenant, deed))
    }

    /// Limits a tenant on a channel, in the place of an earlier limit there. Limits that have ended
    /// are forgotten.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn limit(
        &self,
        tenant: &TenantId,
        limit: &NewLimit,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        forward!(self.limit(tenant, limit, deed))
    }

    /// Lifts a tenant's limit on a channel.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn lift(
        &self,
        tenant: &TenantId,
        channel: Channel,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        forward!(self.lift(tenant, channel, deed))
    }
}
