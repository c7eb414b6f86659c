//! What a tenant's clients were told, page by page.

use sqlx::{QueryBuilder, Row as _};

use super::Sqlite;
use super::views::telling;
use crate::domain::id::{ClientId, TenantId};
use crate::store::error::StoreError;
use crate::store::view::{PlacedTelling, ToldOf};

impl Sqlite {
    /// See [`crate::store::Store::told`]. Each of the three ways has an index, in which rows of one
    /// tenant, client or booking stand in the order of their places.
    pub async fn told(
        &self,
        tenant: &TenantId,
        of: &ToldOf,
        from: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PlacedTelling>, StoreError> {
        let ToldOf { client, booking } = of;
        let mut query = QueryBuilder::new(
            "SELECT at_ms, cause, kind, client, booking, channels, seq FROM tellings \
             WHERE tenant = ",
        );
        query.push_bind(tenant.as_str());
        if let Some(booking) = booking {
            query.push(" AND booking = ").push_bind(booking.as_str());
        }
        if let Some(client) = client {
            // Of one booking few are told, of one client perhaps thousands.
            let condition = if booking.is_some() { " AND +client = " } else { " AND client = " };
            query.push(condition).push_bind(client.as_str());
        }
        query.push(" AND seq <= ").push_bind(from.unwrap_or(i64::MAX));
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(6)?, telling(row)?))).collect()
    }

    /// See [`crate::store::Store::knows_client`].
    pub async fn knows_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<bool, StoreError> {
        let known = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM records \
             WHERE tenant = $1 AND kind = 'client' AND id = $2)",
        );
        let known = known.bind(tenant.as_str()).bind(client.as_str());
        Ok(known.fetch_one(&self.readers).await?)
    }
}
