//! Leasing messages that are due, and freeing those whose daemon is gone.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Sqlite;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, CommandId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Message, MessageId};
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateKey, choose};
use crate::store::Claimed;
use crate::store::error::StoreError;
use crate::store::record::{facts, from_json, from_row, instant, purged};
use crate::store::unit::{Incarnation, StoredMessage};

impl Sqlite {
    /// See [`crate::store::Store::claim_due`].
    pub async fn claim_due(
        &self,
        lease: Incarnation,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let claimed = claim(writer.connection()?, lease, now, limit).await;
        writer.end(claimed).await
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
        writer.finished();
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
}

/// One unreadable row must not hold up the rest: a message that cannot be read is dead, and one
/// whose client, settings or text cannot be read is handed out without them. The texts of a kind
/// and channel are those between `kind/channel/` and the next character, `0`.
async fn claim(
    connection: &mut SqliteConnection,
    lease: Incarnation,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Claimed>, StoreError> {
    let rows = sqlx::query(
        "UPDATE messages SET status = 'sending', lease = $1 WHERE message IN \
         (SELECT message FROM messages WHERE status = 'ready' AND due_ms <= $2 \
          ORDER BY due_ms LIMIT $3) \
         RETURNING tenant, message, kind, channel, client, cause, shape, facts, due_ms, \
          deadline_ms, attempts, doubts, superseded, \
          (SELECT shape FROM records r WHERE r.tenant = messages.tenant \
           AND r.kind = 'client' AND r.id = messages.client) AS client_shape, \
          (SELECT body FROM records r WHERE r.tenant = messages.tenant \
           AND r.kind = 'client' AND r.id = messages.client) AS client_body, \
          (SELECT shape FROM records r WHERE r.tenant = messages.tenant \
           AND r.kind = 'settings' AND r.id = '') AS settings_shape, \
          (SELECT body FROM records r WHERE r.tenant = messages.tenant \
           AND r.kind = 'settings' AND r.id = '') AS settings_body, \
          (SELECT json_group_array(json_array(r.shape, r.body)) FROM records r \
           WHERE r.tenant = messages.tenant AND r.kind = 'template' \
           AND r.id >= messages.kind || '/' || messages.channel || '/' \
           AND r.id < messages.kind || '/' || messages.channel || '0') AS texts",
    )
    .bind(lease.to_string())
    .bind(now.as_millisecond())
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut settings = HashMap::new();
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let stored = match stored_message(row) {
            Ok(stored) => stored,
            Err(error) => {
                set_aside(connection, row, now, &error).await?;
                continue;
            }
        };
        let tenant = &stored.tenant;
        if !settings.contains_key(tenant) {
            settings.insert(tenant.clone(), settings_of(tenant, row)?);
        }
        let settings = settings.get(tenant).cloned().flatten();
        let body: Option<&str> = row.try_get("client_body")?;
        let client = match body {
            Some(body) => readable(tenant, "client", row.try_get("client_shape")?, body),
            None => None,
        };
        let client = match client {
            Some(Record::Client(client)) => Some(client),
            _ => None,
        };
        let texts = texts_of(tenant, row)?;
        let custom = chosen(&texts, &stored.message, client.as_deref(), settings.as_deref());
        claimed.push(Claimed { stored, settings, client, custom });
    }
    claimed.sort_by_key(|claimed| (claimed.stored.message.due, claimed.stored.message.id));
    Ok(claimed)
}

fn settings_of(tenant: &TenantId, row: &SqliteRow) -> Result<Option<Arc<Settings>>, StoreError> {
    let body: Option<&str> = row.try_get("settings_body")?;
    let Some(body) = body else { return Ok(None) };
    Ok(match readable(tenant, "settings", row.try_get("settings_shape")?, body) {
        Some(Record::Settings(settings)) => Some(settings),
        _ => None,
    })
}

fn texts_of(
    tenant: &TenantId,
    row: &SqliteRow,
) -> Result<HashMap<TemplateKey, Arc<CustomText>>, StoreError> {
    let texts: Vec<(i64, String)> = from_json("list of texts", row.try_get("texts")?)?;
    let records =
        texts.iter().filter_map(|(shape, body)| readable(tenant, "template", *shape, body));
    Ok(records
        .filter_map(|record| match record {
            Record::Template(key, Some(text)) => Some((key, text)),
            _ => None,
        })
        .collect())
}

fn chosen(
    texts: &HashMap<TemplateKey, Arc<CustomText>>,
    message: &Message,
    client: Option<&Client>,
    settings: Option<&Settings>,
) -> Option<Arc<CustomText>> {
    let (locale, find) = (client?.locale.as_ref(), |key: &TemplateKey| texts.get(key));
    choose(find, message.kind, message.channel, locale, &settings?.locale).cloned()
}

fn readable(tenant: &TenantId, kind: &'static str, shape: i64, body: &str) -> Option<Record> {
    from_row(kind, shape, body)
        .inspect_err(|error| tracing::error!(%tenant, %error, "a message lacks what it needs"))
        .ok()
}

async fn set_aside(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
    now: Timestamp,
    error: &StoreError,
) -> Result<(), StoreError> {
    let (tenant, message): (&str, &str) = (row.try_get("tenant")?, row.try_get("message")?);
    tracing::error!(tenant, message, %error, "a message is set aside");
    sqlx::query(
        "UPDATE messages SET status = 'dead', lease = NULL, provider = 'bellhop', \
         reply = 'the stored message cannot be read', settled_ms = $3, \
         facts = iif(secret = 1, $4, facts) \
         WHERE tenant = $1 AND message = $2",
    )
    .bind(tenant)
    .bind(message)
    .bind(now.as_millisecond())
    .bind(purged()?)
    .execute(&mut *connection)
    .await?;
    Ok(())
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
        facts: facts(row.try_get("shape")?, row.try_get("facts")?)?,
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
