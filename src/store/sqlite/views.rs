//! What people ask about.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::record::instant;
use crate::store::record::{from_json, to_json};
use crate::store::view::{AttemptView, DeviceView, MessageView, Numbered, Spoken, TellingView};

/// A tenant's settings as JSON, or nothing where they are none.
macro_rules! settings {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, body->>'$.sms.keywords' FROM (SELECT tenant, \
             iif(json_valid(body), body, '{}') AS body FROM records WHERE kind = 'settings') ",
            $rest
        )
    };
}
/// `$1` limit, `$2` the digits of a number.
const OF_NUMBER: &str =
    settings!("WHERE ltrim(body->>'$.sender.sms', '+0') = $2 ORDER BY tenant LIMIT $1");
/// `$1` limit.
const OF_KEYWORDS: &str = settings!(
    "WHERE body->>'$.sender.sms' IS NULL AND body->>'$.sms.keywords' IS NOT NULL \
     ORDER BY tenant LIMIT $1"
);
const ONLY: &str = settings!("LIMIT 2");

impl Sqlite {
    /// See [`crate::store::Store::tellings_of_booking`].
    pub async fn tellings_of_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<Vec<TellingView>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, cause, kind, client, booking, channels FROM tellings \
             WHERE tenant = $1 AND booking = $2 ORDER BY seq LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(booking.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::knows_booking`].
    pub async fn knows_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<bool, StoreError> {
        let known: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM records \
             WHERE tenant = $1 AND kind = 'booking' AND id = $2)",
        )
        .bind(tenant.as_str())
        .bind(booking.as_str())
        .fetch_one(&self.readers)
        .await?;
        Ok(known)
    }

    /// See [`crate::store::Store::tellings`].
    pub async fn tellings(&self, tenant: &TenantId) -> Result<Vec<TellingView>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, cause, kind, client, booking, channels FROM tellings \
             WHERE tenant = $1 ORDER BY seq LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::tellings_of_client`].
    pub async fn tellings_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<TellingView>, StoreError> {
        let rows = sqlx::query(
            "SELECT at_ms, cause, kind, client, booking, channels FROM tellings \
             WHERE tenant = $1 AND client = $2 ORDER BY seq DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().rev().map(telling).collect()
    }

    /// See [`crate::store::Store::telling_of_message`].
    pub async fn telling_of_message(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Option<TellingView>, StoreError> {
        let row = sqlx::query(
            "SELECT t.at_ms, t.cause, t.kind, t.client, t.booking, t.channels \
             FROM messages m JOIN tellings t \
             ON t.tenant = m.tenant AND t.client = m.client AND t.cause = m.cause \
             WHERE m.tenant = $1 AND m.message = $2 AND EXISTS (\
             SELECT 1 FROM json_each(iif(json_valid(t.channels), t.channels, '[]')) AS verdict \
             WHERE verdict.value->>'message' = m.message)",
        )
        .bind(tenant.as_str())
        .bind(id.to_string())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(telling).transpose()
    }

    /// See [`crate::store::Store::messages_of_client`].
    #[cfg(test)]
    pub async fn messages_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<MessageView>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, kind, channel, client, booking, status, due_ms, attempts, \
             doubts, provider, reply, settled_ms, crashes, arrival, arrived_ms, fallback_of, \
             reason FROM messages \
             WHERE tenant = $1 AND client = $2 AND message IN (\
             SELECT verdict.value->>'message' FROM tellings t, \
             json_each(iif(json_valid(t.channels), t.channels, '[]')) AS verdict \
             WHERE t.tenant = $1 AND t.client = $2) ORDER BY message DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .bind(PAGE_MAX)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().rev().map(message).collect()
    }

    /// See [`crate::store::Store::messages`].
    pub async fn messages(
        &self,
        tenant: &TenantId,
        ids: &[String],
    ) -> Result<Vec<MessageView>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, kind, channel, client, booking, status, due_ms, attempts, \
             doubts, provider, reply, settled_ms, crashes, arrival, arrived_ms, fallback_of, \
             reason FROM messages \
             WHERE tenant = $1 AND message IN (SELECT value FROM json_each($2)) ORDER BY message",
        )
        .bind(tenant.as_str())
        .bind(to_json(&ids)?)
        .fetch_all(&self.readers)
        .await?;
        let mut views = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let mut attempts = self.attempts(ids).await?;
        for view in &mut views {
            view.history = attempts.remove(&view.message).unwrap_or_default();
        }
        Ok(views)
    }

    /// See [`crate::store::Store::spoken`].
    pub async fn spoken(
        &self,
        tenant: &TenantId,
        messages: &[MessageId],
    ) -> Result<Vec<Spoken>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, channel, fallback_of FROM messages \
             WHERE tenant = $1 AND message IN (SELECT value FROM json_each($2)) \
             UNION ALL SELECT message, channel, fallback_of FROM messages \
             WHERE tenant = $1 AND fallback_of IN (SELECT value FROM json_each($2))",
        )
        .bind(tenant.as_str())
        .bind(to_json(messages)?)
        .fetch_all(&self.readers)
        .await?;
        let mut spoken = Vec::with_capacity(rows.len());
        for row in &rows {
            // A channel that this version does not know is none that it could fall back to.
            let Some(channel) = Channel::parse(row.try_get(1)?) else { continue };
            let (message, fallback_of) = (row.try_get(0)?, row.try_get(2)?);
            spoken.push(Spoken { message, channel, fallback_of });
        }
        Ok(spoken)
    }

    /// What providers made of messages, by message, in order.
    pub(super) async fn attempts(
        &self,
        ids: &[String],
    ) -> Result<HashMap<String, Vec<AttemptView>>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, n, at_ms, provider, outcome, reply, reference, devices FROM attempts \
             WHERE message IN (SELECT value FROM json_each($1)) ORDER BY message, n",
        )
        .bind(to_json(&ids)?)
        .fetch_all(&self.readers)
        .await?;
        let mut of: HashMap<String, Vec<AttemptView>> = HashMap::new();
        for row in &rows {
            of.entry(row.try_get(0)?).or_default().push(AttemptView {
                n: row.try_get(1)?,
                at: instant(row.try_get(2)?)?,
                provider: row.try_get(3)?,
                outcome: row.try_get(4)?,
                reply: row.try_get(5)?,
                reference: row.try_get(6)?,
                devices: devices(row.try_get(7)?)?,
            });
        }
        Ok(of)
    }

    /// See [`crate::store::Store::forgotten`].
    pub async fn forgotten(&self, messages: &[&str]) -> Result<Vec<String>, StoreError> {
        // Erasing takes the reply away; what was sent and has none was to somebody erased.
        let forgotten = sqlx::query_scalar(
            "SELECT message FROM messages WHERE message IN (SELECT value FROM json_each($1)) \
             AND status = 'sent' AND reply IS NULL",
        );
        Ok(forgotten.bind(to_json(&messages)?).fetch_all(&self.readers).await?)
    }

    /// See [`crate::store::Store::segments_of_day`].
    pub async fn segments_of_day(&self, day: i64) -> Result<u32, StoreError> {
        let segments = sqlx::query_scalar("SELECT segments FROM sms_days WHERE day = $1");
        let segments: Option<i64> = segments.bind(day).fetch_optional(&self.readers).await?;
        Ok(u32::try_from(segments.unwrap_or_default().max(0)).unwrap_or(u32::MAX))
    }

    /// See [`crate::store::Store::tenants_of_number`].
    pub async fn tenants_of_number(
        &self,
        digits: &str,
        limit: u32,
    ) -> Result<Vec<Numbered>, StoreError> {
        let of_number = sqlx::query(OF_NUMBER).bind(limit).bind(digits);
        let mut tenants = of_number.fetch_all(&self.readers).await?;
        let mut is_theirs = !tenants.is_empty();
        if !is_theirs {
            tenants = sqlx::query(ONLY).fetch_all(&self.readers).await?;
            is_theirs = tenants.len() == 1;
        }
        if !is_theirs {
            tenants = sqlx::query(OF_KEYWORDS).bind(limit).fetch_all(&self.readers).await?;
        }
        tenants.iter().map(|row| numbered(row, is_theirs)).collect()
    }

    /// See [`crate::store::Store::count_tenants`].
    pub async fn count_tenants(&self) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tenants");
        Ok(count.fetch_one(&self.readers).await?.unsigned_abs())
    }
}

