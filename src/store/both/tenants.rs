//! The tenants, page by page.

use std::sync::Arc;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::stored::record;
use crate::domain::decision::{Record, RecordKey};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::settings::Settings;
use crate::domain::usage::SmsUsage;
use crate::store::error::StoreError;
use crate::store::record::{RowKey, from_json, instant};
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
        Ok(match self.only(tenant, RowKey::settings()).await? {
            Some(Record::Settings(settings)) => Some(settings),
            _ => None,
        })
    }

    /// See [`crate::store::Store::sms_usage`].
    pub async fn sms_usage(&self, tenant: &TenantId) -> Result<Option<SmsUsage>, StoreError> {
        Ok(match self.only(tenant, RowKey::of_record(&RecordKey::SmsUsage)).await? {
            Some(Record::SmsUsage(usage)) => Some(usage),
            _ => None,
        })
    }

    /// A record of which a tenant has one at most.
    async fn only(&self, tenant: &TenantId, key: RowKey) -> Result<Option<Record>, StoreError> {
        let row = Question::new(
            "SELECT kind, shape, CAST(body AS text) FROM records \
             WHERE tenant = $1 AND kind = $2 AND id = $3",
        );
        let row = row.bind(tenant).bind(key.kind).bind(key.id.as_str());
        row.optional(&self.db).await?.map(|row| record(&row)).transpose()
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
