//! What waits, for those who look ahead. Every look is one into an index, and bounded.

use jiff::Timestamp;

use super::backend::{Backend, Db};
use super::fair::SCAN_MAX;
use super::fields::Fields;
use super::question::Question;
use super::stored::{MESSAGE_COLUMNS, stored_message};
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::error::StoreError;
use crate::store::queue::{Behind, OpenMessage, Queued};
use crate::store::unit::StoredMessage;

/// How many of a tenant's are due in a lane before one, at most `$6`.
const BEFORE: &str = "SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'ready' \
    AND channel = $1 AND lane = $2 AND tenant = $3 AND (due_ms, message) < ($4, $5) LIMIT $6) AS before";

/// Of each tenant, at most `$4` of them, how many are due in a lane, at most `$5`.
const OF_EACH: &str = "WITH RECURSIVE next(tenant, n) AS ( \
        SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' AND channel = $1 \
            AND lane = $2), 1 \
        UNION ALL SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' \
            AND channel = $1 AND lane = $2 AND tenant > next.tenant), n + 1 \
        FROM next WHERE tenant IS NOT NULL AND n < $4) \
    SELECT tenant, (SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'ready' \
        AND channel = $1 AND lane = $2 AND messages.tenant = next.tenant AND due_ms <= $3 \
        LIMIT $5) AS due) FROM next WHERE tenant IS NOT NULL";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::open_message`].
    pub async fn open_message(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<OpenMessage>, StoreError> {
        let row = Question::new(format!(
            "SELECT {MESSAGE_COLUMNS}, status FROM messages WHERE message = $1 AND tenant = $2 \
             AND status IN ('ready', 'sending')",
        ))
        .bind(message)
        .bind(tenant)
        .optional(&self.db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let status = match row.get::<String>("status")?.as_str() {
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
        let (channel, lane) = (message.channel, message.kind.lane());
        let of_tenant: u32 = Question::new(BEFORE)
            .bind(channel)
            .bind(lane)
            .bind(&stored.tenant)
            .bind(message.due)
            .bind(message.id)
            .bind(most)
            .one(&self.db)
            .await?
            .get(0)?;
        let rows = Question::new(OF_EACH)
            .bind(channel)
            .bind(lane)
            .bind(now)
            .bind(SCAN_MAX)
            .bind(of_tenant + 1)
            .all(&self.db)
            .await?;
        let mut others = Vec::with_capacity(rows.len());
        for row in &rows {
            // What a newer version wrote is not ours to send.
            if let Ok(tenant) = TenantId::parse(&row.get::<String>(0)?) {
                others.push((tenant, row.get::<u32>(1)? as usize));
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
        let rows = Question::new(
            "SELECT tenant, deadline_ms FROM messages WHERE status = 'ready' AND channel = $1 \
             AND lane = $2 AND due_ms <= $3 ORDER BY due_ms LIMIT $4",
        )
        .bind(channel)
        .bind(lane)
        .bind(now)
        .bind(limit)
        .all(&self.db)
        .await?;
        let mut queued = Vec::with_capacity(rows.len());
        for row in &rows {
            let Ok(tenant) = TenantId::parse(&row.get::<String>(0)?) else { continue };
            queued.push(Queued { tenant, deadline: row.get(1)? });
        }
        Ok(queued)
    }
}
