//! Leasing messages that are due, and freeing those whose daemon is gone.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::domain::channel::Channel;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, CommandId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Message, MessageId};
use crate::domain::settings::Settings;
use crate::store::Claimed;
use crate::store::error::StoreError;
use crate::store::record::{from_json, from_row};
use crate::store::unit::{Incarnation, StoredMessage};
use crate::store::view::Backlog;

impl Sqlite {
    /// See [`crate::store::Store::claim_due`].
    pub async fn claim_due(
        &self,
        lease: Incarnation,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut writer = self.writer().await?;
        let rows = sqlx::query(
            "UPDATE messages SET status = 'sending', lease = $1 WHERE (tenant, message) IN \
             (SELECT tenant, message FROM messages WHERE status = 'ready' AND due_ms <= $2 \
              ORDER BY due_ms LIMIT $3) \
             RETURNING tenant, message, kind, channel, client, cause, facts, due_ms, deadline_ms, \
              attempts, doubts, superseded, \
              (SELECT body FROM records r WHERE r.tenant = messages.tenant \
               AND r.kind = 'client' AND r.id = messages.client) AS client_body",
        )
        .bind(lease.to_string())
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(writer.connection()?)
        .await?;
        drop(writer);
        let mut settings = HashMap::new();
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            let stored = stored_message(row)?;
            let of_tenant = match settings.get(&stored.tenant) {
                Some(known) => Option::clone(known),
                None => {
                    let loaded = self.load_settings(&stored.tenant).await?;
                    settings.insert(stored.tenant.clone(), loaded.clone());
                    loaded
                }
            };
            let body: Option<String> = row.try_get("client_body")?;
            let client = match body.map(|body| from_row("client", 1, &body)).transpose()? {
                Some(Record::Client(client)) => Some(client),
                _ => None,
            };
            claimed.push(Claimed { stored, settings: of_tenant, client });
        }
        claimed.sort_by_key(|claimed| (claimed.stored.message.due, claimed.stored.message.id));
        Ok(claimed)
    }

    /// See [`crate::store::Store::recover`].
    pub async fn recover(&self, lease: Incarnation, now: Timestamp) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        let done = sqlx::query(
            "UPDATE messages SET status = 'ready', lease = NULL, doubts = doubts + 1, \
             due_ms = min(due_ms, $1) WHERE status = 'sending' AND lease <> $2",
        )
        .bind(now.as_millisecond())
        .bind(lease.to_string())
        .execute(writer.connection()?)
        .await?;
        Ok(done.rows_affected())
    }

    /// See [`crate::store::Store::next_due`].
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT min(due_ms) FROM messages WHERE status = 'ready'")
                .fetch_one(&self.readers)
                .await?;
        due.map(instant).transpose()
    }

    /// See [`crate::store::Store::backlog`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        let oldest = sqlx::query(
            "SELECT kind, min(due_ms) FROM messages WHERE status = 'ready' GROUP BY kind",
        )
        .fetch_all(&self.readers)
        .await?;
        for row in &oldest {
            if let Some(kind) = Kind::parse(row.try_get(0)?) {
                backlog.oldest_due.push((kind, instant(row.try_get(1)?)?));
            }
        }
        let given_up = sqlx::query(
            "SELECT status, count(*) FROM messages WHERE status IN ('dead', 'unknown') \
             GROUP BY status",
        )
        .fetch_all(&self.readers)
        .await?;
        for row in &given_up {
            let count = u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0);
            match row.try_get(0)? {
                "dead" => backlog.dead = count,
                _ => backlog.unknown = count,
            }
        }
        Ok(backlog)
    }

    /// See [`crate::store::Store::count_open`].
    pub async fn count_open(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn load_settings(&self, tenant: &TenantId) -> Result<Option<Arc<Settings>>, StoreError> {
        let row = sqlx::query(
            "SELECT shape, body FROM records WHERE tenant = $1 AND kind = 'settings' AND id = ''",
        )
        .bind(tenant.as_str())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        match from_row("settings", row.try_get(0)?, row.try_get(1)?)? {
            Record::Settings(settings) => Ok(Some(settings)),
            _ => Ok(None),
        }
    }
}

/// An instant from the store's milliseconds.
pub fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|error| StoreError::Corrupt { what: "instant", why: error.to_string() })
}

fn stored_message(row: &SqliteRow) -> Result<StoredMessage, StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "message", why };
    let text = |column: &str| row.try_get::<String, _>(column);
    let count = |column: &str| row.try_get::<u32, _>(column);
    let deadline: Option<i64> = row.try_get("deadline_ms")?;
    let message = Message {
        id: MessageId(text("message")?.parse().map_err(|_| corrupt("id".to_owned()))?),
        kind: Kind::parse(&text("kind")?).ok_or_else(|| corrupt("kind".to_owned()))?,
        channel: Channel::parse(&text("channel")?).ok_or_else(|| corrupt("channel".to_owned()))?,
        client: ClientId::parse(&text("client")?).map_err(|error| corrupt(error.to_string()))?,
        due: instant(row.try_get("due_ms")?)?,
        deadline: deadline.map(instant).transpose()?,
        facts: from_json("message", &text("facts")?)?,
    };
    Ok(StoredMessage {
        tenant: TenantId::parse(&text("tenant")?).map_err(|error| corrupt(error.to_string()))?,
        message,
        cause: CommandId::parse(&text("cause")?).map_err(|error| corrupt(error.to_string()))?,
        attempts: count("attempts")?,
        doubts: count("doubts")?,
        superseded: row.try_get::<i64, _>("superseded")? != 0,
    })
}
