//! The tenants, page by page.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, TenantId};
use crate::store::error::StoreError;
use crate::store::record::{from_json, from_row, instant};
use crate::store::view::{COUNTED_MAX, SuppressedView, TenantView};

impl Sqlite {
    /// See [`crate::store::Store::tenants`]. Of each tenant so many rows are looked at and no more.
    pub async fn tenants(
        &self,
        after: Option<&TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantView>, StoreError> {
        let rows = sqlx::query(
            "SELECT page.tenant, \
             (SELECT iif(json_valid(body), body->>'$.name', NULL) FROM records \
              WHERE tenant = page.tenant AND kind = 'settings' AND id = ''), \
             (SELECT json_array(count(*), min(due_ms)) FROM (SELECT due_ms FROM messages \
              WHERE tenant = page.tenant AND status IN ('ready', 'sending') LIMIT $3)), \
             (SELECT count(*) FROM (SELECT 1 FROM messages WHERE tenant = page.tenant \
              AND status IN ('dead', 'unknown', 'unreadable') LIMIT $3)), \
             (SELECT count(*) FROM (SELECT 1 FROM records INDEXED BY records_suppressed \
              WHERE tenant = page.tenant AND kind = 'client' AND iif(json_valid(body), \
                coalesce(body->>'$.suppressed', '[]'), '[]') NOT IN ('[]', 0) LIMIT $3)) \
             FROM (SELECT tenant FROM tenants WHERE tenant > $1 ORDER BY tenant LIMIT $2) AS page \
             ORDER BY page.tenant",
        );
        let rows = rows.bind(after.map(TenantId::as_str).unwrap_or_default()).bind(limit);
        let rows = rows.bind(COUNTED_MAX).fetch_all(&self.readers).await?;
        rows.iter().map(view).collect()
    }

    /// See [`crate::store::Store::suppressed`]. The condition is that of the index, word by word.
    pub async fn suppressed(
        &self,
        tenant: &TenantId,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<SuppressedView>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, shape, body FROM records INDEXED BY records_suppressed \
             WHERE tenant = $1 AND id > $2 \
             AND kind = 'client' AND iif(json_valid(body), \
                coalesce(body->>'$.suppressed', '[]'), '[]') NOT IN ('[]', 0) \
             ORDER BY id LIMIT $3",
        );
        let after = after.map(ClientId::as_str).unwrap_or_default();
        let rows = rows.bind(tenant.as_str()).bind(after).bind(limit);
        let mut found = Vec::new();
        for row in rows.fetch_all(&self.readers).await? {
            if let Record::Client(client) =
                from_row(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)?
            {
                found.push(SuppressedView::of(&client));
            }
        }
        Ok(found)
    }
}

fn view(row: &SqliteRow) -> Result<TenantView, StoreError> {
    let (waiting, due): (u32, Option<i64>) = from_json("count", row.try_get(2)?)?;
    Ok(TenantView {
        tenant: row.try_get(0)?,
        name: row.try_get(1)?,
        waiting,
        oldest_due: due.map(instant).transpose()?,
        dead_letters: row.try_get(3)?,
        suppressed: row.try_get(4)?,
    })
}
