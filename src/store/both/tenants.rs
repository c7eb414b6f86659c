//! The tenants, page by page.

use std::sync::Arc;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::stored::record;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::settings::Settings;
use crate::store::error::StoreError;
use crate::store::record::{from_json, instant};
use crate::store::view::{COUNTED_MAX, SuppressedView, TenantView};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::tenants`]. Of each tenant so many rows are looked at and no more.
    pub async fn tenants(
        &self,
        after: Option<&TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantView>, StoreError> {
        let rows = Question::new(B::DIALECT.tenants);
        let rows = rows.bind(after.map(TenantId::as_str).unwrap_or_default()).bind(limit);
        rows.bind(COUNTED_MAX).all(&self.db).await?.iter().map(view).collect()
    }

    /// See [`crate::store::Store::settings`].
    pub async fn settings(&self, tenant: &TenantId) -> Result<Option<Arc<Settings>>, StoreError> {
        let row = Question::new(
            "SELECT kind, shape, CAST(body AS text) FROM records \
             WHERE tenant = $1 AND kind = 'settings' AND id = ''",
        );
        let Some(row) = row.bind(tenant).optional(&self.db).await? else { return Ok(None) };
        Ok(match record(&row)? {
            Record::Settings(settings) => Some(settings),
            _ => None,
        })
    }

    /// See [`crate::store::Store::suppressed`].
    pub async fn suppressed(
        &self,
        tenant: &TenantId,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<SuppressedView>, StoreError> {
        let after = after.map(ClientId::as_str).unwrap_or_default();
        let rows = Question::new(B::DIALECT.suppressed).bind(tenant).bind(after).bind(limit);
        let mut found = Vec::new();
        for row in rows.all(&self.db).await? {
            if let Record::Client(client) = record(&row)? {
                found.push(SuppressedView::of(&client));
            }
        }
        Ok(found)
    }
}

fn view(row: &impl Fields) -> Result<TenantView, StoreError> {
    let (waiting, due): (u32, Option<i64>) = from_json("count", &row.get::<String>(2)?)?;
    Ok(TenantView {
        tenant: row.get(0)?,
        name: row.get(1)?,
        waiting,
        oldest_due: due.map(instant).transpose()?,
        dead_letters: row.get(3)?,
        suppressed: row.get(4)?,
    })
}
