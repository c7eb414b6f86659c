//! Reading events in order, and remembering how far.

use super::Sqlite;
use super::rows::{Page, read_page};
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::event::StoredEvent;

impl Sqlite {
    /// See [`crate::store::Store::events_after`].
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let limit = limit.min(PAGE_MAX) as usize;
        let mut events: Vec<StoredEvent> = Vec::new();
        while events.len() < limit {
            let read = events.last().map_or(seq, |last| last.seq);
            let pages = self.event_pages(read, limit - events.len()).await?;
            if pages.is_empty() {
                break;
            }
            for page in &pages {
                events.extend(read_page(page)?.into_iter().filter(|event| event.seq > read));
            }
        }
        events.truncate(limit);
        Ok(events)
    }

    /// The pages that so many events behind this place are on, if none is missing; else some of
    /// them.
    async fn event_pages(&self, seq: i64, events: usize) -> Result<Vec<Page>, StoreError> {
        let pages = sqlx::query_as(
            "SELECT last_seq, events FROM event_pages WHERE last_seq > $1 ORDER BY last_seq \
             LIMIT 1 + (SELECT count(*) FROM event_pages \
             WHERE last_seq > $1 AND last_seq < $1 + $2)",
        )
        .bind(seq)
        .bind(i64::try_from(events).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        Ok(pages)
    }

    /// See [`crate::store::Store::cursor`].
    pub async fn cursor(&self, name: &str) -> Result<i64, StoreError> {
        let seq = sqlx::query_scalar("SELECT seq FROM cursors WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(seq.unwrap_or(0))
    }

    /// See [`crate::store::Store::set_cursor`].
    pub async fn set_cursor(&self, name: &str, seq: i64) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "INSERT INTO cursors (name, seq) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        )
        .bind(name)
        .bind(seq)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(())
    }
}
