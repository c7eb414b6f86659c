//! What a tenant's clients were told, page by page.

use sqlx::{QueryBuilder, Row as _};

use super::Sqlite;
use super::views::telling;
use crate::domain::id::{ClientId, TenantId};
use crate::store::error::StoreError;
use crate::store::view::{PlacedTelling, ToldOf};

/// At most `$3` things that the tenant `$1` told, from `$2` on or the last one, each the one before
/// the other.
const CHAIN: &str = "WITH RECURSIVE chain(seq, prev, n) AS ( \
        SELECT seq, prev, 1 FROM tellings WHERE tenant = $1 \
            AND seq = coalesce($2, (SELECT last_told FROM tenants WHERE tenant = $1)) \
        UNION ALL SELECT before.seq, before.prev, n + 1 FROM chain \
            CROSS JOIN tellings AS before ON before.seq = chain.prev WHERE n < $3) \
    SELECT at_ms, cause, kind, client, booking, channels, chain.seq FROM chain \
        CROSS JOIN tellings ON tellings.seq = chain.seq ORDER BY n";

impl Sqlite {
    /// See [`crate::store::Store::told`]. Of a client and of a booking there is an index, in which
    /// their rows stand in the order of their places; a tenant's are a chain.
    pub async fn told(
        &self,
        tenant: &TenantId,
        of: &ToldOf,
        from: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PlacedTelling>, StoreError> {
        let ToldOf { client, booking } = of;
        if client.is_none() && booking.is_none() {
            return self.told_of_tenant(tenant, from, limit).await;
        }
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

    async fn told_of_tenant(
        &self,
        tenant: &TenantId,
        from: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PlacedTelling>, StoreError> {
        let rows = sqlx::query(CHAIN).bind(tenant.as_str()).bind(from).bind(limit);
        let rows = rows.fetch_all(&self.readers).await?;
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
