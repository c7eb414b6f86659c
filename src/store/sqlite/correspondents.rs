//! Who writes, and to whom.

use sqlx::Row as _;

use super::Sqlite;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, TenantId};
use crate::store::error::StoreError;
use crate::store::record::from_row;
use crate::store::view::Correspondents;

impl Sqlite {
    /// See [`crate::store::Store::correspondents`].
    pub async fn correspondents(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Correspondents>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, shape, body FROM records WHERE tenant = $1 AND (kind, id) IN \
             (VALUES ('settings', ''), ('client', $2))",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .fetch_all(&self.readers)
        .await?;
        let (mut settings, mut known) = (None, None);
        for row in &rows {
            match from_row(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)? {
                Record::Settings(of_tenant) => settings = Some(of_tenant),
                Record::Client(of_client) => known = Some(of_client),
                _ => {}
            }
        }
        Ok(settings.map(|settings| Correspondents { settings, client: known }))
    }
}
