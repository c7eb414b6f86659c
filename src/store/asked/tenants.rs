//! The tenants, page by page.

use crate::domain::id::TenantId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::view::TenantView;

impl Store {
    /// Tenants behind this one, by id, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tenants(
        &self,
        after: Option<&TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantView>, StoreError> {
        forward!(self.tenants(after, limit))
    }
}
