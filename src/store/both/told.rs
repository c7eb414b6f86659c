//! What a tenant's clients were told, page by page.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::views::telling;
use crate::domain::id::{ClientId, TenantId};
use crate::store::error::StoreError;
use crate::store::view::{PlacedTelling, ToldOf};

/// At most `$3` things that the tenant `$1` told, from `$2` on or the last one, each the one before
/// the other.
const CHAIN: [&str; 3] = [
    "WITH RECURSIVE chain(seq, prev, n) AS ( \
        SELECT seq, prev, 1 FROM tellings WHERE tenant = $1 \
            AND seq = coalesce($2, (SELECT last_told FROM tenants WHERE tenant = $1)) \
        UNION ALL SELECT before.seq, before.prev, n + 1 FROM chain \
            ",
    " tellings AS before ON before.seq = chain.prev WHERE n < $3) \
    SELECT at_ms, cause, kind, client, booking, CAST(channels AS text), chain.seq FROM chain ",
    " tellings ON tellings.seq = chain.seq ORDER BY n",
];

impl<B: Backend> Db<B> {
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
        let mut query = Question::new(
            "SELECT at_ms, cause, kind, client, booking, CAST(channels AS text), seq FROM tellings \
             WHERE tenant = ",
        );
        query.push_bind(tenant);
        if let Some(booking) = booking {
            query.push(" AND booking = ").push_bind(booking);
        }
        if let Some(client) = client {
            // Of one booking few are told, of one client perhaps thousands.
            let past = if booking.is_some() { B::DIALECT.past_index } else { "" };
            query.push(" AND ").push(past).push("client = ").push_bind(client);
        }
        query.push(" AND seq <= ").push_bind(from.unwrap_or(i64::MAX));
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        let rows = query.all(&self.db).await?;
        rows.iter().map(|row| Ok((row.get(6)?, telling(row)?))).collect()
    }

    async fn told_of_tenant(
        &self,
        tenant: &TenantId,
        from: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PlacedTelling>, StoreError> {
        let chain = CHAIN.join(B::DIALECT.pinned_join);
        let rows = Question::new(chain).bind(tenant).bind(from).bind(limit);
        let rows = rows.all(&self.db).await?;
        rows.iter().map(|row| Ok((row.get(6)?, telling(row)?))).collect()
    }

    /// See [`crate::store::Store::knows_client`].
    pub async fn knows_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<bool, StoreError> {
        let known = Question::new(
            "SELECT EXISTS (SELECT 1 FROM records \
             WHERE tenant = $1 AND kind = 'client' AND id = $2)",
        );
        known.bind(tenant).bind(client).one(&self.db).await?.get(0)
    }
}