fn devices(stored: Option<String>) -> Result<Vec<DeviceView>, StoreError> {
    let rows: Vec<(String, String, String)> = match stored {
        Some(stored) => from_json("devices", &stored)?,
        None => Vec::new(),
    };
    let view = |(device, outcome, reply)| DeviceView { device, outcome, reply };
    Ok(rows.into_iter().map(view).collect())
}

fn numbered(row: &SqliteRow, is_theirs: bool) -> Result<Numbered, StoreError> {
    let tenant = TenantId::parse(row.try_get(0)?);
    let tenant =
        tenant.map_err(|error| StoreError::Corrupt { what: "tenant", why: error.to_string() })?;
    let keywords: Option<&str> = row.try_get(1)?;
    let keywords = keywords.map(|keywords| from_json("settings", keywords)).transpose()?;
    Ok(Numbered { tenant, keywords: keywords.unwrap_or_default(), is_theirs })
}

pub(super) fn telling(row: &SqliteRow) -> Result<TellingView, StoreError> {
    Ok(TellingView {
        at: instant(row.try_get(0)?)?,
        cause: row.try_get(1)?,
        kind: row.try_get(2)?,
        client: row.try_get(3)?,
        booking: row.try_get(4)?,
        channels: from_json("telling", row.try_get(5)?)?,
    })
}

fn message(row: &SqliteRow) -> Result<MessageView, StoreError> {
    let settled: Option<i64> = row.try_get(11)?;
    let arrived: Option<i64> = row.try_get(14)?;
    Ok(MessageView {
        message: row.try_get(0)?,
        kind: row.try_get(1)?,
        channel: row.try_get(2)?,
        client: row.try_get(3)?,
        booking: row.try_get(4)?,
        status: row.try_get(5)?,
        due: instant(row.try_get(6)?)?,
        attempts: row.try_get(7)?,
        doubts: row.try_get(8)?,
        provider: row.try_get(9)?,
        reply: row.try_get(10)?,
        settled_at: settled.map(instant).transpose()?,
        crashes: row.try_get(12)?,
        arrival: row.try_get(13)?,
        arrived_at: arrived.map(instant).transpose()?,
        reason: row.try_get(16)?,
        history: Vec::new(),
        fallback_of: row.try_get(15)?,
    })
}
