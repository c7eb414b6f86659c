//! What the daemon reads back of what it wrote.

use std::sync::Arc;

use super::unit::StoredMessage;
use crate::domain::TenantState;
use crate::domain::client::Client;
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;

/// The most rows that one read returns, where the caller may ask for many.
pub const PAGE_MAX: u32 = 1000;

/// A tenant as the store holds it.
#[derive(Debug)]
pub struct LoadedTenant {
    /// The revision of this state; 0 for a tenant never written.
    pub revision: u64,
    pub state: TenantState,
}

/// A message that was claimed, with what its text needs.
#[derive(Debug)]
pub struct Claimed {
    pub stored: StoredMessage,
    /// The tenant's settings; `None` where the tenant is gone.
    pub settings: Option<Arc<Settings>>,
    /// The client; `None` where the client is gone.
    pub client: Option<Arc<Client>>,
    /// The tenant's own text for this reader, if there is one. Whether the tenant's plan allows
    /// it is not the store's to know.
    pub custom: Option<Arc<CustomText>>,
}
