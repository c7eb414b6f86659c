//! What a tenant's clients were told, page by page.

use crate::domain::id::{ClientId, TenantId};
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::view::{PlacedTelling, ToldOf};

impl Store {
    /// What was decided of a tenant's clients, the latest first, from the place `from` on, at most
    /// `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn told(
        &self,
        tenant: &TenantId,
        of: &ToldOf,
        from: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PlacedTelling>, StoreError> {
        forward!(self.told(tenant, of, from, limit))
    }

    /// Whether the tenant has such a client.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn knows_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<bool, StoreError> {
        forward!(self.knows_client(tenant, client))
    }
}
