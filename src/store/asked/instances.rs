//! The daemons that share a store.

use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::instance::InstanceView;

impl Store {
    /// The daemons that share this store and gave a sign of life lately, the oldest first. None
    /// where no two may.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn instances(&self) -> Result<Vec<InstanceView>, StoreError> {
        match self {
            Store::Postgres(store) => store.instances().await,
            _ => Ok(Vec::new()),
        }
    }
}
