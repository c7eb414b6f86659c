//! Reading a tenant back, and looking commands up.

use std::collections::HashMap;

use sqlx::Row as _;

use super::Sqlite;
use crate::domain::TenantState;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{MessageId, Topic, Unsent};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::store::LoadedTenant;
use crate::store::error::StoreError;
use crate::store::record::{from_json, from_row, to_json};
use crate::store::unit::{InboxEntry, InboxKey};
use crate::wire::BodyHash;

impl Sqlite {
    /// See [`crate::store::Store::knows_tenant`].
    pub async fn knows_tenant(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM tenants WHERE tenant = $1)")
            .bind(tenant.as_str())
            .fetch_one(&self.readers)
            .await?;
        Ok(found)
    }

    /// See [`crate::store::Store::load_tenant`].
    pub async fn load_tenant(&self, tenant: &TenantId) -> Result<LoadedTenant, StoreError> {
        let mut snapshot = self.readers.begin().await?;
        let revision: Option<i64> =
            sqlx::query_scalar("SELECT revision FROM tenants WHERE tenant = $1")
                .bind(tenant.as_str())
                .fetch_optional(&mut *snapshot)
                .await?;
        let rows = sqlx::query("SELECT kind, shape, body FROM records WHERE tenant = $1")
            .bind(tenant.as_str())
            .fetch_all(&mut *snapshot)
            .await?;
        let open = sqlx::query(
            "SELECT topic, message, kind, channel, client, segments FROM messages \
             WHERE tenant = $1 AND status IN ('ready', 'sending') AND topic IS NOT NULL \
             AND superseded = 0",
        )
        .bind(tenant.as_str())
        .fetch_all(&mut *snapshot)
        .await?;
        snapshot.rollback().await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            records.push(from_row(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)?);
        }
        let unsent: Vec<_> = open.iter().filter_map(|row| readable(tenant, row)).collect();
        let revision = u64::try_from(revision.unwrap_or(0)).unwrap_or(0);
        Ok(LoadedTenant { revision, state: TenantState::restore(records, unsent) })
    }

    /// See [`crate::store::Store::lookup`].
    pub async fn lookup(
        &self,
        keys: &[InboxKey<'_>],
    ) -> Result<Vec<Option<InboxEntry>>, StoreError> {
        let pairs: Vec<(&str, &str)> =
            keys.iter().map(|(tenant, command)| (tenant.as_str(), command.as_str())).collect();
        let rows = sqlx::query(
            "SELECT tenant, command, body_hash, rejection, detail FROM inbox \
             WHERE (tenant, command) IN (SELECT value->>0, value->>1 FROM json_each($1))",
        )
        .bind(to_json(&pairs)?)
        .fetch_all(&self.readers)
        .await?;
        let mut found: HashMap<(String, String), InboxEntry> = HashMap::with_capacity(rows.len());
        for row in &rows {
            found.insert((row.try_get(0)?, row.try_get(1)?), entry(row)?);
        }
        Ok(keys
            .iter()
            .map(|(tenant, command)| found.get(&(tenant.to_string(), command.to_string())).cloned())
            .collect())
    }
}

fn entry(row: &sqlx::sqlite::SqliteRow) -> Result<InboxEntry, StoreError> {
    let hash: &[u8] = row.try_get(2)?;
    let body_hash = hash
        .try_into()
        .map(BodyHash)
        .map_err(|_| StoreError::Corrupt { what: "body hash", why: "not 16 bytes".to_owned() })?;
    let reason: Option<String> = row.try_get(3)?;
    let detail: Option<String> = row.try_get(4)?;
    let rejection = reason
        .map(|name| {
            RejectionReason::parse(&name)
                .map(|reason| Rejection::new(reason, detail.unwrap_or_default()))
                .ok_or(StoreError::Corrupt { what: "rejection", why: name })
        })
        .transpose()?;
    Ok(InboxEntry { body_hash, rejection })
}

/// A message that cannot be read is nothing that a decision could be about; it is set aside once it
/// is due.
fn readable(tenant: &TenantId, row: &sqlx::sqlite::SqliteRow) -> Option<(Topic, Unsent)> {
    unsent(row)
        .inspect_err(|error| tracing::warn!(%tenant, %error, "an open message is left out"))
        .ok()
}

fn unsent(row: &sqlx::sqlite::SqliteRow) -> Result<(Topic, Unsent), StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "open message", why };
    let topic = from_json("topic", row.try_get(0)?)?;
    let message: String = row.try_get(1)?;
    let (kind, channel): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let client: String = row.try_get(4)?;
    let unsent = Unsent {
        id: MessageId(message.parse().map_err(|_| corrupt(message.clone()))?),
        kind: Kind::parse(&kind).ok_or_else(|| corrupt(kind.clone()))?,
        channel: Channel::parse(&channel).ok_or_else(|| corrupt(channel.clone()))?,
        client: ClientId::parse(&client).map_err(|error| corrupt(error.to_string()))?,
        segments: row.try_get(5)?,
    };
    Ok((topic, unsent))
}
