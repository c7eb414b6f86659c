//! What waits, for those who look ahead. Every look is one into an index, and bounded.

use jiff::Timestamp;
use sqlx::Row as _;

use super::Sqlite;
use super::claim::stored_message;
use super::fair::SCAN_MAX;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::error::StoreError;
use crate::store::queue::{Behind, OpenMessage, Queued};
use crate::store::record::instant;
use crate::store::unit::StoredMessage;

/// How many of a tenant's are due in a lane before one, at most `$6`.
const BEFORE: &str = "SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'ready' \
    AND channel = $1 AND lane = $2 AND tenant = $3 AND (due_ms, message) < ($4, $5) LIMIT $6)";

/// Of each tenant, at most `$4` of them, how many are due in a lane, at most `$5`.
const OF_EACH: &str = "WITH RECURSIVE next(tenant, n) AS ( \
        SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' AND channel = $1 \
            AND lane = $2), 1 \
        UNION ALL SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' \
            AND channel = $1 AND lane = $2 AND tenant > next.tenant), n + 1 \
        FROM next WHERE tenant IS NOT NULL AND n < $4) \
    SELECT tenant, (SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'ready' \
        AND channel = $1 AND lane = $2 AND messages.tenant = next.tenant AND due_ms <= $3 \
        LIMIT $5)) FROM next WHERE tenant IS NOT NULL";

impl Sqlite {
    /// See [`crate::store::Store::open_message`].
    pub async fn open_message(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<OpenMessage>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM messages WHERE message = $1 AND tenant = $2 \
             AND status IN ('ready', 'sending')",
        )
        .bind(message.to_string())
        .bind(tenant.as_str())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let status = match row.try_get::<&str, _>("status")? {
            "ready" => MessageStatus::Ready,
            _ => MessageStatus::Sending,
        };
        Ok(Some(OpenMessage { stored: stored_message(&row)?, status }))
    }

    /// See [`crate::store::Store::behind`].
    pub async fn behind(
        &self,
        stored: &StoredMessage,
        now: Timestamp,
        most: u32,
    ) -> Result<Behind, StoreError> {
        let message = &stored.message;
        let (channel, lane) = (message.channel.as_str(), message.kind.lane().as_str());
        let of_tenant: u32 = sqlx::query_scalar(BEFORE)
            .bind(channel)
            .bind(lane)
            .bind(stored.tenant.as_str())
            .bind(message.due.as_millisecond())
            .bind(message.id.to_string())
            .bind(most)
            .fetch_one(&self.readers)
            .await?;
        let rows = sqlx::query(OF_EACH)
            .bind(channel)
            .bind(lane)
            .bind(now.as_millisecond())
            .bind(i64::try_from(SCAN_MAX).unwrap_or(i64::MAX))
            .bind(of_tenant + 1)
            .fetch_all(&self.readers)
            .await?;
        let mut others = Vec::with_capacity(rows.len());
        for row in &rows {
            // What a newer version wrote is not ours to send.
            if let Ok(tenant) = TenantId::parse(row.try_get(0)?) {
                others.push((tenant, row.try_get::<u32, _>(1)? as usize));
            }
        }
        Ok(Behind { of_tenant: of_tenant as usize, others })
    }

    /// See [`crate::store::Store::queued`].
    pub async fn queued(
        &self,
        channel: Channel,
        lane: Lane,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Queued>, StoreError> {
        let rows = sqlx::query(
            "SELECT tenant, deadline_ms FROM messages WHERE status = 'ready' AND channel = $1 \
             AND lane = $2 AND due_ms <= $3 ORDER BY due_ms LIMIT $4",
        )
        .bind(channel.as_str())
        .bind(lane.as_str())
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let mut queued = Vec::with_capacity(rows.len());
        for row in &rows {
            let Ok(tenant) = TenantId::parse(row.try_get(0)?) else { continue };
            let deadline: Option<i64> = row.try_get(1)?;
            queued.push(Queued { tenant, deadline: deadline.map(instant).transpose()? });
        }
        Ok(queued)
    }
}
