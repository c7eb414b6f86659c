//! How much waits, and how much was given up.

use jiff::Timestamp;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::rows::SEQ_MAX;
use crate::domain::channel::Channel;
use crate::domain::kind::{Kind, Lane};
use crate::store::error::StoreError;
use crate::store::view::{Backlog, Late, Unread, Waiting};

/// Whose messages of a lane wait, tenant by tenant in the index of what has not ended.
const LATE: &str = "SELECT tenant, count(*), min(coalesce(first_due_ms, due_ms)) AS since \
    FROM messages WHERE status IN ('ready', 'sending') AND NOT superseded AND lane = $1 \
    AND coalesce(first_due_ms, due_ms) <= $2 \
    GROUP BY tenant ORDER BY since, tenant LIMIT $3";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::backlog`].
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        let waiting = Question::new(
            "SELECT channel, kind, provider, count(*), min(coalesce(first_due_ms, due_ms)) \
             FROM messages WHERE status IN ('ready', 'sending') AND NOT superseded \
             AND coalesce(first_due_ms, due_ms) <= $1 \
             GROUP BY channel, kind, provider",
        )
        .bind(now)
        .all(&self.db)
        .await?;
        for row in &waiting {
            // What a newer version wrote is not ours to send.
            let (channel, kind) =
                (Channel::parse(&row.get::<String>(0)?), Kind::parse(&row.get::<String>(1)?));
            let (Some(channel), Some(kind)) = (channel, kind) else { continue };
            let provider: Option<String> = row.get(2)?;
            backlog.waiting.push(Waiting {
                channel,
                kind,
                provider: provider.filter(|provider| !provider.is_empty()),
                messages: row.get(3)?,
                first_due: row.get(4)?,
            });
        }
        let given_up = Question::new(
            "SELECT status, count(*) FROM messages WHERE status IN ('dead', 'unknown') \
             GROUP BY status \
             UNION ALL SELECT 'unreadable', count(*) FROM messages WHERE status = 'unreadable' \
             UNION ALL SELECT 'laid aside', count(*) FROM laid_aside \
             UNION ALL SELECT 'timers', count(*) FROM timers WHERE unreadable = 1",
        )
        .all(&self.db)
        .await?;
        for row in &given_up {
            let count: u64 = row.get(1)?;
            match row.get::<String>(0)?.as_str() {
                "dead" => backlog.dead = count,
                "unreadable" | "laid aside" => backlog.unreadable += count,
                "timers" => backlog.unreadable_timers = count,
                _ => backlog.unknown = count,
            }
        }
        Ok(backlog)
    }

    /// See [`crate::store::Store::late`].
    pub async fn late(
        &self,
        lane: Lane,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Late>, StoreError> {
        let rows = Question::new(LATE).bind(lane).bind(since).bind(limit).all(&self.db).await?;
        let mut late = Vec::with_capacity(rows.len());
        for row in &rows {
            let (tenant, messages) = (row.get(0)?, row.get(1)?);
            late.push(Late { tenant, messages, first_due: row.get(2)? });
        }
        Ok(late)
    }

    /// See [`crate::store::Store::unread_events`].
    pub async fn unread_events(&self, reader: &str) -> Result<Unread, StoreError> {
        let row = Question::new(
            "SELECT CAST(sum(last_seq - read) AS bigint), min((SELECT at_ms FROM event_pages \
             WHERE last_place > part * $2 + read AND last_place <= part * $2 + last_seq \
             ORDER BY last_place LIMIT 1)) \
             FROM (SELECT partitions.part AS part, last_seq, coalesce(seq, 0) AS read \
             FROM partitions LEFT JOIN cursors \
             ON cursors.name = $1 AND cursors.part = partitions.part) AS behind",
        )
        .bind(reader)
        .bind(SEQ_MAX + 1)
        .one(&self.db)
        .await?;
        let events: Option<i64> = row.get(0)?;
        let events = u64::try_from(events.unwrap_or(0)).unwrap_or(0);
        Ok(Unread { events, since: row.get(1)? })
    }

    /// See [`crate::store::Store::count_open`].
    pub async fn count_open(&self) -> Result<u64, StoreError> {
        let open = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
        Question::new(open).one(&self.db).await?.get(0)
    }
}
