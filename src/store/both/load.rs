//! Reading a tenant back, and looking commands up.

use std::collections::HashMap;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::stored::record;
use crate::domain::TenantState;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{MessageId, Topic, Unsent};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::store::LoadedTenant;
use crate::store::error::StoreError;
use crate::store::record::{from_json, to_json};
use crate::store::unit::{InboxEntry, InboxKey};
use crate::wire::BodyHash;

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::knows_tenant`].
    pub async fn knows_tenant(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        let known = Question::new("SELECT EXISTS (SELECT 1 FROM tenants WHERE tenant = $1)");
        known.bind(tenant).one(&self.db).await?.get(0)
    }

    /// See [`crate::store::Store::load_tenant`].
    pub async fn load_tenant(&self, tenant: &TenantId) -> Result<LoadedTenant, StoreError> {
        let questions = [
            "SELECT revision FROM tenants WHERE tenant = $1",
            "SELECT kind, shape, CAST(body AS text) FROM records WHERE tenant = $1",
            "SELECT topic, message, kind, channel, client, segments FROM messages \
             WHERE tenant = $1 AND status IN ('ready', 'sending') AND topic IS NOT NULL \
             AND NOT superseded",
        ];
        let questions = questions.map(|text| Question::new(text).bind(tenant));
        let [revision, records, open] = self.db.rows_at_once(questions).await?;
        let records = records.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let unsent: Vec<_> = open.iter().filter_map(|row| readable(tenant, row)).collect();
        let revision = revision.first().map_or(Ok(0), |row| row.get(0))?;
        Ok(LoadedTenant { revision, state: TenantState::restore(records, unsent) })
    }

    /// See [`crate::store::Store::lookup`].
    pub async fn lookup(
        &self,
        keys: &[InboxKey<'_>],
    ) -> Result<Vec<Option<InboxEntry>>, StoreError> {
        let pairs: Vec<(&str, &str)> =
            keys.iter().map(|(tenant, command)| (tenant.as_str(), command.as_str())).collect();
        let rows = Question::new(B::DIALECT.lookup).bind(to_json(&pairs)?).all(&self.db).await?;
        let mut found: HashMap<(String, String), InboxEntry> = HashMap::with_capacity(rows.len());
        for row in &rows {
            found.insert((row.get(0)?, row.get(1)?), entry(row)?);
        }
        Ok(keys
            .iter()
            .map(|(tenant, command)| found.get(&(tenant.to_string(), command.to_string())).cloned())
            .collect())
    }
}

fn entry(row: &impl Fields) -> Result<InboxEntry, StoreError> {
    let hash: Vec<u8> = row.get(2)?;
    let body_hash = hash
        .try_into()
        .map(BodyHash)
        .map_err(|_| StoreError::Corrupt { what: "body hash", why: "not 16 bytes".to_owned() })?;
    let reason: Option<String> = row.get(3)?;
    let detail: Option<String> = row.get(4)?;
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
fn readable(tenant: &TenantId, row: &impl Fields) -> Option<(Topic, Unsent)> {
    unsent(row)
        .inspect_err(|error| tracing::warn!(%tenant, %error, "an open message is left out"))
        .ok()
}

fn unsent(row: &impl Fields) -> Result<(Topic, Unsent), StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "open message", why };
    let topic = from_json("topic", &row.get::<String>(0)?)?;
    let message: String = row.get(1)?;
    let (kind, channel): (String, String) = (row.get(2)?, row.get(3)?);
    let client: String = row.get(4)?;
    let unsent = Unsent {
        id: MessageId(message.parse().map_err(|_| corrupt(message.clone()))?),
        kind: Kind::parse(&kind).ok_or_else(|| corrupt(kind.clone()))?,
        channel: Channel::parse(&channel).ok_or_else(|| corrupt(channel.clone()))?,
        client: ClientId::parse(&client).map_err(|error| corrupt(error.to_string()))?,
        segments: row.get(5)?,
    };
    Ok((topic, unsent))
}
