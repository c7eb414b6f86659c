//! What operators impose on tenants.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::jobs::note;
use super::question::Question;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::error::StoreError;
use crate::store::letters::Deed;
use crate::store::measures::{Limit, Measured, NewLimit, Parking};
use crate::store::record::to_json;

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::measures`].
    pub async fn measures(&self, now: Timestamp) -> Result<Measured, StoreError> {
        let parked = Question::new("SELECT tenant, at_ms, who, why FROM parked ORDER BY tenant");
        let parked = parked.all(&self.db).await?;
        let limits = Question::new(
            "SELECT tenant, at_ms, who, why, channel, rate, until_ms FROM tenant_limits \
             WHERE until_ms > $1 ORDER BY tenant, channel",
        );
        let limits = limits.bind(now).all(&self.db).await?;
        Ok(Measured {
            parked: parked.iter().map(parking).collect::<Result<_, _>>()?,
            limits: limits.iter().map(limit).collect::<Result<_, _>>()?,
        })
    }

    /// See [`crate::store::Store::park`].
    pub async fn park(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        let park = Question::new(
            "INSERT INTO parked (tenant, at_ms, who, why) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        );
        let park = park.bind(tenant).bind(deed.at).bind(&deed.who).bind(&deed.why);
        self.impose([park], deed, "park", json!({ "tenant": tenant })).await
    }

    /// See [`crate::store::Store::unpark`].
    pub async fn unpark(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        let unpark = Question::new("DELETE FROM parked WHERE tenant = $1").bind(tenant);
        self.impose([unpark], deed, "unpark", json!({ "tenant": tenant })).await
    }

    /// See [`crate::store::Store::limit`].
    pub async fn limit(
        &self,
        tenant: &TenantId,
        limit: &NewLimit,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let NewLimit { channel, rate, until } = limit;
        let ended = Question::new("DELETE FROM tenant_limits WHERE until_ms <= $1").bind(deed.at);
        let impose = Question::new(
            "INSERT INTO tenant_limits (tenant, channel, rate, until_ms, at_ms, who, why) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, channel) DO UPDATE \
             SET rate = excluded.rate, until_ms = excluded.until_ms, at_ms = excluded.at_ms, \
             who = excluded.who, why = excluded.why",
        );
        let impose = impose.bind(tenant).bind(*channel).bind(*rate).bind(*until);
        let impose = impose.bind(deed.at).bind(&deed.who).bind(&deed.why);
        let subject = json!({ "tenant": tenant, "channel": channel, "rate": rate, "until": until });
        self.impose([ended, impose], deed, "limit", subject).await
    }

    /// See [`crate::store::Store::lift`].
    pub async fn lift(
        &self,
        tenant: &TenantId,
        channel: Channel,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let lift = "DELETE FROM tenant_limits WHERE tenant = $1 AND channel = $2";
        let lift = Question::new(lift).bind(tenant).bind(channel);
        self.impose([lift], deed, "lift", json!({ "tenant": tenant, "channel": channel })).await
    }

    /// Does something and writes down who did it.
    async fn impose<const N: usize>(
        &self,
        statements: [Question; N],
        deed: &Deed,
        what: &str,
        subject: Value,
    ) -> Result<(), StoreError> {
        let subject = to_json(&subject)?;
        let mut writer = self.db.begin().await?;
        let done = async {
            for statement in statements {
                statement.run(&mut writer).await?;
            }
            note(&mut writer, deed, what, &subject, 0).await
        };
        let done = done.await;
        writer.end(done).await
    }
}

fn tenant(row: &impl Fields) -> Result<TenantId, StoreError> {
    let tenant: String = row.get(0)?;
    TenantId::parse(&tenant)
        .map_err(|error| StoreError::Corrupt { what: "tenant", why: error.to_string() })
}

fn deed(row: &impl Fields) -> Result<Deed, StoreError> {
    Ok(Deed { at: row.get(1)?, who: row.get(2)?, why: row.get(3)? })
}

fn parking(row: &impl Fields) -> Result<Parking, StoreError> {
    Ok(Parking { tenant: tenant(row)?, deed: deed(row)? })
}

fn limit(row: &impl Fields) -> Result<(TenantId, Limit), StoreError> {
    let channel: String = row.get(4)?;
    let known = Channel::parse(&channel);
    let channel = known.ok_or(StoreError::Corrupt { what: "limit", why: channel })?;
    let of = NewLimit { channel, rate: row.get(5)?, until: row.get(6)? };
    Ok((tenant(row)?, Limit { of, deed: deed(row)? }))
}
