//! What operators impose on tenants.

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use super::Sqlite;
use super::jobs::note;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::error::StoreError;
use crate::store::letters::Deed;
use crate::store::measures::{Limit, Measured, NewLimit, Parking};
use crate::store::record::{instant, to_json};

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

impl Sqlite {
    /// See [`crate::store::Store::measures`].
    pub async fn measures(&self, now: Timestamp) -> Result<Measured, StoreError> {
        let parked = sqlx::query("SELECT tenant, at_ms, who, why FROM parked ORDER BY tenant");
        let parked = parked.fetch_all(&self.readers).await?;
        let limits = sqlx::query(
            "SELECT tenant, at_ms, who, why, channel, rate, until_ms FROM tenant_limits \
             WHERE until_ms > $1 ORDER BY tenant, channel",
        );
        let limits = limits.bind(now.as_millisecond()).fetch_all(&self.readers).await?;
        Ok(Measured {
            parked: parked.iter().map(parking).collect::<Result<_, _>>()?,
            limits: limits.iter().map(limit).collect::<Result<_, _>>()?,
        })
    }

    /// See [`crate::store::Store::park`].
    pub async fn park(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        let park = sqlx::query(
            "INSERT INTO parked (tenant, at_ms, who, why) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        );
        let park = park.bind(tenant.as_str()).bind(deed.at.as_millisecond());
        let park = park.bind(&deed.who).bind(&deed.why);
        self.impose(park, deed, "park", json!({ "tenant": tenant })).await
    }

    /// See [`crate::store::Store::unpark`].
    pub async fn unpark(&self, tenant: &TenantId, deed: &Deed) -> Result<(), StoreError> {
        let unpark = sqlx::query("DELETE FROM parked WHERE tenant = $1").bind(tenant.as_str());
        self.impose(unpark, deed, "unpark", json!({ "tenant": tenant })).await
    }

    /// See [`crate::store::Store::limit`].
    pub async fn limit(
        &self,
        tenant: &TenantId,
        limit: &NewLimit,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let NewLimit { channel, rate, until } = limit;
        let impose = sqlx::query(
            "DELETE FROM tenant_limits WHERE until_ms <= $4; \
             INSERT INTO tenant_limits (tenant, channel, rate, until_ms, at_ms, who, why) \
             VALUES ($1, $2, $3, $5, $4, $6, $7) ON CONFLICT (tenant, channel) DO UPDATE \
             SET rate = excluded.rate, until_ms = excluded.until_ms, at_ms = excluded.at_ms, \
             who = excluded.who, why = excluded.why",
        );
        let impose = impose.bind(tenant.as_str()).bind(channel.as_str()).bind(rate);
        let impose = impose.bind(deed.at.as_millisecond()).bind(until.as_millisecond());
        let impose = impose.bind(&deed.who).bind(&deed.why);
        let subject = json!({ "tenant": tenant, "channel": channel, "rate": rate, "until": until });
        self.impose(impose, deed, "limit", subject).await
    }

    /// See [`crate::store::Store::lift`].
    pub async fn lift(
        &self,
        tenant: &TenantId,
        channel: Channel,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let lift = sqlx::query("DELETE FROM tenant_limits WHERE tenant = $1 AND channel = $2");
        let lift = lift.bind(tenant.as_str()).bind(channel.as_str());
        self.impose(lift, deed, "lift", json!({ "tenant": tenant, "channel": channel })).await
    }

    /// Does something and writes down who did it.
    async fn impose(
        &self,
        statement: Statement<'_>,
        deed: &Deed,
        what: &str,
        subject: Value,
    ) -> Result<(), StoreError> {
        let subject = to_json(&subject)?;
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let connection = writer.connection()?;
        let done = async {
            statement.execute(&mut *connection).await?;
            note(connection, deed, what, &subject, 0).await
        };
        let done = done.await;
        writer.end(done).await
    }
}

fn tenant(row: &SqliteRow) -> Result<TenantId, StoreError> {
    let tenant: String = row.try_get(0)?;
    TenantId::parse(&tenant)
        .map_err(|error| StoreError::Corrupt { what: "tenant", why: error.to_string() })
}

fn deed(row: &SqliteRow) -> Result<Deed, StoreError> {
    Ok(Deed { at: instant(row.try_get(1)?)?, who: row.try_get(2)?, why: row.try_get(3)? })
}

fn parking(row: &SqliteRow) -> Result<Parking, StoreError> {
    Ok(Parking { tenant: tenant(row)?, deed: deed(row)? })
}

fn limit(row: &SqliteRow) -> Result<(TenantId, Limit), StoreError> {
    let channel: String = row.try_get(4)?;
    let known = Channel::parse(&channel);
    let channel = known.ok_or(StoreError::Corrupt { what: "limit", why: channel })?;
    let of = NewLimit { channel, rate: row.try_get(5)?, until: instant(row.try_get(6)?)? };
    Ok((tenant(row)?, Limit { of, deed: deed(row)? }))
}
