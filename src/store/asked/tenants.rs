//! The tenants, page by page.

use std::sync::Arc;

use crate::domain::id::{ClientId, TenantId};
use crate::domain::settings::Settings;
use crate::domain::usage::SmsUsage;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::view::{SuppressedView, TenantView};

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

    /// A tenant's settings; `None` before it is configured.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settings(&self, tenant: &TenantId) -> Result<Option<Arc<Settings>>, StoreError> {
        forward!(self.settings(tenant))
    }

    /// What a tenant's quota of text messages was last counted to; `None` before anything was.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sms_usage(&self, tenant: &TenantId) -> Result<Option<SmsUsage>, StoreError> {
        forward!(self.sms_usage(tenant))
    }

    /// The clients of a tenant to whom nothing goes on some channel, behind this one, by id; at
    /// most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn suppressed(
        &self,
        tenant: &TenantId,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<SuppressedView>, StoreError> {
        forward!(self.suppressed(tenant, after, limit))
    }
}
