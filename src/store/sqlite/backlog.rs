//! How much waits, and how much was given up.

use jiff::Timestamp;
use sqlx::Row as _;

use super::Sqlite;
use super::rows::SEQ_BITS;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::store::error::StoreError;
use crate::store::record::instant;
use crate::store::view::{Backlog, Unread, Waiting};

impl Sqlite {
    /// See [`crate::store::Store::backlog`].
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        let waiting = sqlx::query(
            "SELECT channel, kind, provider, count(*), min(coalesce(first_due_ms, due_ms)) \
             FROM messages WHERE status IN ('ready', 'sending') AND superseded = 0 \
             AND coalesce(first_due_ms, due_ms) <= $1 \
             GROUP BY channel, kind, provider",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.readers)
        .await?;
        for row in &waiting {
            // What a newer version wrote is not ours to send.
            let (channel, kind) = (Channel::parse(row.try_get(0)?), Kind::parse(row.try_get(1)?));
            let (Some(channel), Some(kind)) = (channel, kind) else { continue };
            let provider: Option<String> = row.try_get(2)?;
            backlog.waiting.push(Waiting {
                channel,
                kind,
                provider: provider.filter(|provider| !provider.is_empty()),
                messages: u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0),
                first_due: instant(row.try_get(4)?)?,
            });
        }
        let given_up = sqlx::query(
            "SELECT status, count(*) FROM messages WHERE status IN ('dead', 'unknown') \
             GROUP BY status \
             UNION ALL SELECT 'unreadable', count(*) FROM messages WHERE status = 'unreadable' \
             UNION ALL SELECT 'laid aside', count(*) FROM laid_aside \
             UNION ALL SELECT 'timers', count(*) FROM timers WHERE unreadable = 1",
        )
        .fetch_all(&self.readers)
        .await?;
        for row in &given_up {
            let count = u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0);
            match row.try_get(0)? {
                "dead" => backlog.dead = count,
                "unreadable" | "laid aside" => backlog.unreadable += count,
                "timers" => backlog.unreadable_timers = count,
                _ => backlog.unknown = count,
            }
        }
        Ok(backlog)
    }

    /// See [`crate::store::Store::unread_events`].
    pub async fn unread_events(&self, reader: &str) -> Result<Unread, StoreError> {
        let row = sqlx::query(
            "SELECT sum(last_seq - read), min((SELECT at_ms FROM event_pages \
             WHERE last_place > (part << $2) + read AND last_place <= (part << $2) + last_seq \
             ORDER BY last_place LIMIT 1)) \
             FROM (SELECT partitions.part AS part, last_seq, coalesce(seq, 0) AS read \
             FROM partitions LEFT JOIN cursors \
             ON cursors.name = $1 AND cursors.part = partitions.part)",
        )
        .bind(reader)
        .bind(SEQ_BITS)
        .fetch_one(&self.readers)
        .await?;
        let events: Option<i64> = row.try_get(0)?;
        let events = u64::try_from(events.unwrap_or(0)).unwrap_or(0);
        let since: Option<i64> = row.try_get(1)?;
        Ok(Unread { events, since: since.map(instant).transpose()? })
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
}
